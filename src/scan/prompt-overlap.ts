/** How much of a system prompt an answer repeats: runs of words that both have. Facts for `prompt-leak`; no text leaves. */
import { SEED, step } from './classify-concepts.ts';
import { isWordUnit } from './classify-features.ts';
import { Units } from './units.ts';
import { WORD_SEED } from './word-table.ts';

/** Words in a row that two texts do not share by chance. */
const RUN = 8;
/** A system prompt's runs that are kept. */
const MAX_RUNS = 16_384;
const MAX_TEXT = 256 * 1024;
const BASE = 0x01000193;

/** Differs from run to run, so that nobody can prepare runs that meet in one slot. */
const SPREAD = Math.imul(WORD_SEED, 2) | 1;

/** Runs of a system prompt, as hashes: a set of numbers in a third of the memory and time of the language's own. */
export class Runs {
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #shift: number;
  #zero = false;
  #size = 0;

  /** @param capacity hashes that it is to hold. */
  constructor(capacity: number) {
    const bits = Math.ceil(Math.log2(2 * capacity + 2));
    this.#slots = new Int32Array(2 ** bits);
    this.#mask = 2 ** bits - 1;
    this.#shift = 32 - bits;
  }

  get size(): number {
    return this.#size;
  }

  has(hash: number): boolean {
    return hash === 0 ? this.#zero : this.#slots[this.#slotOf(hash)] === hash;
  }

  add(hash: number): void {
    if (this.has(hash)) return;
    this.#size++;
    if (hash === 0) this.#zero = true;
    else this.#slots[this.#slotOf(hash)] = hash;
  }

  /** Where a hash stands, or the empty slot where it would. */
  #slotOf(hash: number): number {
    let slot = Math.imul(hash, SPREAD) >>> this.#shift;
    while (this.#slots[slot] !== 0 && this.#slots[slot] !== hash) slot = (slot + 1) & this.#mask;
    return slot;
  }
}

const UNITS = new Units();
const IS_WORD = new Uint8Array(128);
for (let code = 0; code < 128; code++) IS_WORD[code] = isWordUnit(code) ? 1 : 0;

/** A shorter text has no eight words. */
export const LEAST_REPEATED = 2 * RUN - 1;

/** All runs of eight words of a text, the first 16,384. */
export function runsOf(text: string): Runs {
  const all = hashesOf(text.slice(0, MAX_TEXT));
  const runs = new Runs(Math.min(all.length, MAX_RUNS));
  for (let i = 0; i < all.length && runs.size < MAX_RUNS; i++) runs.add(all[i] as number);
  return runs;
}

/** Words of the answer that stand in a run which the system prompt has too; 0 when there is none. */
export function repeatedWords(answer: string, runs: Runs): number {
  const all = hashesOf(answer.slice(0, MAX_TEXT));
  let words = 0;
  let last = -RUN;
  for (let i = 0; i < all.length; i++) {
    if (!runs.has(all[i] as number)) continue;
    words += Math.min(RUN, i - last);
    last = i;
  }
  return words;
}

let hashes = new Int32Array(1024);

/** The hash of each run in order, one for each word from the eighth on. Case and punctuation do not matter. Valid until the next call. */
function hashesOf(text: string): Int32Array {
  const lower = text.toLowerCase();
  const units = UNITS.of(lower);
  const length = lower.length;
  const words = new Int32Array(RUN);
  let count = 0;
  let hash = SEED;
  let letters = 0;
  for (let i = 0; i <= length; i++) {
    const unit = i < length ? (units[i] as number) : 0x20;
    if (unit < 128 ? IS_WORD[unit] === 1 : isWordUnit(unit)) {
      hash = step(hash, unit);
      letters++;
      continue;
    }
    if (letters === 0) continue;
    words[count++ & (RUN - 1)] = hash;
    hash = SEED;
    letters = 0;
    if (count < RUN) continue;
    let run = SEED;
    for (let k = 0; k < RUN; k++) run = Math.imul(run, BASE) ^ (words[(count + k) & (RUN - 1)] as number);
    if (count - RUN === hashes.length) {
      const grown = new Int32Array(2 * hashes.length);
      grown.set(hashes);
      hashes = grown;
    }
    hashes[count - RUN] = run;
  }
  return hashes.subarray(0, Math.max(0, count - RUN + 1));
}
