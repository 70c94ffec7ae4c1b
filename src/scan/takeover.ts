/** Texts that try to take their reader over. */
import { Heads, matchAt } from './heads.ts';

/** Words of someone who tries to take an agent over. One of these anywhere in a text makes each order in it weigh more. */
const TAKEOVER =
  /\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,40}\b(?:previous|prior|above|earlier|all|any|your|other|system)\b[^.\n]{0,40}\b(?:instruction|prompt|rule|task|direction|guideline|command|message|request|polic)|\b(?:new|updated|real|actual|hidden|additional|following) (?:system )?(?:instruction|directive|order|task|objective)s?\b|\bbefore (?:you|i) can (?:solve|do|complete|finish|continue|proceed)|\b(?:do not|don't|never|without) (?:tell|inform|mention|notify|ask|alert|telling|informing|asking|notifying|alerting|mentioning)\b|<\/?(?:information|system|instructions?|inst|important|admin|user)>|\b(?:important message|message) from me,/iuy;
/** How it begins. */
const HEADS = new Heads(['ign|dis|for|ove|byp|new|upd|rea|act|hid|add|fol|bef|do |don|nev|wit|imp|mes']);
const TAG = /<\/?(?:information|system|instructions?|inst|important|admin|user)>/iu;
/** The pattern as a search, for texts whose letters are not what they look like. */
const ANYWHERE = new RegExp(TAKEOVER.source, 'iu');

/** True when the text tries to take the reader over, whatever else it says. */
export function takesOver(text: string): boolean {
  let found = false;
  const searched = HEADS.each(text, (place) => {
    found = matchAt(TAKEOVER, text, place) >= 0;
    return !found;
  });
  if (!searched) return ANYWHERE.test(text);
  return found || (text.includes('<') && TAG.test(text));
}
