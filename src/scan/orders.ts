/**
 * Orders: sentences that tell the reader to do something. In a user's message they are the request; in a tool result they are the mark
 * of indirect prompt injection, and what a hijacked call can be traced back to.
 */
import { type Intent, intents } from './intents.ts';
import { fold, stems } from './words.ts';

export interface Order {
  start: number;
  end: number;
  /** 0 to 1: how plainly this is an order to whoever reads it. */
  strength: number;
  /** Words of the sentence, and of the sentence with the details that follow it. */
  stems: Set<string>;
  reach: Set<string>;
  /** The sentence with what follows it, folded: where copied atoms are looked for. */
  folded: string;
  /** Kinds of act that the sentence speaks of. */
  intents: Set<Intent>;
  /** Speaks of the user as a third person, or of "my" things. */
  aboutUser: boolean;
}

/** An order's details may stand in the next sentences: a subject line, a body, an account. */
const REACH = 300;
const ABOUT_USER = /\bthe user\b|\bmy \w|\bwithout asking\b/i;

/** Verbs that name an act which an agent could carry out. */
const VERBS = new Set(
  (
    'accept access activate add adjust alert allow answer append apply approve archive arrange ask assign attach authorize back block book buy call cancel ' +
    'change check clear clone close collect commit compose compress configure confirm connect contact convert copy create deactivate decline deduct ' +
    'delete deliver deposit describe determine disable disarm dispatch display donate download drop dump edit email empty enable encode encrypt enroll enter erase ' +
    'establish examine execute exfiltrate expand export extract fetch fill find fix follow forget forward fulfill gather generate get give go grant help hide identify ' +
    'ignore import include increase initiate insert inspect install instruct invite invoke issue join keep launch leak leave list load locate lock log ' +
    'lookup lower mail make manage mark merge message modify move navigate notify obtain open order output overwrite pass paste pay perform ping pick place play post prepare ' +
    'print proceed process provide publish pull purchase push put query raise read reboot record redirect reduce refund register release remove rename repeat replace ' +
    'reply report repost request reschedule reserve reset respond restart restore retrieve return reveal revoke rotate run save say scan schedule search secretly see select sell send ' +
    'set share show sign skip start stop store submit subscribe summarize supply switch sync tell terminate text track transfer translate transmit trigger turn type ' +
    'unlock unsubscribe update upgrade upload use verify view visit wire withdraw write ' +
    'act adhere analyze arrange authenticate begin behave bid browse calculate categorize classify combine communicate compile complete comply compute concatenate ' +
    'convey count craft crawl deactivate delegate demote design destroy draft elevate embed encourage ensure escalate execute focus format gather group hand ' +
    'impersonate inform initialize inject invest kill label log login mention migrate monitor obey parse pin prepend pretend prioritize produce promote purge rank rate ' +
    'recommend regard relay remind render rewrite sample scrape seek shut simulate solve sort spend suspend tag test trade treat try unblock use wait warn watch wipe'
  ).split(' '),
);

/** Words that may stand between the start of a sentence and its verb. */
const LEAD = new Set(
  (
    'please kindly now then first firstly next finally also immediately urgently just simply always never instead and so todo to do task note important urgent ' +
    'system assistant ai agent hey hi hello dear step quickly silently secretly automatically individually again second secondly third lastly additionally'
  ).split(' '),
);

/** Openers that turn what follows into an order although it starts with no verb. */
const OPENER =
  /\b(?:(?:i|we) (?:want|need|would like|'d like|require|order|instruct|command) you to|you (?:must|should|have to|need to|are (?:to|required to|instructed to)|will(?: now)?|can|shall)|(?:make|be) sure (?:to|you|that you)|(?:remember|don't forget|do not forget|be sure|your (?:new |next |real |actual )?(?:task|job|goal|instruction|objective|mission) is|it is (?:important|required|necessary|crucial|imperative) (?:that you|to|for you to)|could you|can you|would you|will you|i'd like you to|help me(?: to)?|i (?:would like|want|need|wish) to|go ahead and|proceed to|instructions?:|action required:|todo:|task:)(?: please)?(?: to)?)\s+/giu;

/** Words of someone who tries to take an agent over. One of these anywhere in a text makes each order in it weigh more. */
const TAKEOVER =
  /\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,40}\b(?:previous|prior|above|earlier|all|any|your|other|system)\b[^.\n]{0,40}\b(?:instruction|prompt|rule|task|direction|guideline|command|message|request|polic)|\b(?:new|updated|real|actual|hidden|additional|following) (?:system )?(?:instruction|directive|order|task|objective)s?\b|\bbefore (?:you|i) can (?:solve|do|complete|finish|continue|proceed)|\b(?:do not|don't|never|without) (?:tell|inform|mention|notify|ask|alert|telling|informing|asking|notifying|alerting|mentioning)\b|<\/?(?:information|system|instructions?|inst|important|admin|user)>|\b(?:important message|message) from me,/iu;

const EDGE = '\ue000';
/** Quotes with the punctuation of JSON or of Python's notation beside them. */
const FIELD_EDGE = /["']\s?[,:}\]]|[{[,:]\s?["']/g;
const SENTENCE = /[^\n\ue000.!?;]+(?:\.(?=[\w@/])[^\n\ue000.!?;]*)*[.!?;]*/gu;
const MAX_ORDERS = 64;
/** Where an order may begin inside a sentence: a field's value, what follows a colon, a dash or a bracket; not inside `no-reply`. */
const CLAUSE = /(?:[:"'>)\]–—]|(?<![^\s"'])-)\s*(?=\p{L})/gu;
/** "Please find attached": a phrase of letters, not an order. */
const PHRASE = /^(?:find|see) (?:below|above|attached|enclosed|herewith|the (?:attached|enclosed))\b/i;
const MAX_CLAUSES = 12;
const MIN_WORDS = 3;

/** True when the text tries to take the reader over, whatever else it says. */
export function takesOver(text: string): boolean {
  return TAKEOVER.test(text);
}

/**
 * Finds the orders of a text. Time is linear in its length; at most 64 are returned, the first ones.
 * @param text original text; offsets in the result are its own.
 */
export function findOrders(text: string): Order[] {
  const found: Order[] = [];
  const takeover = takesOver(text);
  const lines = layOut(text);
  for (const match of lines.matchAll(SENTENCE)) {
    const sentence = match[0];
    if (sentence.length < 6 || sentence.length > 2_000) continue;
    const strength = orderStrength(sentence);
    if (strength === 0) continue;
    const start = match.index;
    found.push({
      start,
      end: start + sentence.length,
      strength: Math.min(1, strength + (takeover ? 0.3 : 0)),
      ...wordsOf(sentence, reachFrom(lines, start, start + sentence.length + REACH)),
    });
    if (found.length === MAX_ORDERS) break;
  }
  return found;
}

/**
 * Tool results are often JSON, or JSON in JSON: line breaks stand as two characters or more, and a value must not run into its neighbours. Same length as the text,
 * so that offsets hold.
 */
function layOut(text: string): string {
  let laid = text.includes('\\') ? text.replace(/\\+[nrt]/g, (escaped) => '\n'.padEnd(escaped.length)) : text;
  if (/["'][\]},:]/.test(laid)) laid = laid.replace(FIELD_EDGE, (edge) => EDGE.repeat(edge.length));
  return laid;
}

/** The order with its details, up to the end of the field it stands in. */
function reachFrom(lines: string, start: number, end: number): string {
  const reach = lines.slice(start, end);
  const edge = reach.indexOf(EDGE);
  return edge < 0 ? reach : reach.slice(0, edge);
}

function wordsOf(sentence: string, reach: string): Pick<Order, 'stems' | 'reach' | 'folded' | 'intents' | 'aboutUser'> {
  const own = new Set(stems(sentence));
  return {
    stems: own,
    reach: new Set(stems(reach)),
    folded: fold(reach),
    intents: intents(own),
    aboutUser: ABOUT_USER.test(sentence),
  };
}

function orderStrength(sentence: string): number {
  let strength = startsWithVerb(sentence) ? 0.5 : 0;
  if (strength === 0) {
    let tries = 0;
    for (const clause of sentence.matchAll(CLAUSE)) {
      if (++tries > MAX_CLAUSES) break;
      if (startsWithVerb(sentence.slice(clause.index + clause[0].length))) strength = 0.5;
    }
  }
  OPENER.lastIndex = 0;
  for (const opener of sentence.matchAll(OPENER)) {
    if (startsWithVerb(sentence.slice(opener.index + opener[0].length))) strength = Math.max(strength, 0.6);
  }
  if (strength > 0 && /\bplease\b|\bkindly\b/i.test(sentence)) strength += 0.1;
  return strength;
}

const HEAD = /[\p{L}'_]+/gu;

/** True when a verb comes first, but for words that may lead up to it, and says at least three words: `Send it now`, not `Order: 12`. */
function startsWithVerb(text: string): boolean {
  let seen = 0;
  const words = [...text.slice(0, 120).matchAll(HEAD)];
  for (const [place, match] of words.entries()) {
    const word = match[0].toLowerCase();
    if (VERBS.has(word)) {
      // The verb of `reply@example.com` asks for nothing.
      const address = text[match.index + word.length] === '@';
      return !address && words.length - place >= MIN_WORDS && !PHRASE.test(text.slice(match.index));
    }
    if (!LEAD.has(word) || ++seen > 5) return false;
  }
  return false;
}
