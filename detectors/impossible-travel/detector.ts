/** Impossible travel: one session, key or person is in two places at a time. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { distanceKm } from '../../src/detect/parts/distance.ts';
import { type Familiar, knows, meet, newFamiliar } from '../../src/detect/parts/familiar.ts';
import { type Acquaintance, newAcquaintance, stageAt } from '../../src/detect/parts/maturity.ts';
import { arrive, newOrigins, type Origins } from '../../src/detect/parts/origins.ts';
import type { PeerView } from '../../src/detect/parts/peers.ts';
import { idsOf, note, type Recent, since } from '../../src/detect/parts/recent.ts';
import type { FindingDraft, Stage } from '../../src/model/finding.ts';
import type { Key } from '../../src/model/key.ts';
import type { Observation } from '../../src/model/observation.ts';
import { type Difference, differenceOf, type Stop, stopOf, textOf, visit } from './stops.ts';

const params = z.strictObject({
  /** Seconds within which one session is in two networks. */
  sessionSeconds: z.number().positive().default(120),
  /** Seconds within which a service's key is in two networks. */
  serviceSeconds: z.number().positive().default(300),
  /** Nobody travels faster, in km/h, or is noticed below this distance, in km. */
  speed: z.number().positive().default(900),
  distance: z.number().positive().default(500),
  /** Users of a network from which on it is the way out of many, not the place of one. */
  sharedBy: z.number().int().positive().default(5),
});

type Params = z.infer<typeof params>;

interface State {
  acquaintance: Acquaintance;
  origins: Origins;
  /** Where the key was in the last minutes. */
  stops: Stop[];
  /** The last place that is known by its coordinates. */
  last: Stop | null;
  /** Kinds of network that the key is used from. */
  kinds: Familiar;
  /** When the key was at home and, minutes later, with a strange program in a strange network: once in ten minutes. */
  doubles: Recent;
}

const DAY = 24 * 60 * 60 * 1_000;
const MAX_KINDS = 16;
/** Active days after which it means something that a workload was in one network only. */
const SINGLE_HOMED_DAYS = 7;
/** Days after which a network is a home. */
const HOME_DAYS = 3;
/** Two times so far apart are two events. */
const APART = 10 * 60 * 1_000;
const MAX_DOUBLES = 8;
/** Kinds of network whose place says nothing of the person's. */
const ELSEWHERE: readonly string[] = ['vpn', 'cloud', 'datacenter'];

export default defineDetector<State, Params>({
  id: 'impossible-travel',
  title: 'One caller in two places at a time',
  class: 'behaviour',
  maturity: 'experimental',
  severity: 'medium',
  techniques: ['AML.T0012', 'T1078', 'T1550.001'],
  keys: ['session', 'principal', 'credential'],
  params,
  lookback: 30 * DAY,
  bound: 64 * 1024,
  stateVersion: 2,
  initial: () => ({
    acquaintance: newAcquaintance(),
    origins: newOrigins(),
    stops: [],
    last: null,
    kinds: newFamiliar(),
    doubles: [],
  }),
  // A call speaks for its credential, without one for its principal, without both for its session; where people are, for the person.
  concerns: ({ status, operation, network, credential, principal, place }, dimension) =>
    status === 'ok' &&
    operation !== 'admin' &&
    network !== undefined &&
    (dimension === 'credential' ||
      (dimension === 'principal' && (credential === undefined || place !== undefined)) ||
      (dimension === 'session' && credential === undefined && principal === undefined)),
  peers: ({ status, network, principal, credential }) => {
    const by = principal ?? credential;
    return status === 'ok' && network !== undefined && by !== undefined ? [{ deed: `from ${network}`, by }] : [];
  },
  observe(observation, state, { params, key, peers }) {
    const stop = stopOf(observation);
    if (stop === undefined || (key.dimension === 'credential' && observation.credential !== key.id)) return [];
    const stage = stageAt(state.acquaintance, observation.time);
    const { network: strange, client: strangeClient } = arrive(state.origins, observation);
    const findings: (FindingDraft | undefined)[] = [];
    const shared = peers.doers(`from ${observation.network}`).tenant >= params.sharedBy;
    if (key.dimension === 'principal') findings.push(travelled(observation, state, stop, params, stage, shared));
    if (key.dimension !== 'principal' || observation.credential === undefined) {
      findings.push(inTwoPlaces(state, stop, params, strange, key, peers));
      findings.push(kindChanged(observation, state, stop, stage, strange));
      const service = isService(observation);
      if (!shared && !service && strange && strangeClient) findings.push(doubled(state, stop, params));
      else if (!shared) findings.push(overlapped(state, stop, params, strange, service));
      state.stops = visit(state.stops, stop, Math.max(params.sessionSeconds, params.serviceSeconds) * 1_000);
    }
    return findings.filter((finding) => finding !== undefined);
  },
});

/** A session token that is used from two networks at once has been copied. */
function inTwoPlaces(
  state: State,
  stop: Stop,
  params: Params,
  strange: boolean,
  key: Key,
  peers: PeerView,
): FindingDraft | undefined {
  if (stop.session === '') return undefined;
  const recent = state.stops.filter(
    ({ session, time }) => session === stop.session && stop.time - time <= params.sessionSeconds * 1_000,
  );
  const other = recent.findLast(({ network }) => network !== stop.network);
  const differs = other && differenceOf(other, stop);
  if (other === undefined || differs === undefined) return undefined;
  const learning = key.dimension === 'session' || state.origins.settled === null;
  // Both networks are the caller's own: two machines of one workload, or desk and phone.
  const stranger = strange || learning ? stop : isStrange(state, other.network) ? other : undefined;
  // What many use is their way out, and nobody's place.
  if (stranger === undefined || peers.doers(`from ${stranger.network}`).tenant >= params.sharedBy) return undefined;
  const back = isBack(state, stop, other);
  const severity = severityOf(differs, back);
  return {
    about: `session ${stop.session}`.slice(0, 100),
    title: 'One session in two places at a time',
    stage: learning ? 'learning' : 'own',
    severity: learning && severity !== undefined ? 'low' : (severity ?? 'low'),
    confidence: Math.min(0.95, 0.45 + (differs.client ? 0.3 : 0) + (back ? 0.1 : 0) + (differs.country ? 0.15 : 0)),
    eventIds: [other.id],
    evidence: [
      {
        kind: 'session-in-two-networks',
        observed: `used from ${textOf(other)} and ${seconds(stop.time - other.time)} later from ${textOf(stop)}${back ? ', in turn' : ''}`,
        usual: `${Object.keys(state.origins.networks.met).length} networks in ${state.origins.days} active days`,
        quiet_if: `there had been more than ${params.sessionSeconds} s between them, or both networks were known for this caller`,
      },
    ],
    ...(severity === undefined ? { signal: true as const } : {}),
  };
}

/** The session has been where it is now, before it was in the other place. */
function isBack({ stops }: State, stop: Stop, other: Stop): boolean {
  return stops.some(
    ({ session, network, time }) => session === stop.session && network === stop.network && time <= other.time,
  );
}

/** Another program too, or back and forth between countries: somebody else. A device that changes its network does that once. */
function severityOf(differs: Difference, back: boolean): 'high' | 'medium' | 'low' | undefined {
  if (differs.client || (back && differs.country)) return 'high';
  if (back && (differs.system || differs.reach)) return 'medium';
  return back ? 'low' : undefined;
}

/** A service lives in one network; it is used from there and from outside, by another program, in turn. A person has a phone: a signal. */
function overlapped(
  state: State,
  stop: Stop,
  params: Params,
  strange: boolean,
  service: boolean,
): FindingDraft | undefined {
  if (!strange || stop.reach === 'inside' || state.origins.days < SINGLE_HOMED_DAYS) return undefined;
  const homes = Object.entries(state.origins.networks.met).filter(([, [, , days]]) => days >= 3);
  const other = state.stops.findLast(
    ({ network, time }) => network === homes[0]?.[0] && stop.time - time <= params.serviceSeconds * 1_000,
  );
  const differs = other && differenceOf(other, stop);
  if (homes.length !== 1 || other === undefined || differs === undefined) return undefined;
  const back = state.stops.some(({ network, time }) => network === stop.network && time <= other.time);
  const likely = back && (differs.client || differs.country);
  const sure = likely && service;
  return {
    about: 'overlap',
    title: `Key of a ${service ? 'service' : 'person'} is used from two places at a time`,
    stage: 'own',
    severity: sure ? 'medium' : 'low',
    confidence: sure ? 0.75 : likely ? 0.5 : 0.3,
    eventIds: [other.id],
    evidence: [
      {
        kind: 'key-in-two-networks',
        observed: `used from ${textOf(other)} and ${seconds(stop.time - other.time)} later from ${textOf(stop)}${back ? ', in turn' : ''}`,
        usual: `one network in ${state.origins.days - 1} active days`,
        quiet_if: `there had been more than ${params.serviceSeconds} s between them, or the key had a second network`,
      },
    ],
    ...(sure ? {} : { signal: true as const }),
  };
}

/**
 * A strange program in a strange network while the key is at home minutes before. A new telephone beside the desk does that once, and
 * in one country; again later in the day it is somebody else.
 */
function doubled(state: State, stop: Stop, params: Params): FindingDraft | undefined {
  const { networks } = state.origins;
  const other = state.stops.findLast(
    ({ network, client, time }) =>
      (networks.met[network]?.[2] ?? 0) >= HOME_DAYS &&
      client !== stop.client &&
      stop.time - time <= params.serviceSeconds * 1_000,
  );
  const differs = other && differenceOf(other, stop);
  if (other === undefined || differs === undefined) return undefined;
  const back = state.stops.some(({ network, time }) => network === stop.network && time <= other.time);
  const before = since(state.doubles, stop.time - DAY);
  if (stop.time - (before.at(-1)?.[0] ?? 0) >= APART) note(state.doubles, stop.time, '', stop.id, DAY, MAX_DOUBLES);
  const again = before.some(([time]) => stop.time - time >= APART);
  const sure = again || (back && differs.country);
  return {
    about: 'doubled',
    title: 'One caller at home and in a strange place at a time',
    stage: 'own',
    severity: sure ? 'medium' : 'low',
    confidence: sure ? 0.7 : 0.4,
    eventIds: [...idsOf(before), other.id],
    evidence: [
      {
        kind: 'at-home-and-away',
        observed: `used from ${textOf(other)} and ${seconds(stop.time - other.time)} later from ${textOf(stop)}, network and program both new to it${back ? ', in turn' : again ? `, for the ${before.length + 1}th time in a day` : ''}`,
        usual: `${Object.keys(networks.met).length - 1} networks and ${Object.keys(state.origins.clients.met).length - 1} programs in ${state.origins.days - 1} active days`,
        quiet_if: `there had been more than ${params.serviceSeconds} s between them, or it had happened once only`,
      },
    ],
    ...(sure ? {} : { signal: true as const }),
  };
}

/** From an office or a data centre to the open internet, or the other way: alone a signal. */
function kindChanged(
  observation: Observation,
  state: State,
  stop: Stop,
  stage: Stage,
  strange: boolean,
): FindingDraft | undefined {
  const kind = observation.networkKind ?? stop.reach;
  const known = knows(state.kinds, kind);
  const before = Object.keys(state.kinds.met);
  meet(state.kinds, kind, observation.time, MAX_KINDS);
  if (known || stage !== 'own' || !strange) return undefined;
  return {
    about: `kind ${kind}`,
    signal: true,
    title: 'Caller comes from another kind of network',
    stage,
    severity: 'low',
    confidence: isService(observation) ? 0.4 : 0.2,
    evidence: [
      {
        kind: 'network-kind',
        observed: `first call from ${kind}: ${textOf(stop)}`,
        usual: before.join(', '),
        quiet_if: 'the caller had come from such a network before',
      },
    ],
  };
}

/** A person is in a place that they cannot have reached. */
function travelled(
  observation: Observation,
  state: State,
  stop: Stop,
  params: Params,
  stage: Stage,
  shared: boolean,
): FindingDraft | undefined {
  const kind = observation.principalKind ?? (observation.agent === undefined ? 'person' : 'agent');
  if (kind !== 'person' || shared || ELSEWHERE.includes(observation.networkKind ?? '') || stop.at === null)
    return undefined;
  const last = state.last;
  state.last = stop;
  if (last?.at == null || last.network === stop.network || last.asn === (stop.asn || -1)) return undefined;
  const km = distanceKm(last.at, stop.at);
  const hours = Math.max((stop.time - last.time) / 3_600_000, 1 / 3_600);
  if (km < params.distance || km / hours <= params.speed) return undefined;
  const client = last.client !== '' && stop.client !== '' && last.client !== stop.client;
  const sure = client && isStrange(state, stop.network);
  return {
    about: 'travel',
    stage,
    severity: sure && stage !== 'learning' ? 'medium' : 'low',
    confidence: sure ? 0.7 : 0.35,
    eventIds: [last.id],
    evidence: [
      {
        kind: 'distance',
        observed: `${Math.round(km)} km in ${seconds(stop.time - last.time)}: from ${textOf(last)} to ${textOf(stop)}`,
        usual: `${Object.keys(state.origins.networks.met).length} networks in ${state.origins.days} active days`,
        quiet_if: `it had been at most ${params.speed} km/h or under ${params.distance} km`,
      },
    ],
    ...(sure ? {} : { signal: true as const }),
  };
}

function isService({ principalKind, agent }: Observation): boolean {
  return (
    principalKind === 'service' || principalKind === 'agent' || (principalKind === undefined && agent !== undefined)
  );
}

/** Not known for three days, and not from the key's first day. */
function isStrange({ origins }: State, network: string): boolean {
  const met = Object.hasOwn(origins.networks.met, network) ? origins.networks.met[network] : undefined;
  return met === undefined || (met[2] <= 3 && Math.floor(met[0] / DAY) !== origins.firstDay);
}

function seconds(span: number): string {
  const total = Math.max(0, Math.round(span / 1_000));
  return total < 120
    ? `${total} s`
    : total < 7_200
      ? `${Math.round(total / 60)} min`
      : `${Math.round(total / 3_600)} h`;
}
