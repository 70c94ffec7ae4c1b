/** Intents: the kind of act that words speak of, so that "pay the bill" is seen to ask for `send_money`. */
import { stem } from './words.ts';

export type Intent = 'communicate' | 'pay' | 'visit' | 'create' | 'delete' | 'modify' | 'admit' | 'read' | 'execute';

const WORDS: Record<Intent, string> = {
  communicate:
    'send email mail message forward reply notify tell inform write dm post tweet announce contact ask respond remind text publish repost sms gmail answer report',
  pay: 'pay transfer wire refund deposit purchase buy donate transaction payment money order iban bank spend checkout tip invest trade sell bill rent',
  visit: 'visit open browse navigate go click webpage website url link http web page site browser',
  create:
    'create add schedule book make new append insert write save register generate draft compose prepare plan upload post submit set order reserve put event',
  delete: 'delete remove erase cancel drop clear wipe discard uninstall terminate destroy empty kick',
  modify:
    'update change modify edit set adjust reset rename reschedule move correct fix replace increase decrease configure enable disable turn lock unlock complete mark manage',
  admit:
    'invite add share grant allow unlock permission permit access member participant authorize approve join register admit enable disarm',
  read: 'get read retrieve fetch show list search find check look view download summarize see count describe query review browse tell know analyze what which how lookup scan',
  execute:
    'run execute exec shell bash script command install compile test build deploy code sql query python terminal',
};

/** All kinds of act. */
export const ACTS = Object.keys(WORDS) as Intent[];

const BY_STEM = new Map<string, Intent[]>();
for (const [intent, words] of Object.entries(WORDS) as [Intent, string][]) {
  for (const word of words.split(' ')) {
    const key = stem(word);
    BY_STEM.set(key, [...(BY_STEM.get(key) ?? []), intent]);
  }
}

/** Kinds of act that a list of stems speaks of. */
export function intents(stems: Iterable<string>): Set<Intent> {
  const found = new Set<Intent>();
  for (const s of stems) for (const intent of BY_STEM.get(s) ?? []) found.add(intent);
  return found;
}

const DELEGATES =
  /\b(?:accordingly|according to|(?:specified|described|stated|listed|mentioned|given|outlined) (?:in|on|by)|details (?:in|from|on)|based on|as (?:described|stated|specified|listed)|instructions? (?:in|from|on|of)|do (?:all )?the (?:tasks?|actions?|things|steps)|(?:complete|follow|carry out) the)\b/;

/** True when a text, folded, points at a document to act on: "as described in the invoice". */
export function delegates(folded: string): boolean {
  return DELEGATES.test(folded);
}
