/** From the classifier's score and the rule signals of a text to a probability. */
import type { Combiner } from './classify-model.ts';

/** What is known of a text: a score for each intent, in the order of INTENTS, and how many kinds of rule signal it has, at most three. */
export interface Facts {
  scores: number[];
  rules: number;
}

/** The terms of the logistic model: the score, the rules, and what both say together beyond either. */
export function terms({ scores, rules }: Facts, intent: number): [score: number, rules: number, both: number] {
  const score = scores[intent] as number;
  return [score, rules, Math.max(0, score + rules) ** 2];
}

export function chance(combiner: Combiner, facts: Facts, intent: number): number {
  const [score, rules, both] = terms(facts, intent);
  return 1 / (1 + Math.exp(-(combiner.bias + combiner.score * score + combiner.rules * rules + combiner.both * both)));
}
