/**
 * Words by their letters, looked up where they stand in a text: no part of the text is cut out, and the look-up compares exactly. What a
 * program does for every word of every text must not make a string of it.
 */
import { randomInt } from 'node:crypto';

/** Differs from run to run, so that nobody can prepare words that meet in one place. */
export const WORD_SEED = randomInt(0x7fffffff);
const PRIME = 0x01000193;
const PROBES = 16;

/** The hash of a word, one unit after the other, beginning with {@link WORD_SEED}. Capitals count as small letters. */
export function withUnit(hash: number, unit: number): number {
  return Math.imul(hash ^ (unit | 0x20), PRIME);
}

/** Words of ASCII letters, digits and apostrophes in lower case, numbered from 0. */
export class WordTable {
  readonly #hashes: Int32Array;
  /** Number of the word in a place plus one; 0 in an empty place. */
  readonly #places: Int32Array;
  readonly #mask: number;
  readonly #words: string[] = [];
  readonly #probes: number;

  /**
   * @param capacity words that it is to hold
   * @param probes places tried for one word, beyond which it counts as unknown; default 16
   */
  constructor(capacity: number, probes = PROBES) {
    this.#probes = probes;
    const size = 2 ** Math.ceil(Math.log2(capacity * 2));
    this.#hashes = new Int32Array(size);
    this.#places = new Int32Array(size);
    this.#mask = size - 1;
  }

  get size(): number {
    return this.#words.length;
  }

  /** The number of the word that stands in a text, or -1. Capitals count as small letters. */
  find(units: Uint16Array, from: number, to: number, hash: number): number {
    let slot = spread(hash) & this.#mask;
    for (let probe = 0; probe < this.#probes; probe++) {
      const place = this.#places[slot] as number;
      if (place === 0) return -1;
      if (this.#hashes[slot] === hash && same(this.#words[place - 1] as string, units, from, to)) return place - 1;
      slot = (slot + 1) & this.#mask;
    }
    return -1;
  }

  /** Puts a word in that is not yet there. Returns its number; -1 where no place is near. */
  add(word: string): number {
    let hash = WORD_SEED;
    for (let i = 0; i < word.length; i++) hash = withUnit(hash, word.charCodeAt(i));
    let slot = spread(hash) & this.#mask;
    for (let probe = 0; probe < this.#probes; probe++) {
      if (this.#places[slot] === 0) {
        this.#hashes[slot] = hash;
        this.#places[slot] = this.#words.push(word);
        return this.#words.length - 1;
      }
      slot = (slot + 1) & this.#mask;
    }
    return -1;
  }

  clear(): void {
    this.#places.fill(0);
    this.#words.length = 0;
  }
}

function spread(hash: number): number {
  return hash ^ (hash >>> 15);
}

function same(word: string, units: Uint16Array, from: number, to: number): boolean {
  if (word.length !== to - from) return false;
  for (let i = 0; i < word.length; i++) if (word.charCodeAt(i) !== ((units[from + i] as number) | 0x20)) return false;
  return true;
}
