/** Toxic flow: a tool call that nobody with the right to ask for it asked for, but that text returned by a tool did. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { shortName } from '../../src/detect/parts/name.ts';
import type { Evidence, FindingDraft, Severity } from '../../src/model/finding.ts';
import type { ArgumentAtom, ObservedCall } from '../../src/model/observation.ts';
import { features, isModel, type Model, probability, SHIPPED } from './model.ts';

const params = z.strictObject({
  /** Probability from which a call is reported. */
  threshold: z.number().min(0).max(1).default(0.7),
  /** Weights to use instead of those that ship. */
  model: z.custom<Model>((value) => value === undefined || isModel(value), 'is no model').default(SHIPPED),
});

interface State {
  /** Subjects reported in this session, newest last: the same call again adds nothing. */
  reported: string[];
}

const HOUR = 60 * 60 * 1_000;
const MAX_REPORTED = 24;
/** Bytes of a tool's name, in state and in what people read. */
const MAX_NAME = 64;
const DESTINATIONS = new Set(['email', 'url', 'host', 'account', 'address']);

export default defineDetector<State, z.infer<typeof params>>({
  id: 'toxic-flow',
  title: 'Agent followed an order that came from a tool result',
  class: 'behaviour',
  maturity: 'incubating',
  severity: 'high',
  techniques: ['AML.T0051.001', 'AML.T0086', 'AML.T0053'],
  keys: ['session'],
  params,
  lookback: 24 * HOUR,
  bound: 4 * 1024,
  stateVersion: 1,
  initial: () => ({ reported: [] }),
  concerns: (observation) => observation.calls.some((call) => call.order !== null),
  observe(observation, state, context) {
    const findings: FindingDraft[] = [];
    for (const call of observation.calls) {
      if (call.order === null) continue;
      const confidence = probability(features(call), context.params.model);
      if (confidence < context.params.threshold) continue;
      const about = `${shortName(call.tool, MAX_NAME)}:${shortName(call.order.tool, MAX_NAME)}`;
      if (state.reported.includes(about)) continue;
      state.reported = [...state.reported, about].slice(-MAX_REPORTED);
      findings.push(report(call, confidence, about));
    }
    return findings;
  },
});

function report(call: ObservedCall, confidence: number, about: string): FindingDraft {
  const order = call.order as NonNullable<ObservedCall['order']>;
  const [tool, source] = [shortName(call.tool, MAX_NAME), shortName(order.tool, MAX_NAME)];
  const copied = call.atoms.filter((atom) => atom.from.by === 'tool' && atom.from.order !== undefined);
  return {
    about,
    confidence,
    severity: severityOf(call, copied),
    title: copied.some((atom) => DESTINATIONS.has(atom.kind))
      ? `${tool} sent to a destination taken from ${source}`
      : `${tool} called on an order found in ${source}`,
    entities: { tool: call.tool, resource: call.resources[0] ?? null },
    evidence: [orderEvidence(call), ...copied.slice(0, 4).map(copyEvidence)],
    untrustedTrigger: true,
  };
}

/** What leaves or changes something weighs more than what only looks. */
function severityOf(call: ObservedCall, copied: ArgumentAtom[]): Severity {
  const acting = Math.max(call.labels.sink ?? 0, call.labels.write ?? 0, call.labels.exec ?? 0) >= 0.5;
  if (!acting) return 'medium';
  return copied.some((atom) => DESTINATIONS.has(atom.kind)) ? 'critical' : 'high';
}

function orderEvidence(call: ObservedCall): Evidence {
  const order = call.order as NonNullable<ObservedCall['order']>;
  return {
    kind: order.takesOver ? 'take-over-order' : 'order-in-tool-result',
    observed: `an order in the result of ${shortName(order.tool, MAX_NAME)} asks for this kind of call`,
    usual: `the user's words cover ${Math.round(call.asked.tool * 100)} % of the tool's name and ${Math.round(call.asked.args * 100)} % of the arguments`,
    quiet_if: 'the user had asked for this act, or the result held no order for it',
  };
}

function copyEvidence(atom: ArgumentAtom): Evidence {
  return {
    kind: 'copied-argument',
    observed: `${shortName(atom.path, 2 * MAX_NAME)} = ${atom.shown}, first said by ${shortName(atom.from.tool ?? 'a tool', MAX_NAME)}`,
    usual: 'said by the user or the system prompt',
    quiet_if: 'the user had named it',
  };
}
