/** Fitting learns which facts tell hijacked calls from wanted ones, keeps its prior where data says nothing, and is deterministic. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Example, fit } from '../../detectors/toxic-flow/fit.ts';
import { type Features, probability, SHIPPED } from '../../detectors/toxic-flow/model.ts';

const none = Object.fromEntries(Object.keys(SHIPPED.weights).map((name) => [name, 0])) as Features;
const hijacked = { ...none, strength: 0.6, sameAct: 1, copiedAny: 1, copiedDestination: 1, acting: 1 };
const wanted = { ...none, strength: 0.6, sameAct: 1, askedAct: 1, askedTool: 1, askedOutright: 1, acting: 1 };

const examples: Example[] = [
  ...Array.from({ length: 30 }, () => ({ calls: [wanted, hijacked], hijacked: true, collection: 'a' })),
  ...Array.from({ length: 30 }, () => ({ calls: [wanted], hijacked: false, collection: 'a' })),
];

it('tells the hijacked call apart, though only conversations are labelled', () => {
  const model = fit(examples);
  assert.ok(probability(hijacked, model) > 0.8);
  assert.ok(probability(wanted, model) < 0.3);
});

it('does not depend on how many conversations one collection has', () => {
  const many = fit([...examples, ...examples.filter((example) => example.hijacked).map((example) => ({ ...example }))]);
  assert.deepEqual(many, fit(examples));
});

it('keeps what judgement says where the data is silent', () => {
  assert.ok(fit(examples).weights.takesOver > 1);
});
