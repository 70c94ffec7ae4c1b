/** Words of a text as stems: what "did the user ask for this?" and "does this order explain the call?" are counted in. */

/** Words that carry no intent of their own. */
const STOP = new Set(
  (
    'a an and are as at be been being but by can could did do does for from had has have he her here hers him his how i if in into is it its ' +
    'just like may me might more most my no not of on or our ours out over own shall she should so some such than that the their them then ' +
    'there these they this those to too up us very was we were what when where which who whom whose why will with would you your yours ' +
    'please also any all each every other about after before again once only same both few here now let get'
  ).split(' '),
);

const WORD = /[\p{L}\p{N}]+/gu;
const CAMEL = /([\p{Ll}\p{N}])(\p{Lu})/gu;

/** A light English stemmer: enough to match `files`/`file`, `sending`/`send`, `updated`/`update`. Other languages pass unchanged. */
export function stem(word: string): string {
  let w = word;
  if (w.length > 4 && w.endsWith('ies')) w = `${w.slice(0, -3)}y`;
  else if (w.length > 4 && w.endsWith('sses')) w = w.slice(0, -2);
  else if (w.length > 3 && w.endsWith('s') && !w.endsWith('ss') && !w.endsWith('us')) w = w.slice(0, -1);
  if (w.length > 5 && w.endsWith('ing')) w = undouble(w.slice(0, -3));
  else if (w.length > 4 && w.endsWith('ed')) w = undouble(w.slice(0, -2));
  if (w.length > 4 && w.endsWith('e')) w = w.slice(0, -1);
  return w;
}

function undouble(w: string): string {
  const last = w.at(-1);
  return last && last === w.at(-2) && !'lsz'.includes(last) ? w.slice(0, -1) : w;
}

/** True for a word, in lower case, that carries no intent of its own. */
export function isStop(word: string): boolean {
  return STOP.has(word);
}

/** Stems of all words that carry intent, in order; identifiers are split at camel case, underscores and digits' borders. */
export function stems(text: string): string[] {
  return [...wordsOf(text)].filter((word) => !STOP.has(word)).map(stem);
}

/** Where an acronym ends and a word begins: `FHIRManage`. */
const ACRONYM = /(\p{Lu})(?=\p{Lu}\p{Ll})/gu;

/** Stems of all words, also of those that carry no intent in prose but do in a name: `get_balance`. */
export function nameStems(name: string): string[] {
  return [...wordsOf(name.replace(ACRONYM, '$1 '))].map(stem);
}

function* wordsOf(text: string): Generator<string> {
  for (const match of text.replace(CAMEL, '$1 $2').matchAll(WORD)) {
    const word = match[0].toLowerCase();
    if (word.length > 1 && word.length < 40) yield word;
  }
}

/** White space that is more than one space: single ones, which are nearly all, stay as they are. */
const UNEVEN = /[^\S ]\s*| \s+/g;

/** White space collapsed, lower case: how atoms and texts are compared. */
export function fold(text: string): string {
  return text.toLowerCase().replace(UNEVEN, ' ').trim();
}
