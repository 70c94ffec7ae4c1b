/** Verbs that a sentence may begin with when it tells its reader to act, and the words that may lead up to them. */
import { WORD_SEED, WordTable, withUnit } from './word-table.ts';

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

/** "Please find attached": a phrase of letters, not an order. */
const PHRASE = /^(?:find|see) (?:below|above|attached|enclosed|herewith|the (?:attached|enclosed))\b/i;
/** Longer than the longest such phrase with the character behind it. */
const PHRASE_END = 24;
const MIN_WORDS = 3;
/** Characters in which the verb and its words must stand. */
const WINDOW = 120;
const MAX_LEAD = 5;

const NOTHING = 0;
const IS_VERB = 1;
const IS_LEAD = 2;
const OPENING = [...new Set([...VERBS, ...LEAD])];
const KINDS = OPENING.map((word) => (VERBS.has(word) ? IS_VERB : IS_LEAD));
const HEADS = new WordTable(OPENING.length, OPENING.length);
for (const word of OPENING) HEADS.add(word);

/** Letters, apostrophe and underscore of ASCII. */
function isHead(code: number): boolean {
  return ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) || code === 0x27 || code === 0x5f;
}

/**
 * True when a verb comes first, but for words that may lead up to it, and says at least three words: `Send it now`, not `Order: 12`.
 * Undefined where letters beyond ASCII have a say.
 */
export function startsWithVerb(units: Uint16Array, from: number, to: number): boolean | undefined {
  const end = Math.min(to, from + WINDOW);
  let lead = 0;
  for (let at = from; at < end; ) {
    const first = units[at] as number;
    if (first >= 128) return undefined;
    if (!isHead(first)) {
      at++;
      continue;
    }
    const start = at;
    let hash = WORD_SEED;
    let code = first;
    while (at < end && isHead(code)) {
      hash = withUnit(hash, code);
      at++;
      code = at < end ? (units[at] as number) : 0;
    }
    if (code >= 128) return undefined;
    const place = HEADS.find(units, start, at, hash);
    const kind = place < 0 ? NOTHING : (KINDS[place] as number);
    if (kind === IS_VERB) {
      // The verb of `reply@example.com` asks for nothing.
      if (at < to && units[at] === 0x40) return false;
      const words = countWords(units, at, end);
      if (words < 0) return undefined;
      return (
        words >= MIN_WORDS - 1 &&
        !PHRASE.test(String.fromCharCode(...units.subarray(start, Math.min(to, start + PHRASE_END))))
      );
    }
    if (kind === NOTHING || ++lead > MAX_LEAD) return false;
  }
  return false;
}

/** Words up to an end, at most two; -1 where letters beyond ASCII come first. */
function countWords(units: Uint16Array, from: number, end: number): number {
  let words = 0;
  let inside = false;
  for (let at = from; at < end && words < MIN_WORDS - 1; at++) {
    const code = units[at] as number;
    if (code >= 128) return -1;
    const head = isHead(code);
    if (head && !inside) words++;
    inside = head;
  }
  return words;
}

const HEAD = /[\p{L}'_]+/gu;

/** The same for letters of any alphabet. */
export function startsWithVerbIn(text: string): boolean {
  let seen = 0;
  const words = [...text.slice(0, WINDOW).matchAll(HEAD)];
  for (const [place, match] of words.entries()) {
    const word = match[0].toLowerCase();
    if (VERBS.has(word)) {
      const address = text[match.index + word.length] === '@';
      return !address && words.length - place >= MIN_WORDS && !PHRASE.test(text.slice(match.index));
    }
    if (!LEAD.has(word) || ++seen > MAX_LEAD) return false;
  }
  return false;
}
