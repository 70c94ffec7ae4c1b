/** The intent classifier's model: what it is on disk, and how a text's blocks are weighed with it. Linear; no text, no clock, no chance. */
import type { Blocks } from './classify-features.ts';

/** What the classifier judges. `attack` is any of the others. */
export const INTENTS = ['exfiltration', 'prompt_leak', 'injection', 'jailbreak', 'encoding', 'attack'] as const;
export type AttackIntent = (typeof INTENTS)[number];

/** Weights of what is known of a text, see classify-combiner.ts; fitted on texts that the scores were not learnt from. */
export interface Combiner {
  bias: number;
  score: number;
  rules: number;
  both: number;
}

/** As it stands in classifier.json. */
export interface ModelFile {
  version: number;
  /** Base64 of the 32-bit hashes of all features, little-endian, ascending. */
  hashes: string;
  /** Base64 of one signed byte for each feature and intent, features outermost. */
  weights: string;
  /** What one unit of a byte is worth, and the constant term, for each intent. */
  scales: number[];
  biases: number[];
  combine: Record<AttackIntent, Combiner>;
}

/** Raised when features or form change: a model of another version is refused. */
export const MODEL_VERSION = 1;
/** Scores grow with evidence, and less than in proportion: sum / √(features + 20) × 6. */
export const GAIN = 6;
export const DAMP = 20;

const WIDTH = INTENTS.length;

/** Scores of one text for each intent, and the window that says most. */
export interface Scores {
  /** Log-odds-like: the soft maximum over windows. */
  soft: Float64Array;
  /** The same for the text as one window: grows with evidence that is spread over it. */
  whole: Float64Array;
  /** Index of the first block of the window with the most weight for `attack`. */
  best: number;
}

/** The model ready for use: features in an open-addressed table. */
export class LinearModel {
  readonly #keys: Int32Array;
  readonly #places: Int32Array;
  readonly #mask: number;
  readonly #weights: Float32Array;
  readonly #biases: number[];
  readonly combine: Record<AttackIntent, Combiner>;

  constructor(file: ModelFile) {
    if (file.version !== MODEL_VERSION)
      throw new TypeError(`classifier model of version ${file.version}, not ${MODEL_VERSION}`);
    const hashes = int32(file.hashes);
    const bytes = Buffer.from(file.weights, 'base64');
    if (bytes.length !== hashes.length * WIDTH)
      throw new TypeError('classifier model: weights and features differ in number');
    const size = 2 ** Math.ceil(Math.log2(Math.max(16, hashes.length * 2.5)));
    this.#mask = size - 1;
    this.#keys = new Int32Array(size);
    this.#places = new Int32Array(size).fill(-1);
    this.#weights = new Float32Array(bytes.length);
    for (let i = 0; i < hashes.length; i++) {
      let slot = (hashes[i] as number) & this.#mask;
      while (this.#places[slot] !== -1) slot = (slot + 1) & this.#mask;
      this.#keys[slot] = hashes[i] as number;
      this.#places[slot] = i * WIDTH;
      for (let k = 0; k < WIDTH; k++)
        this.#weights[i * WIDTH + k] = bytes.readInt8(i * WIDTH + k) * (file.scales[k] as number);
    }
    this.#biases = file.biases;
    this.combine = file.combine;
  }

  score(blocks: Blocks): Scores {
    const count = blocks.starts.length - 1;
    const sums = new Float64Array(count * WIDTH);
    for (let block = 0; block < count; block++) {
      const end = blocks.starts[block + 1] as number;
      for (let i = blocks.starts[block] as number; i < end; i++)
        this.#add(blocks.hashes[i] as number, sums, block * WIDTH);
    }
    const look = new Float64Array(WIDTH);
    for (const hash of blocks.shape) this.#add(hash, look, 0);
    return pool(sums, look, blocks, this.#biases);
  }

  #add(hash: number, sums: Float64Array, at: number): void {
    let slot = hash & this.#mask;
    for (;;) {
      const place = this.#places[slot] as number;
      if (place === -1) return;
      if (this.#keys[slot] === hash) {
        for (let k = 0; k < WIDTH; k++) sums[at + k] = (sums[at + k] as number) + (this.#weights[place + k] as number);
        return;
      }
      slot = (slot + 1) & this.#mask;
    }
  }
}

/** Windows are two neighbouring blocks; what they say is pooled as a soft maximum, so that one sentence in a long text still counts. */
function pool(sums: Float64Array, look: Float64Array, { starts, shape }: Blocks, biases: number[]): Scores {
  const windows = Math.max(1, starts.length - 2);
  const soft = new Float64Array(WIDTH);
  const whole = new Float64Array(WIDTH);
  const logits = new Float64Array(windows);
  let best = 0;
  for (let k = 0; k < WIDTH; k++) {
    let most = Number.NEGATIVE_INFINITY;
    for (let w = 0; w < windows; w++) {
      const second = w + 1 < starts.length - 1;
      const sum =
        (sums[w * WIDTH + k] as number) + (second ? (sums[(w + 1) * WIDTH + k] as number) : 0) + (look[k] as number);
      const logit = (biases[k] as number) + windowGain(starts, w, shape.length) * sum;
      logits[w] = logit;
      if (logit > most) {
        most = logit;
        if (k === WIDTH - 1) best = w;
      }
    }
    let total = 0;
    for (let w = 0; w < windows; w++) total += Math.exp((logits[w] as number) - most);
    soft[k] = most + Math.log(total);
    let sum = look[k] as number;
    for (let b = 0; b < starts.length - 1; b++) sum += sums[b * WIDTH + k] as number;
    whole[k] = (biases[k] as number) + (GAIN * sum) / Math.sqrt((starts.at(-1) as number) + shape.length + DAMP);
  }
  return { soft, whole, best };
}

/** What a sum of weights is multiplied with in the window of blocks `w` and `w + 1`. */
export function windowGain(starts: readonly number[], w: number, shapes: number): number {
  const end = starts[Math.min(w + 2, starts.length - 1)] as number;
  return GAIN / Math.sqrt(end - (starts[w] as number) + shapes + DAMP);
}

function int32(base64: string): Int32Array {
  const bytes = Buffer.from(base64, 'base64');
  const values = new Int32Array(bytes.length / 4);
  for (let i = 0; i < values.length; i++) values[i] = bytes.readInt32LE(i * 4);
  return values;
}
