/** Leaked credential: a secret that stood in a conversation turns up again elsewhere, or is used to make calls. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { clipWhat, distinct, note, type Recent } from '../../src/detect/parts/recent.ts';
import { secretId } from '../../src/detect/parts/secret-id.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Observation, ObservedArtefact } from '../../src/model/observation.ts';

const params = z.strictObject({
  /** Principals in whose conversations one secret stood that mean it is spreading. */
  principals: z.number().int().min(2).default(3),
  /** Surety from which a secret counts as one. */
  confidence: z.number().min(0).max(1).default(0.8),
});

type Params = z.infer<typeof params>;

interface State {
  /** Who had it in a conversation within a week, and in which record. */
  holders: Recent;
  /** Of them, those whose model said it or handed it to a tool. */
  shown: Recent;
  type: string;
  /** Who called with it before it was first seen in a conversation. */
  callers: Recent;
}

const WEEK = 7 * 24 * 60 * 60 * 1_000;
const MAX = 32;

export default defineDetector<State, Params>({
  id: 'leaked-credential',
  title: 'Secret from a conversation turns up elsewhere',
  class: 'artifact',
  maturity: 'experimental',
  severity: 'high',
  techniques: ['AML.T0055', 'T1552', 'T1078'],
  keys: ['credential'],
  params,
  lookback: 4 * WEEK,
  bound: 64 * 1024,
  stateVersion: 1,
  initial: () => ({ holders: [], shown: [], type: '', callers: [] }),
  observe(observation, state, { params, key }) {
    const findings: FindingDraft[] = [];
    const seen = observation.artefacts?.filter((artefact) => secretId(artefact) === key.id) ?? [];
    const who = holderOf(observation);
    if (observation.credential === key.id && observation.operation !== 'admin' && observation.status === 'ok') {
      const used = useOf(observation, state, who);
      if (used) findings.push(used);
      if (state.holders.length === 0) note(state.callers, observation.time, who, observation.id, 4 * WEEK, MAX);
    }
    const sure = seen.filter(({ confidence }) => confidence >= params.confidence);
    if (sure[0]) {
      const known = distinct(state.holders).includes(clipWhat(who));
      note(state.holders, observation.time, who, observation.id, WEEK, MAX);
      if (sure.some(isHandedOut)) note(state.shown, observation.time, who, observation.id, WEEK, MAX);
      state.type = sure[0].type;
      if (!known) {
        const spread = spreadOf(state, params);
        if (spread) findings.push(spread);
      }
    }
    return findings;
  },
});

function holderOf({ principal, session, credential }: Observation): string {
  return principal ?? session ?? credential ?? 'unknown';
}

/** Said by the model, or handed to a tool. */
function isHandedOut({ role }: ObservedArtefact): boolean {
  return role === 'assistant';
}

/** Calls with a key that stood in a conversation, by someone who did not call with it before. */
function useOf(observation: Observation, state: State, who: string): FindingDraft | undefined {
  const first = state.holders[0];
  if (first === undefined || distinct(state.callers).includes(clipWhat(who))) return undefined;
  const holders = distinct(state.holders);
  const owner = state.callers.length > 0;
  return {
    about: `used:${clipWhat(who)}`,
    title: 'Secret from a conversation is used to make calls',
    severity: owner ? 'critical' : 'high',
    confidence: owner ? 0.95 : 0.8,
    eventIds: [first[2]],
    entities: { credential: observation.credential ?? null },
    evidence: [
      {
        kind: 'leaked-key-used',
        observed: `a key (${state.type}) that stood in a conversation of ${holders.slice(0, 3).join(', ')} was used by ${clipWhat(who)}`,
        usual: owner ? `used by ${distinct(state.callers).slice(0, 3).join(', ')} before` : 'never used before',
        quiet_if: 'whoever used it had used it before it was seen, or it had stood in no conversation',
      },
    ],
  };
}

/** One secret in the conversations of several people, and a model has given it out. */
function spreadOf(state: State, params: Params): FindingDraft | undefined {
  const holders = distinct(state.holders);
  if (holders.length < params.principals || state.shown.length === 0) return undefined;
  return {
    about: 'spread',
    severity: 'medium',
    confidence: Math.min(0.9, 0.5 + 0.1 * holders.length),
    eventIds: state.holders.map(([, , id]) => id),
    evidence: [
      {
        kind: 'secret-spreads',
        observed: `the same ${state.type} stood in conversations of ${holders.length} principals within 7 days: ${holders.slice(0, 4).join(', ')}`,
        usual: 'a secret stands in the conversations of one',
        quiet_if: `there had been fewer than ${params.principals} principals, or no model had given it out`,
      },
    ],
  };
}
