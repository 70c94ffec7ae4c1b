/** Fits the combiners: logistic regression of a few terms by Newton's method, on texts whose scores come from a model that never saw them. */
import { type Facts, terms } from './classify-combiner.ts';
import { type AttackIntent, type Combiner, INTENTS } from './classify-model.ts';

export interface Known {
  facts: Facts;
  /** Undefined: not known of this intent. */
  label: 0 | 1 | undefined;
}

/** Which evidence counts: all of it, or one half of it, for an ablation. */
export type Part = 'together' | 'rules' | 'classifier';
export const PARTS: readonly Part[] = ['together', 'rules', 'classifier'];

const ROUNDS = 30;
const RIDGE = 1e-2;

export function fitCombiner(known: readonly Known[], intent: AttackIntent, part: Part): Combiner {
  const index = INTENTS.indexOf(intent);
  const used = part === 'rules' ? [1] : part === 'classifier' ? [0] : [0, 1, 2];
  const rows = known.flatMap(({ facts, label }) =>
    label === undefined ? [] : [{ x: [1, ...used.map((term) => terms(facts, index)[term] as number)], y: label }],
  );
  let weights = new Array<number>(used.length + 1).fill(0);
  for (let round = 0; round < ROUNDS; round++) weights = newtonStep(rows, weights);
  const weightOf = (term: number): number => {
    const place = used.indexOf(term);
    return place < 0 ? 0 : Math.max(0, Math.round((weights[place + 1] as number) * 1e4) / 1e4);
  };
  return {
    bias: Math.round((weights[0] as number) * 1e4) / 1e4,
    score: weightOf(0),
    rules: weightOf(1),
    both: weightOf(2),
  };
}

function newtonStep(rows: readonly { x: number[]; y: number }[], weights: readonly number[]): number[] {
  const size = weights.length;
  const system = weights.map((weight, i) => {
    const line = new Array<number>(size + 1).fill(0);
    line[i] = RIDGE;
    line[size] = -RIDGE * weight;
    return line;
  });
  for (const { x, y } of rows) {
    const p = 1 / (1 + Math.exp(-x.reduce((sum, value, i) => sum + value * (weights[i] as number), 0)));
    for (let i = 0; i < size; i++) {
      const line = system[i] as number[];
      line[size] = (line[size] as number) + (y - p) * (x[i] as number);
      for (let k = 0; k < size; k++) line[k] = (line[k] as number) + p * (1 - p) * (x[i] as number) * (x[k] as number);
    }
  }
  const step = solve(system);
  return weights.map((weight, i) => weight + Math.max(-2, Math.min(2, step[i] as number)));
}

/** Gauss and Jordan; the matrix is positive definite by its ridge. */
function solve(system: number[][]): number[] {
  const size = system.length;
  for (let i = 0; i < size; i++) {
    const line = system[i] as number[];
    const pivot = line[i] as number;
    for (let k = i; k <= size; k++) line[k] = (line[k] as number) / pivot;
    for (const [other, row] of system.entries()) {
      if (other === i) continue;
      const factor = row[i] as number;
      for (let k = i; k <= size; k++) row[k] = (row[k] as number) - factor * (line[k] as number);
    }
  }
  return system.map((line) => line[size] as number);
}
