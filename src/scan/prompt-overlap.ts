/** How much of a system prompt an answer repeats: runs of words that both have. Facts for `prompt-leak`; no text leaves. */
import { SEED, step } from './classify-concepts.ts';
import { isWordUnit } from './classify-features.ts';

/** Words in a row that two texts do not share by chance. */
const RUN = 8;
/** A system prompt's runs that are kept. */
const MAX_RUNS = 16_384;
const MAX_TEXT = 256 * 1024;
const BASE = 0x01000193;

/** Runs of a system prompt, as hashes. */
export type Runs = ReadonlySet<number>;

/** All runs of eight words of a text, the first 16,384. */
export function runsOf(text: string): Runs {
  const runs = new Set<number>();
  eachRun(text.slice(0, MAX_TEXT), (hash) => runs.add(hash).size < MAX_RUNS);
  return runs;
}

/** Words of the answer that stand in a run which the system prompt has too; 0 when there is none. */
export function repeatedWords(answer: string, runs: Runs): number {
  let words = 0;
  let last = -RUN;
  eachRun(answer.slice(0, MAX_TEXT), (hash, at) => {
    if (runs.has(hash)) {
      words += Math.min(RUN, at - last);
      last = at;
    }
    return true;
  });
  return words;
}

/** Calls back for each run with its hash and place, until told to stop. Case and punctuation do not matter. */
function eachRun(text: string, visit: (hash: number, at: number) => boolean): void {
  const lower = text.toLowerCase();
  const words: number[] = [];
  let hash = SEED;
  let letters = 0;
  for (let i = 0; i <= lower.length; i++) {
    const unit = i < lower.length ? lower.charCodeAt(i) : 0x20;
    if (isWordUnit(unit)) {
      hash = step(hash, unit);
      letters++;
      continue;
    }
    if (letters === 0) continue;
    words.push(hash);
    hash = SEED;
    letters = 0;
    if (words.length < RUN) continue;
    let run = SEED;
    for (let k = words.length - RUN; k < words.length; k++) run = Math.imul(run, BASE) ^ (words[k] as number);
    if (!visit(run, words.length)) return;
  }
}
