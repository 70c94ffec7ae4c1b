/**
 * The intent classifier at work: how likely a text tries to get data out, get at the prompt, take the model over, lift its limits or hide what
 * it says. Its scores and the rule signals are combined by a logistic model that was fitted on texts the scores were not learnt from.
 */
import { chance, type Facts } from './classify-combiner.ts';
import { type Blocks, readBlocks } from './classify-features.ts';
import { type AttackIntent, INTENTS, LinearModel, type ModelFile } from './classify-model.ts';
import { type Normalised, normalise } from './normalise.ts';

export interface Judgement {
  /** Probability of each intent, 0 to 1, said by a user. */
  chances: Record<AttackIntent, number>;
  /** Offsets in the original text of the passage that says most. */
  span: [start: number, end: number];
  /** Decoding steps that led to it, outermost first. */
  decoded: string[];
}

/** One way to read a text, as features. */
export interface Reading {
  blocks: Blocks;
  decoded: string[];
  /** Original offsets of the window that begins with a block. */
  span(block: number): [start: number, end: number];
}

/** Text from which on only head and tail are judged: twice as much would hold the loop for longer than one message may. */
const MAX_TEXT = 128 * 1024;
/** Decoded readings that are judged; the normaliser bounds their length. */
const MAX_READINGS = 8;
/** Soft maxima are taken to be between these. */
const CLIP = 12;
/** Rule signals beyond which more say no more. */
const MAX_RULES = 3;
/** Kinds that ordinary requests have as well ("send the minutes to Bob"), and what one of them counts: labelled texts hold too few of those. */
const ORDINARY = new Set(['transfer', 'encode', 'prompt-target', 'people-target', 'secret-target', 'address']);
const ORDINARY_COUNTS = 0.25;
const LOOKS = ['hidden', 'bidi', 'tags', 'lookalikes', 'styled', 'piled'] as const;
/** Odds of an order in a tool's result against the same words of a user: nobody who may ask wrote it. */
const TOOL_ODDS = 3;

/**
 * Reads a text in each way that it can be read: as it is, and with what is encoded in it decoded. The looks of the original go with all.
 * @param known the text normalised, where that has been done
 */
export function readings(text: string, known?: () => Normalised): Reading[] {
  const whole = text.length <= MAX_TEXT;
  const short = whole ? text : `${text.slice(0, MAX_TEXT / 2)}\n${text.slice(-MAX_TEXT / 2)}`;
  const { views, marks } = known && whole ? known() : normalise(short);
  const plain = views[0] as (typeof views)[number];
  const changed = plain.text !== short;
  const first = readBlocks(plain.text);
  const looks = new Set(changed ? [...readBlocks(short).shape, ...first.shape] : first.shape);
  for (const look of LOOKS) if (marks[look] >= 2) looks.add(lookHash(look, marks[look] * 8 > short.length ? 2 : 1));
  for (const { path } of views.slice(1)) for (const step of path) looks.add(lookHash(step, 0));
  const shape = [...looks].sort((a, b) => a - b);
  return views.slice(0, MAX_READINGS).map((view, i) => {
    const blocks = i === 0 ? first : readBlocks(view.text);
    return {
      blocks: { ...blocks, shape },
      decoded: view.path,
      span: (block) => {
        const [start, end] = blocks.spans[block] as [number, number];
        return view.origin(start, blocks.spans[block + 1]?.[1] ?? end);
      },
    };
  });
}

function lookHash(name: string, much: number): number {
  let hash = much + 77;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash | 1;
}

export class Classifier {
  readonly #model: LinearModel;

  /** Throws TypeError for a model of another version or form. */
  constructor(file: ModelFile) {
    this.#model = new LinearModel(file);
  }

  /**
   * Judges a text.
   * @param kinds kinds of rule signal that it has
   * @param known the text normalised, where that has been done
   */
  judge(text: string, kinds: Iterable<string>, known?: () => Normalised): Judgement {
    const read = readings(text, known);
    const { facts, reading, block } = factsOf(this.#model, read, kinds);
    const chances = {} as Record<AttackIntent, number>;
    for (const [k, intent] of INTENTS.entries()) chances[intent] = chance(this.#model.combine[intent], facts, k);
    return { chances, span: reading.span(block), decoded: reading.decoded };
  }
}

/** Facts of a text, and the reading and block that say most. */
export function factsOf(
  model: LinearModel,
  read: readonly Reading[],
  kinds: Iterable<string>,
): { facts: Facts; reading: Reading; block: number } {
  const last = INTENTS.length - 1;
  const narrow = INTENTS.map(() => -CLIP);
  const wide = INTENTS.map(() => -CLIP);
  let reading = read[0] as Reading;
  let block = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (const one of read) {
    const { soft, whole, best } = model.score(one.blocks);
    if ((soft[last] as number) > most) {
      most = soft[last] as number;
      reading = one;
      block = best;
    }
    for (let k = 0; k <= last; k++) {
      narrow[k] = Math.max(narrow[k] as number, clipped(soft[k] as number));
      wide[k] = Math.max(wide[k] as number, clipped(whole[k] as number));
    }
  }
  const scores = narrow.map((score, k) => score + (wide[k] as number));
  // An attack of any kind: what all have in common, and the one that stands out.
  scores[last] = (scores[last] as number) + Math.max(...narrow);
  return { facts: { scores, rules: Math.min(MAX_RULES, ruleWeight(kinds)) }, reading, block };
}

function ruleWeight(kinds: Iterable<string>): number {
  let sum = 0;
  for (const kind of new Set(kinds)) sum += ORDINARY.has(kind) ? ORDINARY_COUNTS : 1;
  return sum;
}

function clipped(score: number): number {
  return Math.max(-CLIP, Math.min(CLIP, score)) / 4;
}

/** The same words in a tool's result, which nobody who may give orders wrote. */
export function inToolResult(probability: number): number {
  return (TOOL_ODDS * probability) / (1 + (TOOL_ODDS - 1) * probability);
}
