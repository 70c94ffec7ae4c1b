/** Revoked credential use: a key that was revoked, expired or replaced still opens the door. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { type Familiar, knows, meet, newFamiliar } from '../../src/detect/parts/familiar.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';

const params = z.strictObject({
  /** Milliseconds that every gateway may take to hear of a revocation or an end. */
  propagationMs: z.number().int().nonnegative().default(30_000),
  /** Milliseconds after a rotation in which the old key may still be used by those who used it before. */
  graceMs: z.number().int().nonnegative().default(86_400_000),
});

type Params = z.infer<typeof params>;

interface Ended {
  /** `revoked`, `expired` or `rotated`, with the action as logged and the id of its record. */
  how: 'revoked' | 'expired' | 'rotated';
  action: string;
  time: number;
  id: string;
}

interface State {
  firstUse: number | null;
  callers: Familiar;
  /** The last change that ended the key, or null while it is good. */
  ended: Ended | null;
  /** When the key ends by itself. */
  expires: number | null;
  /** First refusal after the end: the proof that it had taken effect somewhere. */
  refusedAt: number | null;
}

const ENDING = new Set(['deleted', 'blocked', 'revoked', 'disabled', 'deactivated', 'invalidated']);
const REVIVING = new Set(['created', 'unblocked', 'enabled', 'activated', 'restored', 'reactivated']);
const ROTATING = new Set(['rotated', 'regenerated']);
const DAY = 24 * 60 * 60 * 1_000;
const MAX_CALLERS = 48;
const MAX_NAME = 160;

export default defineDetector<State, Params>({
  id: 'revoked-credential-use',
  title: 'Revoked key still works',
  class: 'artifact',
  maturity: 'incubating',
  severity: 'critical',
  techniques: ['AML.T0012', 'T1078', 'T1550.001'],
  keys: ['credential'],
  params,
  lookback: 180 * DAY,
  bound: 64 * 1024,
  stateVersion: 1,
  initial: () => ({ firstUse: null, callers: newFamiliar(), ended: null, expires: null, refusedAt: null }),
  concerns: (observation) => observation.credential !== undefined || observation.change?.kind === 'key',
  observe(observation, state, { params, key }) {
    const findings = observation.credential === key.id ? used(observation, state, params) : [];
    if (observation.change?.kind === 'key' && observation.change.object === key.id) changed(observation, state);
    return findings;
  },
});

function changed({ change, time, id }: Observation, state: State): void {
  if (change === undefined) return;
  const action = change.action.trim().toLowerCase().slice(0, 40);
  // An end set into the past begins when it is set: calls under way had every right.
  if (change.expires !== undefined) state.expires = change.expires === null ? null : Math.max(change.expires, time);
  if (ENDING.has(action)) end(state, { how: 'revoked', action, time, id });
  else if (REVIVING.has(action)) Object.assign(state, { ended: null, refusedAt: null });
  // The new key of a rotation may carry the record too: only a key that was in use before is the old one.
  else if (ROTATING.has(action) && state.firstUse !== null) end(state, { how: 'rotated', action, time, id });
}

/** A second revocation does not give the key new time. */
function end(state: State, ended: Ended): void {
  if (state.ended?.how === 'revoked') return;
  state.ended = ended;
  state.refusedAt = null;
}

function used(observation: Observation, state: State, params: Params): FindingDraft[] {
  const { time, status } = observation;
  // A call that began before the end may finish after it.
  const began = time - (observation.durationMs ?? 0);
  const ended = endAt(state, began);
  const caller = callerOf(observation);
  if (status !== 'ok') {
    if (ended !== null && status === 'denied') state.refusedAt ??= time;
    return [];
  }
  const fresh = state.firstUse !== null && !knows(state.callers, caller);
  const draft = ended === null ? undefined : judge(observation, state, ended, began, fresh, params);
  state.firstUse ??= time;
  if (ended === null || draft === undefined) meet(state.callers, caller, time, MAX_CALLERS);
  return draft === undefined ? [] : [draft];
}

/** The end that counts at this time: a revocation, or the date on which the key was to end. */
function endAt(state: State, time: number): Ended | null {
  if (state.ended !== null && state.ended.how !== 'rotated') return state.ended;
  if (state.expires !== null && state.expires < time)
    return { how: 'expired', action: 'expired', time: state.expires, id: '' };
  return state.ended;
}

function judge(
  observation: Observation,
  state: State,
  ended: Ended,
  began: number,
  fresh: boolean,
  params: Params,
): FindingDraft | undefined {
  const late = began - ended.time;
  const allowed = ended.how === 'rotated' ? params.graceMs : params.propagationMs;
  if (late <= allowed && !(ended.how === 'rotated' && fresh && late > params.propagationMs)) return undefined;
  const inGrace = late <= allowed;
  const where = observation.endpoint ?? observation.route ?? 'an endpoint that the log does not name';
  return {
    about: `${ended.how}:${ended.time}`,
    title: inGrace ? 'Old key is used by a new caller after its rotation' : `${TITLE[ended.how]} key still works`,
    severity: inGrace ? 'high' : 'critical',
    confidence: inGrace ? 0.8 : 0.97,
    eventIds: ended.id === '' ? [] : [ended.id],
    evidence: [
      {
        kind: 'use-after-end',
        observed: `${callerOf(observation)} called with success ${span(late)} after the key was ${ended.action}, at ${where.slice(0, MAX_NAME)}${fresh ? '; this caller had never used it' : ''}`,
        usual: inGrace ? 'only those who used it before may do so for a while' : 'every call is refused',
        quiet_if: inGrace ? 'the caller had used the key before the rotation' : `it had begun within ${span(allowed)}`,
      },
      ...(state.refusedAt === null
        ? []
        : [
            {
              kind: 'not-everywhere',
              observed: `it had been refused ${span(state.refusedAt - ended.time)} after the end: the end has not reached every gateway`,
              usual: 'refused everywhere',
              quiet_if: null,
            },
          ]),
    ],
  };
}

const TITLE = { revoked: 'Revoked', expired: 'Expired', rotated: 'Replaced' } as const;

function callerOf(observation: Observation): string {
  const { principal, agent, network } = observation;
  return (principal ?? agent ?? network ?? 'an unknown caller').slice(0, MAX_NAME);
}

function span(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 2 * DAY ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / DAY)} d`;
}
