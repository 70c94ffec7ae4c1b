/** Stems and acts of a text in one pass. What a word stands for is worked out when it is first met, and remembered by its letters. */
import { ACTS, type Intent, intents } from './intents.ts';
import { Units } from './units.ts';
import { WORD_SEED, WordTable, withUnit } from './word-table.ts';
import { isStop, stem, stems } from './words.ts';

/** What the words of a text say. */
export interface Said {
  /** Stems of the words that carry intent. */
  stems: Set<string>;
  intents: Set<Intent>;
}

/** Words that are remembered; beyond it all are forgotten at once. */
const CAPACITY = 1 << 15;
const LONGEST = 39;

const SMALL = 1;
const CAPITAL = 2;
const OTHER = 3;
const KIND = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  KIND[code] = /[a-z0-9]/.test(character) ? SMALL : /[A-Z]/.test(character) ? CAPITAL : 0;
}

const UNITS = new Units();
const table = new WordTable(CAPACITY);
const stemOf: (string | undefined)[] = [];
const actsOf: number[] = [];
/** The last text that each word was met in. */
let met = new Int32Array(CAPACITY);
let texts = 0;

const BITS = new Map(ACTS.map((act, i) => [act, 1 << i]));

/** Stems of all words that carry intent, each once, and the kinds of act that they speak of. */
export function readWords(text: string): Said {
  if (table.size > CAPACITY - 1024) forget();
  texts++;
  const found = new Set<string>();
  let acts = 0;
  const units = UNITS.of(text);
  const length = text.length;
  for (let i = 0; i < length; ) {
    const kind = kindOf(units[i] as number);
    if (kind === 0) {
      i++;
      continue;
    }
    let start = i;
    let hash = WORD_SEED;
    let small = false;
    let now = kind;
    while (now === SMALL || now === CAPITAL) {
      if (now === CAPITAL && small) {
        acts |= meet(text, units, start, i, hash, found);
        start = i;
        hash = WORD_SEED;
      }
      small = now === SMALL;
      hash = withUnit(hash, units[i] as number);
      i++;
      now = i < length ? kindOf(units[i] as number) : 0;
    }
    if (now === 0) {
      acts |= meet(text, units, start, i, hash, found);
      continue;
    }
    // Letters of other alphabets, or signs that stand right beside a word: up to the next border that is plain.
    while (i < length && kindOf(units[i] as number) !== 0) i++;
    for (const one of stems(text.slice(start, i))) {
      found.add(one);
      acts |= bitsOf(one);
    }
  }
  return { stems: found, intents: actSet(acts) };
}

/** Beyond ASCII all may be letters but for the block of general punctuation. */
function kindOf(code: number): number {
  if (code < 128) return KIND[code] as number;
  return code >= 0x2000 && code <= 0x206f ? 0 : OTHER;
}

function meet(text: string, units: Uint16Array, start: number, end: number, hash: number, found: Set<string>): number {
  if (end - start < 2 || end - start > LONGEST) return 0;
  let word = table.find(units, start, end, hash);
  if (word < 0) {
    word = learn(units, start, end);
    if (word < 0) {
      let acts = 0;
      for (const one of stems(text.slice(start, end))) {
        found.add(one);
        acts |= bitsOf(one);
      }
      return acts;
    }
  }
  if (met[word] === texts) return 0;
  met[word] = texts;
  const own = stemOf[word];
  if (own === undefined) return 0;
  found.add(own);
  return actsOf[word] as number;
}

function learn(units: Uint16Array, start: number, end: number): number {
  if (table.size === CAPACITY) return -1;
  // Made anew: a part of the text would keep the whole of it in memory.
  const word = String.fromCharCode(...units.subarray(start, end)).toLowerCase();
  const place = table.add(word);
  if (place < 0) return -1;
  stemOf[place] = isStop(word) ? undefined : stem(word);
  actsOf[place] = isStop(word) ? 0 : bitsOf(stem(word));
  met[place] = 0;
  return place;
}

function forget(): void {
  table.clear();
  stemOf.length = 0;
  actsOf.length = 0;
  met = new Int32Array(CAPACITY);
}

function bitsOf(one: string): number {
  let bits = 0;
  for (const act of intents([one])) bits |= BITS.get(act) as number;
  return bits;
}

function actSet(bits: number): Set<Intent> {
  const set = new Set<Intent>();
  for (let i = 0; i < ACTS.length; i++) if ((bits & (1 << i)) !== 0) set.add(ACTS[i] as Intent);
  return set;
}
