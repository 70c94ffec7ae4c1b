/**
 * Where in a text one of several patterns could begin: at the start of a word that has the first letters of one of their heads. One pass over
 * the characters stands for a search with each pattern.
 */

import { Units } from './units.ts';

/** Letters of the first three characters' low five bits; capitals and small letters are the same there. */
const SIZE = 1 << 15;

const IN_WORD = new Uint8Array(128);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_')
  IN_WORD[character.charCodeAt(0)] = 1;
/** Letters outside ASCII that patterns with the flags `i` and `u` take for an s or a k. */
const FOLDS_TO_ASCII = /[\u017f\u212a]/;

/** True for ASCII letters, digits and `_`: what `\b` takes for a word. */
export function isWordCode(code: number): boolean {
  return code < 128 && IN_WORD[code] === 1;
}

const UNITS = new Units();

/** Which of up to 31 patterns, each with a bit, could begin with three characters. */
export class Heads {
  readonly #bits = new Int32Array(SIZE);

  /** @param heads for each pattern the beginnings of its matches: ASCII in small letters, a letter first. */
  constructor(heads: readonly string[]) {
    for (const [pattern, list] of heads.entries())
      for (const head of list === '' ? [] : list.split('|')) {
        const [first, second, third] = [0, 1, 2].map((i) => head.charCodeAt(i) & 31) as [number, number, number];
        const from = head.length < 2 ? 0 : second;
        const to = head.length < 2 ? 31 : second;
        for (let b = from; b <= to; b++)
          for (let c = head.length < 3 ? 0 : third; c <= (head.length < 3 ? 31 : third); c++) {
            const slot = (first << 10) | (b << 5) | c;
            this.#bits[slot] = (this.#bits[slot] as number) | (1 << pattern);
          }
      }
  }

  /** Bits of the patterns that could begin at a place where a word begins. */
  at(units: Uint16Array, place: number): number {
    const first = (units[place] as number) & 31;
    const second = (units[place + 1] as number) & 31;
    // Behind the end of a text stands anything: a pattern tried in vain.
    return this.#bits[(first << 10) | (second << 5) | ((units[place + 2] as number) & 31)] as number;
  }

  /**
   * Calls back for each place where a pattern could begin, in order, until told to stop by `false`.
   * @returns false when the text has letters that only a search with the pattern itself finds: then nothing was called.
   */
  each(text: string, visit: (place: number, bits: number) => boolean): boolean {
    if (FOLDS_TO_ASCII.test(text)) return false;
    const units = UNITS.of(text);
    const length = text.length;
    for (let i = 0; i < length; i++) {
      if (!isWordCode(units[i] as number)) continue;
      const bits = this.at(units, i);
      if (bits !== 0 && !visit(i, bits)) return true;
      do i++;
      while (i < length && isWordCode(units[i] as number));
    }
    return true;
  }
}

/** True when letters of the text are taken for ASCII ones by patterns with the flags `i` and `u`. */
export function foldsToAscii(text: string): boolean {
  return FOLDS_TO_ASCII.test(text);
}

/**
 * The end of a pattern's match that begins at a place, or -1.
 * @param sticky the pattern with the flag `y`
 */
export function matchAt(sticky: RegExp, text: string, place: number): number {
  sticky.lastIndex = place;
  return sticky.test(text) ? sticky.lastIndex : -1;
}
