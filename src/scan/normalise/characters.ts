/**
 * Characters that look like others: compatibility forms (NFKC), letters of other scripts (Unicode's table of confusables), hidden
 * characters and stacked marks. What each character stands for is worked out when it is first met.
 */
import confusables from 'unhomoglyph/data.json' with { type: 'json' };

/** What to do with a character. */
export const PLAIN = 1;
/** Shown to nobody, and needed by no ordinary writing. */
export const HIDDEN = 2;
/** Shown to nobody, but ordinary: joiners, direction marks, byte-order mark, soft hyphen. */
export const JOINER = 3;
/** Written in another way: {@link rewritten} tells how. */
export const STYLED = 4;
/** A mark set above, below or through the letter before it. */
export const MARK = 5;
/** A letter outside ASCII that looks like one inside: {@link lookalike} tells which. */
export const LOOKALIKE = 6;

const ORDINARY = new Set([0x00ad, 0x200c, 0x200d, 0x200e, 0x200f, 0xfeff, 0xfe0e, 0xfe0f]);
/** Format characters, variation selectors, and fillers that have no shape. */
const FORMAT = /^(?:\p{Cf}|\p{Variation_Selector}|\p{Default_Ignorable_Code_Point})$/u;
const COMBINING = /^(?:\p{Mn}|\p{Me})$/u;
/** Marks of no script of their own; those of a script are parts of its letters. */
const INHERITED = /^\p{Script=Inherited}$/u;
const UPPER = /^\p{Lu}/u;
const ASCII_LETTER = /^[A-Za-z0-9]{1,2}$/;

const low = new Uint8Array(0x10000);
const high = new Map<number, number>();

/** Class of a code point. */
export function classOf(code: number): number {
  const known = code < 0x10000 ? (low[code] as number) : (high.get(code) ?? 0);
  if (known !== 0) return known;
  const found = classify(code);
  if (code < 0x10000) low[code] = found;
  else high.set(code, found);
  return found;
}

function classify(code: number): number {
  if (code < 0x80 || (code >= 0xd800 && code <= 0xdfff)) return PLAIN;
  const character = String.fromCodePoint(code);
  if (FORMAT.test(character)) return ORDINARY.has(code) ? JOINER : HIDDEN;
  if (COMBINING.test(character) && INHERITED.test(character)) return MARK;
  if (rewritten(character) !== character) return STYLED;
  return lookalike(character) === undefined ? PLAIN : LOOKALIKE;
}

/** The character in its ordinary form: `ｉ` gives `i`, `𝖎` gives `i`, `ﬁ` gives `fi`. */
export function rewritten(character: string): string {
  return character.normalize('NFKC');
}

/** The ASCII letter or digit that a letter looks like; undefined for none. */
export function lookalike(character: string): string | undefined {
  const target = (confusables as Record<string, string>)[character];
  if (target === undefined || !ASCII_LETTER.test(target)) return undefined;
  // The table folds a capital I and a small L into one.
  return target === 'l' && UPPER.test(character) ? 'I' : target;
}
