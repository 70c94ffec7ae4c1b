/** Logistic model over facts about a call's origin; weights in model.json. It sees no words, so it cannot learn a payload's wording. */
import type { ObservedCall } from '../../src/model/observation.ts';
import shipped from './model.json' with { type: 'json' };

const DESTINATIONS = new Set(['email', 'url', 'host', 'account', 'address', 'path']);

export type Features = Record<keyof typeof shipped.weights, number>;

export interface Model {
  bias: number;
  weights: Features;
}

/** The weights that ship, fitted on all data there was. */
export const SHIPPED: Model = shipped;

/** True for a value with a number for the bias and for each fact. */
export function isModel(value: unknown): value is Model {
  const model = value as Partial<Model> | null;
  return (
    typeof model?.bias === 'number' &&
    Object.keys(SHIPPED.weights).every((name) => typeof model.weights?.[name as keyof Features] === 'number')
  );
}

/** Facts of a call that an order may explain; each from 0 to 1. */
export function features(call: ObservedCall): Features {
  const order = call.order as NonNullable<ObservedCall['order']>;
  const acting = Math.max(call.labels.sink ?? 0, call.labels.write ?? 0, call.labels.exec ?? 0) >= 0.5;
  const looks = !acting && (call.labels.read ?? 0) >= 0.5;
  const onlyLooks = looks && !order.takesOver;
  const yes = (fact: boolean) => (fact ? 1 : 0);
  return {
    strength: order.strength,
    takesOver: yes(order.takesOver),
    sameAct: yes(order.sameAct),
    namesTool: yes(order.namesTool),
    aboutUser: yes(order.aboutUser),
    // A link or an id handed to a call that only looks is how documents are followed; what an act is aimed at is a destination.
    copiedDestination: yes(
      !onlyLooks && order.copied.some((kind) => DESTINATIONS.has(kind) || (kind === 'id' && !looks)),
    ),
    copiedAny: yes(!onlyLooks && order.copied.length > 0),
    saidByUser: order.saidByUser,
    askedAct: call.asked.act,
    askedTool: call.asked.tool,
    askedArgs: call.asked.args,
    delegated: yes(call.asked.delegated),
    ownDestination: yes(call.asked.destination),
    sourceNamed: yes(order.sourceNamed),
    askedOutright: yes(call.asked.act === 1 && call.asked.tool >= 0.99 && !order.takesOver),
    // "Pay the bill in this file": the user asked for the act and pointed at what says how.
    pointedAt: yes(call.asked.act === 1 && order.sourceNamed && !order.takesOver),
    // Nothing of the call stands in the order: two texts that speak of the same kind of act.
    nothingShared: yes(order.copied.length === 0 && !order.namesTool && !order.takesOver),
    onlyLooks: yes(onlyLooks),
    acting: yes(acting),
  };
}

/** Probability that the order, not the user, caused the call. */
export function probability(facts: Features, model: Model = SHIPPED): number {
  let sum = model.bias;
  for (const name in facts) sum += model.weights[name as keyof Features] * facts[name as keyof Features];
  return 1 / (1 + Math.exp(-sum));
}
