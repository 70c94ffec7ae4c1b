/** Toxic flow: a tool call that nobody with the right to ask for it asked for, but that text returned by a tool did. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { type Familiar, knows, meet, newFamiliar } from '../../src/detect/parts/familiar.ts';
import { shortName } from '../../src/detect/parts/name.ts';
import type { Evidence, FindingDraft, Severity } from '../../src/model/finding.ts';
import type { ArgumentAtom, Observation, ObservedCall } from '../../src/model/observation.ts';
import { features, isModel, type Model, probability, SHIPPED } from './model.ts';
import { mayPlant, type Planted, planted } from './planted.ts';

const params = z.strictObject({
  /** Probability from which a call is reported. */
  threshold: z.number().min(0).max(1).default(0.7),
  /** Weights to use instead of those that ship. */
  model: z.custom<Model>((value) => value === undefined || isModel(value), 'is no model').default(SHIPPED),
});

interface State {
  /** Subjects reported of late, newest last: the same call again in the same session adds nothing. */
  reported: string[];
  /** Of an agent: which tools it calls on what which tools tell it. */
  flows: Familiar;
  /** Of a tenant: destinations that sessions were ordered to store. */
  planted: Planted[];
}

const HOUR = 60 * 60 * 1_000;
/** A stored destination is remembered for so long. */
const PLANTED_FOR = 30 * 24 * HOUR;
const MAX_REPORTED = 48;
const MAX_FLOWS = 256;
/** Probability from which a call on an order counts as a flow of its agent. */
const FLOW = 0.3;
/** Distinct days on which a flow was met before it is usual. */
const USUAL_DAYS = 3;
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
  // An agent has flows of its own; the session is for calls that name no agent.
  keys: ['session', 'agent', 'tenant'],
  params,
  lookback: { session: 24 * HOUR, agent: PLANTED_FOR, tenant: PLANTED_FOR },
  bound: 128 * 1024,
  stateVersion: 2,
  initial: () => ({ reported: [], flows: newFamiliar(), planted: [] }),
  concerns: (observation, dimension) =>
    dimension === 'tenant' ? mayPlant(observation) : observation.calls.some((call) => call.order !== null),
  observe(observation, state, context) {
    if (context.key.dimension === 'tenant') {
      // What one session stores another may read, whoever runs it.
      state.planted = state.planted.filter(([, time]) => observation.time - time <= PLANTED_FOR);
      return planted(observation, state.planted);
    }
    if (context.key.dimension === 'session' && observation.agent !== undefined) return [];
    const findings: FindingDraft[] = [];
    for (const call of observation.calls) {
      if (call.order === null) continue;
      const confidence = probability(features(call), context.params.model);
      if (confidence < FLOW) continue;
      const flow = `${shortName(call.tool, MAX_NAME)}:${shortName(call.order.tool, MAX_NAME)}`;
      const usual = usualFlow(call, flow, state.flows);
      meet(state.flows, flow, observation.time, MAX_FLOWS);
      const about = context.key.dimension === 'session' ? flow : `${flow}:${sessionOf(observation)}`;
      if (confidence < context.params.threshold || usual || state.reported.includes(about)) continue;
      state.reported = [...state.reported, about].slice(-MAX_REPORTED);
      findings.push(report(call, confidence, about));
    }
    return findings;
  },
});

/**
 * A runbook tells its agent what to do on every case of its kind. A flow met on several days is how this agent works, unless the text tries
 * to take it over or gives a destination: those are what an attacker needs.
 */
function usualFlow({ order }: ObservedCall, flow: string, flows: Familiar): boolean {
  const { takesOver, copied } = order as NonNullable<ObservedCall['order']>;
  if (takesOver || copied.some((kind) => DESTINATIONS.has(kind))) return false;
  return knows(flows, flow) && (flows.met[flow]?.[2] ?? 0) >= USUAL_DAYS;
}

function sessionOf(observation: Observation): string {
  return shortName(observation.session ?? observation.id, MAX_NAME);
}

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
