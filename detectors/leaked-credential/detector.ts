/** Leaked credential: a secret that stood in a conversation turns up again elsewhere, or is used to make calls. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { type Familiar, meet, newFamiliar } from '../../src/detect/parts/familiar.ts';
import { shortName } from '../../src/detect/parts/name.ts';
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
  /** Networks and programs that called with it; those of a reported use do not come to belong to it. */
  networks: Familiar;
  clients: Familiar;
  /** Principals who make calls with it, and so do nothing odd in doing it. */
  principals: Familiar;
}

const WEEK = 7 * 24 * 60 * 60 * 1_000;
const MAX = 32;
const MAX_NAME = 80;
/** A key that so many call with is handed on by its nature: one caller more says nothing. */
const SHARED_BY = 3;

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
  stateVersion: 2,
  initial: () => ({
    holders: [],
    shown: [],
    type: '',
    callers: [],
    networks: newFamiliar(),
    clients: newFamiliar(),
    principals: newFamiliar(),
  }),
  observe(observation, state, { params, key }) {
    const findings: FindingDraft[] = [];
    const seen = observation.artefacts?.filter((artefact) => secretId(artefact) === key.id) ?? [];
    const who = holderOf(observation);
    if (observation.credential === key.id && observation.operation !== 'admin' && observation.status === 'ok') {
      const used = useOf(observation, state, who);
      if (used) findings.push(used);
      else belongs(observation, state, who);
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

/** Calls that tell nothing against their caller show where the key is at home. */
function belongs({ time, id, network, client }: Observation, state: State, who: string): void {
  if (state.holders.length === 0 && !distinct(state.callers).includes(clipWhat(who)))
    note(state.callers, time, who, id, 4 * WEEK, MAX);
  meet(state.principals, shortName(who, MAX_NAME), time, MAX);
  if (network !== undefined) meet(state.networks, shortName(network, MAX_NAME), time, MAX);
  if (client !== undefined) meet(state.clients, shortName(client, MAX_NAME), time, MAX);
}

/** Calls with a key that stood in a conversation, by someone who did not call with it before, or from elsewhere. */
function useOf(observation: Observation, state: State, who: string): FindingDraft | undefined {
  const first = state.holders[0];
  if (first === undefined) return undefined;
  const holders = distinct(state.holders);
  const owners = distinct(state.callers);
  const shared = Object.keys(state.principals.met).length >= SHARED_BY;
  // Whoever asks about a key of their own that was never used yet goes on to use it.
  const stranger =
    !shared && !owners.includes(clipWhat(who)) && !(owners.length === 0 && holders.includes(clipWhat(who)));
  const elsewhere = isNew(state.networks, observation.network) && isNew(state.clients, observation.client);
  if (!stranger && !elsewhere) return undefined;
  const owner = owners.length > 0;
  const place = `${observation.client?.slice(0, MAX_NAME)} in ${observation.network?.slice(0, MAX_NAME)}`;
  return {
    about: `used:${clipWhat(who)}${stranger ? '' : ` ${place}`}`.slice(0, 160),
    title: 'Secret from a conversation is used to make calls',
    severity: stranger && owner ? 'critical' : 'high',
    confidence: stranger && owner ? 0.95 : 0.8,
    eventIds: [first[2]],
    entities: { credential: observation.credential ?? null },
    evidence: [
      {
        kind: 'leaked-key-used',
        observed: `a key (${state.type}) that stood in a conversation of ${holders.slice(0, 3).join(', ')} was used by ${clipWhat(who)}${elsewhere ? `, from ${place}, both new to the key` : ''}`,
        usual: owner
          ? `used by ${owners.slice(0, 3).join(', ')} before, with ${Object.keys(state.clients.met).length} programs from ${Object.keys(state.networks.met).length} networks`
          : 'never used before',
        quiet_if:
          'whoever used it had used it before it was seen, from a known place; or it had stood in no conversation',
      },
    ],
  };
}

/** Something is known of the key, and this is none of it. */
function isNew({ met }: Familiar, name: string | undefined): boolean {
  return name !== undefined && Object.keys(met).length > 0 && !Object.hasOwn(met, shortName(name, MAX_NAME));
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
