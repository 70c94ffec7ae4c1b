/** Lateral movement: a credential turns up in hands, or reaches places, that it has nothing to do with. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { type Familiar, knows, meet, newFamiliar } from '../../src/detect/parts/familiar.ts';
import { type Acquaintance, newAcquaintance, stageAt } from '../../src/detect/parts/maturity.ts';
import { shortName } from '../../src/detect/parts/name.ts';
import type { FindingDraft, Stage } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';
import { type Crowd, gather, newCrowd, toolFacts } from './crowd.ts';
import { clientFacts, type Hands, inOtherHands, newHands } from './hands.ts';
import { newWalk, type Walk, walk } from './host.ts';

const params = z.strictObject({
  /** New resources within 30 minutes that are reported. */
  newResources: z.number().int().positive().default(5),
  /** Probability from which a session's walk from host to host is reported. */
  walk: z.number().min(0).max(1).default(0.75),
  /** Agents that turn to one new resource, each with a tool new to it, and milliseconds after its first use in which they do. */
  crowd: z.number().int().min(2).default(5),
  crowdMs: z.number().int().positive().default(1_800_000),
});

interface Sighting {
  time: number;
  id: string;
  principal: string | null;
}

interface State {
  acquaintance: Acquaintance;
  principals: Familiar;
  agents: Familiar;
  networks: Familiar;
  resources: Familiar;
  /** New resources of late: [time, source id, resource]. */
  reach: [number, string, string][];
  /** Tool results in which this credential stood. */
  seen: Sighting[];
  /** Of a principal, or of a session without one. */
  walk: Walk;
  /** Of a credential. */
  hands: Hands;
  /** Of a resource. */
  crowd: Crowd;
}

const MINUTE = 60 * 1_000;
const DAY = 24 * 60 * MINUTE;
const REACH = 30 * MINUTE;
const MAX_NAMES = 64;
const MAX_RESOURCES = 256;
const MAX_SEEN = 8;
const MAX_NAME = 120;
/** Principals from which on a key is one that many call with. */
const SHARED_BY = 3;

export default defineDetector<State, z.infer<typeof params>>({
  id: 'lateral-movement',
  title: 'Credential used by someone it does not belong to',
  class: 'behaviour',
  maturity: 'incubating',
  severity: 'high',
  techniques: ['AML.T0091.000', 'AML.T0012', 'T1550.001', 'T1078.004'],
  keys: ['credential', 'principal', 'session', 'resource'],
  params,
  lookback: { credential: 30 * DAY, principal: 30 * DAY, session: 30 * DAY, resource: DAY },
  bound: 128 * 1024,
  stateVersion: 4,
  initial: () => ({
    acquaintance: newAcquaintance(),
    principals: newFamiliar(),
    agents: newFamiliar(),
    networks: newFamiliar(),
    resources: newFamiliar(),
    reach: [],
    seen: [],
    walk: newWalk(),
    hands: newHands(),
    crowd: newCrowd(),
  }),
  concerns: ({ agent, status }, dimension) => dimension !== 'resource' || (agent !== undefined && status === 'ok'),
  peers: (observation) => [...clientFacts(observation), ...toolFacts(observation)],
  observe(observation, state, { params, key, peers }) {
    if (key.dimension === 'resource') {
      const finding = gather(observation, key.id, state.crowd, peers, params);
      return finding === undefined ? [] : [finding];
    }
    if (key.dimension !== 'credential') {
      // A walk is spread over the sessions of sub-agents; without a principal each session stands for itself.
      if (key.dimension === 'session' && observation.principal !== undefined) return [];
      const finding = walk(observation, state.walk, params.walk);
      return finding === undefined ? [] : [finding];
    }
    if (observation.seenCredentials.includes(key.id)) see(observation, state);
    if (observation.credential !== key.id || observation.status === 'denied') return [];
    const stage = stageAt(state.acquaintance, observation.time);
    const findings = [
      stolen(observation, state),
      switched(observation, state, stage),
      reached(observation, state, stage, params),
      inOtherHands(observation, state.hands, peers),
    ];
    learnFrom(observation, state);
    return findings.filter((finding) => finding !== undefined);
  },
});

function see(observation: Observation, state: State): void {
  const sighting = {
    time: observation.time,
    id: observation.id,
    principal: observation.principal === undefined ? null : clip(observation.principal),
  };
  state.seen = [...state.seen, sighting].slice(-MAX_SEEN);
}

/** The key stood in a tool result, and now someone who never used it calls with it: a fact, whatever is usual. */
function stolen(observation: Observation, state: State): FindingDraft | undefined {
  const last = state.seen.at(-1);
  const who = callerOf(observation);
  if (last === undefined || who === undefined || state.acquaintance.events <= 1 || isKnown(observation, state))
    return undefined;
  return {
    about: `stolen:${who}`,
    severity: 'critical',
    confidence: 0.97,
    title: 'Key found in a tool result is used by a new caller',
    eventIds: state.seen.map((sighting) => sighting.id),
    evidence: [
      {
        kind: 'credential-seen-then-used',
        observed: `the key stood in a tool result of ${last.principal ?? 'an unknown caller'}, then ${who} called with it`,
        usual: 'used only by those who have always used it',
        quiet_if: 'the caller had used this key before it was seen',
      },
    ],
  };
}

/** A credential with a history is used by a principal, agent and network that are all new to it. */
function switched(observation: Observation, state: State, stage: Stage): FindingDraft | undefined {
  const who = callerOf(observation);
  if (who === undefined || state.acquaintance.events <= 1 || isKnown(observation, state)) return undefined;
  const newNetwork = observation.network !== undefined && !knows(state.networks, observation.network);
  const shared = Object.keys(state.principals.met).length;
  // A key that many share meets new people by its nature; one that had a single holder does not.
  const confidence = Math.min(0.95, (newNetwork ? 0.8 : 0.55) + (shared <= 1 ? 0.12 : -0.05 * Math.min(shared, 6)));
  if (confidence < 0.5) return undefined;
  return {
    about: `switch:${who}`,
    stage,
    severity: stage === 'learning' ? 'low' : newNetwork ? 'high' : 'medium',
    confidence,
    evidence: [
      {
        kind: 'credential-switch',
        observed: `${who} used this credential for the first time${newNetwork ? `, from a network new to it (${observation.network})` : ''}`,
        usual: `${shared} known ${shared === 1 ? 'holder' : 'holders'} in ${state.acquaintance.days} active days`,
        quiet_if: 'the caller or its network had been known for this credential',
      },
    ],
  };
}

/** Many resources within half an hour that this credential never reached before. */
function reached(
  observation: Observation,
  state: State,
  stage: Stage,
  params: { newResources: number },
): FindingDraft | undefined {
  state.reach = state.reach.filter(([time]) => observation.time - time <= REACH);
  for (const call of observation.calls) {
    for (const resource of call.resources) {
      const name = placeOf(resource);
      if (!knows(state.resources, name) && !state.reach.some(([, , other]) => other === name))
        state.reach.push([observation.time, observation.id, name]);
    }
  }
  state.reach = state.reach.slice(-MAX_NAMES);
  const known = Object.keys(state.resources.met).length;
  if (stage === 'learning' || state.reach.length < params.newResources || state.reach.length < known / 4)
    return undefined;
  return {
    about: 'new-reach',
    stage,
    severity: 'medium',
    confidence: Math.min(0.9, 0.5 + state.reach.length / 40),
    title: 'Credential reaches many new resources at once',
    eventIds: state.reach.map(([, id]) => id),
    entities: { resource: state.reach.at(-1)?.[2] ?? null },
    evidence: [
      {
        kind: 'new-resources',
        observed: `${state.reach.length} resources in 30 minutes that it had never reached`,
        usual: `${known} resources in ${state.acquaintance.days} active days`,
        quiet_if: `there had been fewer than ${params.newResources}`,
      },
    ],
  };
}

function callerOf(observation: Observation): string | undefined {
  const who = observation.principal ?? observation.agent ?? observation.network;
  return who === undefined ? undefined : clip(who);
}

/**
 * Judged by the person; by the agent or the network where this credential's log never named one, or where the credential is one that many
 * call with: an agent's key meets new people every day.
 */
function isKnown(observation: Observation, state: State): boolean {
  const { principal, agent, network } = observation;
  const shared = Object.keys(state.principals.met).length >= SHARED_BY;
  if (principal !== undefined && !shared && metAny(state.principals)) return knows(state.principals, clip(principal));
  if (agent !== undefined && metAny(state.agents)) return knows(state.agents, clip(agent));
  return network === undefined || knows(state.networks, network);
}

function metAny(familiar: Familiar): boolean {
  return Object.keys(familiar.met).length > 0;
}

function learnFrom(observation: Observation, state: State): void {
  const { principal, agent, network, time } = observation;
  if (principal !== undefined) meet(state.principals, clip(principal), time, MAX_NAMES);
  if (agent !== undefined) meet(state.agents, clip(agent), time, MAX_NAMES);
  if (network !== undefined) meet(state.networks, network, time, MAX_NAMES);
  for (const call of observation.calls)
    for (const resource of call.resources) meet(state.resources, placeOf(resource), time, MAX_RESOURCES);
}

/** One more file in a known folder is no new place. */
function placeOf(resource: string): string {
  const folder = resource.startsWith('path:') ? resource.lastIndexOf('/') : -1;
  return clip(folder > 'path:'.length ? resource.slice(0, folder) : resource);
}

function clip(name: string): string {
  return shortName(name, MAX_NAME);
}
