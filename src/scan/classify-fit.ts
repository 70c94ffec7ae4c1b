/**
 * Fits the intent classifier: a linear model over hashed features in which a text is a bag of windows and its soft maximum stands for it
 * (multiple-instance learning with log-sum-exp pooling), by AdaGrad with L2. Only features that two or more collections have in common are
 * learnt, and collections weigh alike, so that what one of them is written in says little. Deterministic: order comes from hashes.
 */
import { type Blocks, isWord, mix } from './classify-features.ts';
import { INTENTS, MODEL_VERSION, type ModelFile, windowGain } from './classify-model.ts';

/** One labelled text. */
export interface Example {
  blocks: Blocks;
  /** 1 it is so, 0 it is not, undefined not known; in the order of INTENTS. */
  labels: (0 | 1 | undefined)[];
  /** Collection: all collections weigh alike. */
  group: string;
  /** What the text was made from: a feature must occur in two origins to be learnt. */
  origin: string;
  /** Stands for the text in deciding the order of learning. */
  id: number;
}

const WIDTH = INTENTS.length;
const EPOCHS = 4;
const RATE = 0.3;
/** AdaGrad's history at the start: what makes a feature's weight grow with how often it speaks, so that rare coincidences stay small. */
const HISTORY = 30;
const L2 = 1e-4;
/** Words are drawn to nothing this much more than concepts, which carry over to other wordings and languages. */
const WORD_L2 = 100;
/** A feature is learnt when it occurs in so many texts and origins; a word also in so many origins of harmless texts, or it may only say
 * which language or collection a text comes from. */
const LEAST_TEXTS = 3;
const LEAST_ORIGINS = 2;
const LEAST_HARMLESS = 3;
/** Attacks that look harmless weigh as little as this from the second round on. */
const LEAST_TRUST = 0.2;
/** Collections of very different size: a text weighs 1 / size ** EVEN. */
const EVEN = 0.5;
const MOST_WEIGHT = 12;
/** Features that ship at most; the heaviest are kept. */
const MOST_FEATURES = 40_000;
const SMALL_ERROR = 0.02;

/** Examples with their features numbered: done once, whatever is learnt from them. */
export interface Indexed {
  examples: readonly Example[];
  hashes: Int32Array;
  /** For each example the numbers of its features in order, those of its looks last. */
  features: Int32Array[];
  /** The same, each once. */
  distinct: Int32Array[];
  /** For each example the number of its origin. */
  origins: number[];
}

export function indexExamples(examples: readonly Example[]): Indexed {
  const numbers = new Map<number, number>();
  const numberOf = (hash: number): number => {
    const known = numbers.get(hash);
    if (known !== undefined) return known;
    numbers.set(hash, numbers.size);
    return numbers.size - 1;
  };
  const features = examples.map(({ blocks }) => {
    const own = new Int32Array(blocks.hashes.length + blocks.shape.length);
    for (let i = 0; i < blocks.hashes.length; i++) own[i] = numberOf(blocks.hashes[i] as number);
    for (const [i, hash] of blocks.shape.entries()) own[blocks.hashes.length + i] = numberOf(hash);
    return own;
  });
  const origins = new Map<string, number>();
  for (const { origin } of examples) if (!origins.has(origin)) origins.set(origin, origins.size);
  return {
    examples,
    hashes: Int32Array.from(numbers.keys()),
    features,
    distinct: features.map((own) =>
      own
        .slice()
        .sort()
        .filter((n, i, all) => i === 0 || n !== all[i - 1]),
    ),
    origins: examples.map(({ origin }) => origins.get(origin) as number),
  };
}

interface Doc {
  /** Where the weights of each feature begin. */
  features: Int32Array;
  starts: number[];
  /** Starts as they were before unknown features were left out: what the gain depends on. */
  rawStarts: number[];
  shape: number[];
  shapes: number;
  labels: Example['labels'];
  weights: number[];
  id: number;
}

export type Scorer = Pick<ModelFile, 'version' | 'hashes' | 'weights' | 'scales' | 'biases'>;

/** Learns the weights of the features. Pure; a few seconds for ten thousand texts. */
export function fitScores(indexed: Indexed, uses: (example: Example) => boolean = () => true): Scorer {
  const used = indexed.examples.flatMap((example, i) => (uses(example) ? [i] : []));
  const kept = vocabularyOf(indexed, used);
  const places = new Int32Array(indexed.hashes.length).fill(-1);
  for (const [place, number] of kept.entries()) places[number] = place * WIDTH;
  const docs = weighed(indexed, used, places);
  const weights = new Float32Array(kept.length * WIDTH);
  const history = new Float32Array(kept.length * WIDTH).fill(HISTORY);
  const words = Uint8Array.from(kept, (number) => (isWord(indexed.hashes[number] as number) ? 1 : 0));
  const biases = new Float64Array(WIDTH).fill(-2);
  const biasHistory = new Float64Array(WIDTH).fill(1);
  const sums = { of: new Float64Array(0) };
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    docs.sort((a, b) => mix(a.id, epoch + 1) - mix(b.id, epoch + 1) || a.id - b.id);
    for (const doc of docs) learn(doc, epoch > 0, words, weights, history, biases, biasHistory, sums);
  }
  return pack(new Map(kept.map((number, place) => [indexed.hashes[number] as number, place])), weights, [...biases]);
}

/** Numbers of the features that enough texts of enough origins have. */
function vocabularyOf({ examples, hashes, distinct, origins }: Indexed, used: readonly number[]): number[] {
  const texts = new Int32Array(hashes.length);
  const first = new Int32Array(hashes.length).fill(-1);
  const many = new Uint8Array(hashes.length);
  const harmless = new Int32Array(hashes.length);
  const lastHarmless = new Int32Array(hashes.length).fill(-1);
  const byOrigin = [...used].sort((a, b) => (origins[a] as number) - (origins[b] as number) || a - b);
  for (const i of byOrigin) {
    const origin = origins[i] as number;
    const benign = (examples[i] as Example).labels[WIDTH - 1] === 0;
    for (const number of distinct[i] as Int32Array) {
      texts[number] = (texts[number] as number) + 1;
      if (first[number] === -1) first[number] = origin;
      else if (first[number] !== origin) many[number] = 1;
      if (!benign || lastHarmless[number] === origin) continue;
      lastHarmless[number] = origin;
      harmless[number] = (harmless[number] as number) + 1;
    }
  }
  const kept: number[] = [];
  for (let n = 0; n < hashes.length; n++) {
    if ((texts[n] as number) < LEAST_TEXTS || (LEAST_ORIGINS > 1 && many[n] !== 1)) continue;
    if (!isWord(hashes[n] as number) || (harmless[n] as number) >= LEAST_HARMLESS) kept.push(n);
  }
  return kept.sort((a, b) => (hashes[a] as number) - (hashes[b] as number));
}

function weighed({ examples, features }: Indexed, used: readonly number[], places: Int32Array): Doc[] {
  const sizes = new Map<string, number>();
  const classes = (e: Example, k: number) => `${e.group}\0${k}\0${e.labels[k]}`;
  for (const i of used) {
    const e = examples[i] as Example;
    for (let k = 0; k < WIDTH; k++) sizes.set(classes(e, k), (sizes.get(classes(e, k)) ?? 0) + 1);
  }
  const mass = Array.from({ length: WIDTH }, () => [0, 0]);
  const docs = used.map((i): Doc => {
    const example = examples[i] as Example;
    const { blocks } = example;
    const all = features[i] as Int32Array;
    const known: number[] = [];
    const starts = [0];
    for (let b = 0; b + 1 < blocks.starts.length; b++) {
      for (let f = blocks.starts[b] as number; f < (blocks.starts[b + 1] as number); f++) {
        const place = places[all[f] as number] as number;
        if (place >= 0) known.push(place);
      }
      starts.push(known.length);
    }
    const weights = example.labels.map((label, k) => {
      if (label === undefined) return 0;
      const weight = (sizes.get(classes(example, k)) as number) ** -EVEN;
      (mass[k] as number[])[label] = ((mass[k] as number[])[label] as number) + weight;
      return weight;
    });
    const shape = [...all.subarray(blocks.hashes.length)].map((number) => places[number] as number);
    return {
      features: Int32Array.from(known),
      starts,
      rawStarts: blocks.starts,
      shape: shape.filter((place) => place >= 0),
      shapes: shape.length,
      labels: example.labels,
      weights,
      id: example.id,
    };
  });
  // Positive and negative texts of an intent weigh the same in sum, and one in the mean.
  for (const doc of docs)
    for (let k = 0; k < WIDTH; k++) {
      const label = doc.labels[k];
      if (label === undefined) continue;
      const weight =
        ((doc.weights[k] as number) * docs.length) / 2 / Math.max(1e-9, (mass[k] as number[])[label] as number);
      doc.weights[k] = Math.min(MOST_WEIGHT, weight);
    }
  return docs;
}

function learn(
  doc: Doc,
  doubt: boolean,
  words: Uint8Array,
  weights: Float32Array,
  history: Float32Array,
  biases: Float64Array,
  biasHistory: Float64Array,
  sums: { of: Float64Array },
): void {
  const blocks = doc.starts.length - 1;
  const windows = Math.max(1, blocks - 1);
  if (sums.of.length < (blocks + 1) * WIDTH) sums.of = new Float64Array((blocks + 1) * WIDTH * 2);
  const sum = sums.of.fill(0, 0, (blocks + 1) * WIDTH);
  const look = blocks * WIDTH;
  for (let b = 0; b < blocks; b++)
    for (let i = doc.starts[b] as number; i < (doc.starts[b + 1] as number); i++) {
      const at = doc.features[i] as number;
      for (let k = 0; k < WIDTH; k++) sum[b * WIDTH + k] = (sum[b * WIDTH + k] as number) + (weights[at + k] as number);
    }
  for (const at of doc.shape)
    for (let k = 0; k < WIDTH; k++) sum[look + k] = (sum[look + k] as number) + (weights[at + k] as number);
  // Gradient of each window's logit, spread over its blocks.
  const pull = new Float64Array((blocks + 1) * WIDTH);
  const logits = new Float64Array(windows);
  for (let k = 0; k < WIDTH; k++) {
    const label = doc.labels[k];
    if (label === undefined) continue;
    let most = Number.NEGATIVE_INFINITY;
    for (let w = 0; w < windows; w++) {
      const two = w + 1 < blocks ? (sum[(w + 1) * WIDTH + k] as number) : 0;
      logits[w] =
        (biases[k] as number) +
        windowGain(doc.rawStarts, w, doc.shapes) * ((sum[w * WIDTH + k] as number) + two + (sum[look + k] as number));
      most = Math.max(most, logits[w] as number);
    }
    let total = 0;
    for (let w = 0; w < windows; w++) total += Math.exp((logits[w] as number) - most);
    const bag = most + Math.log(total);
    const p = 1 / (1 + Math.exp(-bag));
    // Some attacks are attacks by their place alone; their words must not teach that harmless words are hostile.
    const trust = label === 1 && doubt ? Math.min(1, LEAST_TRUST + 1.5 * p) : 1;
    const error = ((label as number) - p) * trust * (doc.weights[k] as number);
    if (Math.abs(error) < SMALL_ERROR) continue;
    for (let w = 0; w < windows; w++) {
      const beside = Math.exp((logits[w] as number) - most);
      if (beside < 0.03) continue;
      const share = beside / total;
      const g = error * share * windowGain(doc.rawStarts, w, doc.shapes);
      pull[w * WIDTH + k] = (pull[w * WIDTH + k] as number) + g;
      if (w + 1 < blocks) pull[(w + 1) * WIDTH + k] = (pull[(w + 1) * WIDTH + k] as number) + g;
      pull[look + k] = (pull[look + k] as number) + g;
    }
    biasHistory[k] = (biasHistory[k] as number) + error * error;
    biases[k] = (biases[k] as number) + (RATE * error) / Math.sqrt(biasHistory[k] as number);
  }
  const change = (at: number, from: number) => {
    for (let k = 0; k < WIDTH; k++) {
      const g = (pull[from + k] as number) - (words[at / WIDTH] === 1 ? WORD_L2 : 1) * L2 * (weights[at + k] as number);
      if (pull[from + k] === 0) continue;
      history[at + k] = (history[at + k] as number) + g * g;
      weights[at + k] = (weights[at + k] as number) + (RATE * g) / Math.sqrt(history[at + k] as number);
    }
  };
  for (let b = 0; b < blocks; b++) {
    let any = false;
    for (let k = 0; k < WIDTH && !any; k++) any = pull[b * WIDTH + k] !== 0;
    if (!any) continue;
    for (let i = doc.starts[b] as number; i < (doc.starts[b + 1] as number); i++)
      change(doc.features[i] as number, b * WIDTH);
  }
  for (const at of doc.shape) change(at, look);
}

function pack(vocabulary: ReadonlyMap<number, number>, weights: Float32Array, biases: number[]): Scorer {
  const size = (place: number) => {
    let most = 0;
    for (let k = 0; k < WIDTH; k++) most = Math.max(most, Math.abs(weights[place * WIDTH + k] as number));
    return most;
  };
  const heaviest = [...vocabulary].sort((a, b) => size(b[1]) - size(a[1]) || a[0] - b[0]).slice(0, MOST_FEATURES);
  const kept = heaviest.filter(([, place]) => size(place) > 0).sort((a, b) => a[0] - b[0]);
  const scales = Array.from({ length: WIDTH }, (_, k) =>
    Math.max(
      1e-6,
      ...[0],
      kept.reduce((most, [, place]) => Math.max(most, Math.abs(weights[place * WIDTH + k] as number)), 0) / 127,
    ),
  );
  const hashes = Buffer.alloc(kept.length * 4);
  const bytes = Buffer.alloc(kept.length * WIDTH);
  for (const [row, [hash, place]] of kept.entries()) {
    hashes.writeInt32LE(hash, row * 4);
    for (let k = 0; k < WIDTH; k++)
      bytes.writeInt8(Math.round((weights[place * WIDTH + k] as number) / (scales[k] as number)), row * WIDTH + k);
  }
  return {
    version: MODEL_VERSION,
    hashes: hashes.toString('base64'),
    weights: bytes.toString('base64'),
    scales,
    biases,
  };
}
