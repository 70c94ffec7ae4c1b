/**
 * Fits the model's weights. What is labelled is a whole conversation, but only one of its calls need be the hijacked one: multiple-instance
 * logistic regression, in which the call that scores highest stands for a hijacked conversation (Dietterich, Lathrop and Lozano-Pérez 1997),
 * and every call of a benign one is benign. Weights are drawn towards a prior from judgement (L2), so that what one collection of attacks
 * has in common does not outweigh what holds in general. Deterministic: no sampling.
 */
import type { Features, Model } from './model.ts';

export interface Example {
  /** Facts of each call that an order may explain. */
  calls: Features[];
  hijacked: boolean;
  /** Hijacked conversations of all collections weigh the same in sum. */
  collection: string;
}

/** What each fact should mean before any data is seen. */
const PRIOR: Features = {
  strength: 2,
  takesOver: 2.5,
  sameAct: 2,
  namesTool: 1.5,
  aboutUser: 1,
  copiedDestination: 1.5,
  copiedAny: 1.5,
  saidByUser: -1.5,
  askedAct: -0.5,
  askedTool: -1.5,
  askedArgs: -1,
  delegated: -1,
  ownDestination: -0.5,
  sourceNamed: -0.5,
  askedOutright: -2,
  pointedAt: -3.5,
  nothingShared: -1,
  onlyLooks: -1,
  acting: 1,
};
const PRIOR_BIAS = -6;
const SHRINK = 0.05;
/** All benign conversations together weigh so many times what all hijacked ones do: at 2 and 3 small shifts of the bias flip no group. */
const BENIGN_WEIGHT = 2;
const ROUNDS = 10;
const STEPS = 200;
const RATE = 2;

const NAMES = Object.keys(PRIOR) as (keyof Features)[];

export function fit(examples: readonly Example[]): Model {
  const hijacked = examples.filter((example) => example.hijacked && example.calls.length > 0);
  const benign = examples.filter((example) => !example.hijacked);
  const sizes = new Map<string, number>();
  for (const { collection } of hijacked) sizes.set(collection, (sizes.get(collection) ?? 0) + 1);
  const prior = NAMES.map((name) => PRIOR[name]);
  let weights = [...prior];
  let bias = PRIOR_BIAS;
  const score = (call: number[]) => call.reduce((sum, value, i) => sum + value * (weights[i] as number), 0);
  const bags = hijacked.map(({ calls, collection }) => ({
    calls: calls.map(vector),
    weight: 1 / (sizes.get(collection) as number) / sizes.size,
  }));
  const negative = benign.flatMap(({ calls }) => calls.map(vector));
  const negativeWeight = BENIGN_WEIGHT / Math.max(1, benign.length);
  for (let round = 0; round < ROUNDS; round++) {
    const positive = bags.map(({ calls, weight }) => ({
      call: calls.reduce((best, call) => (score(call) > score(best) ? call : best)),
      weight,
    }));
    for (let step = 0; step < STEPS; step++) {
      const gradient = weights.map((weight, i) => -SHRINK * (weight - (prior[i] as number)));
      let biasGradient = 0;
      const add = (call: number[], error: number) => {
        for (let i = 0; i < call.length; i++) gradient[i] = (gradient[i] as number) + error * (call[i] as number);
        biasGradient += error;
      };
      for (const { call, weight } of positive) add(call, (1 - sigmoid(bias + score(call))) * weight);
      for (const call of negative) add(call, -sigmoid(bias + score(call)) * negativeWeight);
      weights = weights.map((weight, i) => weight + RATE * (gradient[i] as number));
      bias += RATE * biasGradient;
    }
  }
  return {
    bias: rounded(bias),
    weights: Object.fromEntries(NAMES.map((name, i) => [name, rounded(weights[i] as number)])) as Features,
  };
}

function vector(call: Features): number[] {
  return NAMES.map((name) => call[name]);
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
