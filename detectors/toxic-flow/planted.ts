/**
 * Planted destinations: a session stores, on an order found in a tool result, where something is to be sent; days later another session
 * reads its notes and sends it there. Only the destination's fingerprint links the two.
 */
import { shortName } from '../../src/detect/parts/name.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { ArgumentAtom, Observation, ObservedCall } from '../../src/model/observation.ts';

/** [fingerprint, time, session, source id, tool that stored it, tool whose result it came from]. */
export type Planted = [string, number, string, string, string, string];

const KINDS = new Set(['email', 'url', 'host', 'account', 'address']);
/** From here on the words around a destination read like an order to the agent. */
const ORDER = 0.5;
const MAX_PLANTED = 256;
const MAX_NAME = 64;

const stores = ({ labels }: ObservedCall) => (labels.write ?? 0) >= 0.5;
const sends = ({ labels }: ObservedCall) => (labels.sink ?? 0) >= 0.5;
const destination = (atom: ArgumentAtom) => KINDS.has(atom.kind) && atom.from.by === 'tool';

/** True when a call could plant a destination or use one. */
export function mayPlant(observation: Observation): boolean {
  return observation.calls.some((call) => (stores(call) || sends(call)) && call.atoms.some(destination));
}

/** Reports sends to destinations that another session stored on an order; then notes what this one stores. */
export function planted(observation: Observation, known: Planted[]): FindingDraft[] {
  const session = shortName(observation.session ?? observation.id, MAX_NAME);
  const findings: FindingDraft[] = [];
  for (const call of observation.calls.filter(sends)) {
    for (const atom of call.atoms.filter(destination)) {
      const found = known.find(([fingerprint, , other]) => fingerprint === atom.fingerprint && other !== session);
      if (found) findings.push(report(call, atom, found, observation));
    }
  }
  for (const call of observation.calls.filter(stores)) {
    for (const atom of call.atoms.filter(destination)) {
      if ((atom.from.order ?? 0) < ORDER || known.some(([fingerprint]) => fingerprint === atom.fingerprint)) continue;
      const [tool, source] = [shortName(call.tool, MAX_NAME), shortName(atom.from.tool ?? 'a tool', MAX_NAME)];
      const id = shortName(observation.id, MAX_NAME);
      known.push([atom.fingerprint, observation.time, session, id, tool, source]);
    }
  }
  known.splice(0, Math.max(0, known.length - MAX_PLANTED));
  return findings;
}

function report(call: ObservedCall, atom: ArgumentAtom, from: Planted, observation: Observation): FindingDraft {
  const [fingerprint, time, , event, stored, source] = from;
  const tool = shortName(call.tool, MAX_NAME);
  const hours = Math.max(0, Math.round((observation.time - time) / 3_600_000));
  return {
    about: `planted:print:${fingerprint}`,
    title: `${tool} sent to a destination that an earlier session was told to keep`,
    severity: 'high',
    confidence: 0.85,
    eventIds: [event],
    entities: { tool: call.tool, resource: call.resources[0] ?? null },
    evidence: [
      {
        kind: 'planted-destination',
        observed: `${atom.shown}, ordered by the result of ${source} and stored by ${stored} ${hours} h before in another session; here it came out of ${shortName(atom.from.tool ?? 'a tool', MAX_NAME)}`,
        usual: 'named by the user, or by a text that gives no orders',
        quiet_if: 'the user had named the destination in either session',
      },
    ],
    untrustedTrigger: true,
  };
}
