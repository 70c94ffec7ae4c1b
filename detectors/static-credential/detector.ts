/** Static credential: a long-lived key that is passed around, wakes up in strange hands, lies about, or is simply too old. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { type Acquaintance, newAcquaintance, stageAt } from '../../src/detect/parts/maturity.ts';
import { arrive, newOrigins, type Origins, type Strange } from '../../src/detect/parts/origins.ts';
import { clipWhat, distinct, idsOf, note, type Recent, since } from '../../src/detect/parts/recent.ts';
import type { FindingDraft, Stage } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';

const params = z.strictObject({
  /** Programs and networks new to the key within a week that mean more hands than one. */
  newClients: z.number().int().positive().default(3),
  newNetworks: z.number().int().positive().default(2),
  /** Fires also while learning: programs new to the key, as many as in a week nobody changes to. */
  ceilingNewClients: z.number().int().positive().default(4),
  /** Fires whatever is usual: programs and networks within a day. */
  ceilingClients: z.number().int().positive().default(5),
  ceilingNetworks: z.number().int().positive().default(3),
  /** Idle days after which a key is dormant, and after which waking up is reported even while learning. */
  dormantDays: z.number().positive().default(30),
  ceilingDormantDays: z.number().positive().default(60),
  /** Idle days after which a key that is old and never ends is dormant, where network and program are both new to it. */
  restDays: z.number().positive().default(5),
  /** Age in days at which a key is old, and too old. */
  oldDays: z.number().positive().default(90),
  tooOldDays: z.number().positive().default(180),
});

type Params = z.infer<typeof params>;

interface State {
  acquaintance: Acquaintance;
  origins: Origins;
  /** `network client` of each use from the last week in which at least one was a stranger; each pair once. */
  strangers: Recent;
  newNetworks: Recent;
  newClients: Recent;
  /** The last day, whoever it was. */
  day: { networks: Recent; clients: Recent };
  first: number | null;
  last: number;
  /** When the key was made and when it ends, where an audit log told; `expires` null means never. */
  created: number | null;
  expires: number | null | false;
  /** When age or lack of an end was last reported. */
  told: number | null;
}

const HOUR = 60 * 60 * 1_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const REPEAT = 30 * DAY;
const MAX_RECENT = 32;
const MAX_NAME = 80;

export default defineDetector<State, Params>({
  id: 'static-credential',
  title: 'One key is used by several hands',
  class: 'behaviour',
  maturity: 'experimental',
  severity: 'medium',
  techniques: ['AML.T0012', 'AML.T0055', 'T1078', 'T1552.001'],
  keys: ['credential'],
  params,
  lookback: 200 * DAY,
  bound: 256 * 1024,
  stateVersion: 1,
  initial: () => ({
    acquaintance: newAcquaintance(),
    origins: newOrigins(),
    strangers: [],
    newNetworks: [],
    newClients: [],
    day: { networks: [], clients: [] },
    first: null,
    last: 0,
    created: null,
    expires: false,
    told: null,
  }),
  observe(observation, state, { params, key }) {
    const findings = [lyingAbout(observation, state, key.id)];
    if (observation.change?.kind === 'key' && observation.change.object === key.id) heard(observation, state);
    // A key that ends by itself within days is not the long-lived kind; a refused call proves nothing about the one who made it.
    if (observation.credential === key.id && observation.credentialKind !== 'temporary' && isUse(observation)) {
      const stage = stageAt(state.acquaintance, observation.time);
      const strange = arrive(state.origins, observation);
      findings.push(awake(observation, state, params, stage, strange));
      if (remember(observation, state, strange)) findings.push(shared(observation, state, params, stage));
      findings.push(old(observation, state, params));
      state.first ??= observation.time;
      state.last = observation.time;
    }
    return findings.filter((finding) => finding !== undefined);
  },
});

/** Succeeded, and with something to show for it: keep-alive pings must not keep a sleeping key awake. */
function isUse({ status, operation, outputTokens }: Observation): boolean {
  return (
    status === 'ok' &&
    operation !== 'admin' &&
    !(operation === 'chat' && outputTokens !== undefined && outputTokens <= 1)
  );
}

function heard({ change, time }: Observation, state: State): void {
  if (change?.created !== undefined && change.created <= time) state.created = change.created;
  if (change?.expires !== undefined) state.expires = change.expires;
}

/** A key that is in use here stands in what a tool returned: whoever can read that can use it. */
function lyingAbout(observation: Observation, state: State, id: string): FindingDraft | undefined {
  if (state.first === null || !observation.seenCredentials.includes(id)) return undefined;
  const tool = observation.results[0]?.tool.slice(0, MAX_NAME) ?? 'a tool';
  return {
    about: 'lying-about',
    title: 'A key in use stands in a tool result',
    severity: 'medium',
    confidence: 0.95,
    entities: { credential: id },
    evidence: [
      {
        kind: 'credential-in-result',
        observed: `the key, in use since ${day(state.first)}, stood in a result of ${tool}`,
        usual: 'keys stand in no tool result',
        quiet_if: 'the key had never been used here',
      },
    ],
  };
}

/** After a long sleep the key is used from where it never was. */
function awake(
  observation: Observation,
  state: State,
  params: Params,
  stage: Stage,
  strange: Strange,
): FindingDraft | undefined {
  const idle = (observation.time - state.last) / DAY;
  if (state.first === null) return undefined;
  // A key that nobody replaces and hardly anybody uses is the one that gets lost: for it a shorter rest says as much.
  const both = strange.early || (strange.network && strange.client);
  const forgotten = idle >= params.restDays && both && isForgotten(observation, state, params);
  if (!forgotten && (idle < params.dormantDays || !strange.network)) return undefined;
  const ceiling = forgotten || (idle >= params.ceilingDormantDays && strange.client);
  const long = idle >= params.dormantDays;
  return {
    about: 'awake',
    title: 'Key wakes up after a long sleep, somewhere else',
    stage,
    severity: stage === 'learning' && !ceiling ? 'low' : long && both ? 'high' : 'medium',
    confidence: both ? (long ? 0.85 : 0.65) : 0.65,
    evidence: [
      {
        kind: 'dormant-then-used',
        observed: `used after ${Math.floor(idle)} idle days from ${observation.network?.slice(0, MAX_NAME)}, a network new to it${both ? `, with ${observation.client?.slice(0, MAX_NAME)}, new to it as well` : ''}`,
        usual: `${Object.keys(state.origins.networks.met).length - 1} known networks in ${state.origins.days - 1} active days`,
        quiet_if: `it had slept for fewer than ${forgotten ? params.restDays : params.dormantDays} days, or come from a known network`,
      },
    ],
  };
}

/** Old by its record, without an end, and used on few days of those that it is known for. */
function isForgotten({ time }: Observation, { created, expires, first, origins }: State, params: Params): boolean {
  if (created === null || expires !== null || time - created < params.tooOldDays * DAY) return false;
  const known = Math.max(1, (time - (first ?? time)) / DAY);
  return origins.days <= Math.max(3, known / 3);
}

/** Returns true when the key has met someone new, or someone again after a long time: the only news there can be about its hands. */
function remember({ time, id, network = '', client = '' }: Observation, state: State, strange: Strange): boolean {
  const newInDay = [once(state.day.networks, time, network, id, DAY), once(state.day.clients, time, client, id, DAY)];
  const stranger = strange.network || strange.client;
  if (stranger) once(state.strangers, time, `${network} ${client}`, id, WEEK);
  const newInWeek = [
    strange.network && once(state.newNetworks, time, network, id, WEEK),
    strange.client && once(state.newClients, time, client, id, WEEK),
  ];
  return [...newInWeek, ...(stranger || state.origins.settled === null ? newInDay : [])].includes(true);
}

/** Each name once, so that one busy stranger cannot push out the others; true when it is new in the span. */
function once(recent: Recent, time: number, name: string, id: string, span: number): boolean {
  if (name === '') return false;
  const known = recent.findIndex(([at, what]) => what === clipWhat(name) && at >= time - span);
  if (known >= 0) recent.splice(known, 1);
  note(recent, time, name, id, span, MAX_RECENT);
  return known < 0;
}

function shared(observation: Observation, state: State, params: Params, stage: Stage): FindingDraft | undefined {
  const from = observation.time - WEEK;
  const clients = since(state.newClients, from).length;
  const networks = since(state.newNetworks, from).length;
  const today = {
    clients: since(state.day.clients, observation.time - DAY).length,
    networks: since(state.day.networks, observation.time - DAY).length,
  };
  const inDay = today.clients >= params.ceilingClients && today.networks >= params.ceilingNetworks;
  const ceiling = inDay || (clients >= params.ceilingNewClients && networks >= params.newNetworks);
  if (!ceiling && !(clients >= params.newClients && networks >= params.newNetworks)) return undefined;
  return {
    about: 'shared',
    stage,
    severity: ceiling || stage !== 'learning' ? 'medium' : 'low',
    confidence: Math.min(0.9, 0.45 + 0.06 * clients + 0.05 * networks + (inDay ? 0.15 : 0)),
    eventIds: idsOf(state.strangers.length > 0 ? state.strangers : state.day.clients),
    evidence: [
      {
        kind: 'new-origins',
        observed: `${clients} programs and ${networks} networks new to the key in a week${clients > 0 ? `: ${list(state.newClients)}` : ''}${networks > 0 ? ` from ${list(state.newNetworks)}` : ''}`,
        usual: `${Object.keys(state.origins.clients.met).length - clients} programs and ${Object.keys(state.origins.networks.met).length - networks} networks in ${state.origins.days} active days`,
        quiet_if: `there had been fewer than ${params.newClients} new programs or fewer than ${params.newNetworks} new networks`,
      },
      ...(inDay
        ? [
            {
              kind: 'in-a-day',
              observed: `${today.clients} programs from ${today.networks} networks within a day`,
              usual: 'one or two of each',
              quiet_if: `there had been fewer than ${params.ceilingClients} programs or ${params.ceilingNetworks} networks`,
            },
          ]
        : []),
    ],
  };
}

/** Age is known from the audit log, else it is at least the time since the first use; told once in 30 days. */
function old(observation: Observation, state: State, params: Params): FindingDraft | undefined {
  const { time } = observation;
  const born = state.created ?? state.first ?? time;
  const age = Math.floor((time - born) / DAY);
  if (age < params.oldDays || (state.told !== null && time - state.told < REPEAT)) return undefined;
  state.told = time;
  const tooOld = age >= params.tooOldDays && state.created !== null;
  return {
    about: 'age',
    title: 'Long-lived key is due for rotation',
    severity: tooOld && state.expires === null ? 'medium' : 'low',
    confidence: 0.95,
    evidence: [
      {
        kind: 'key-age',
        observed: `${state.created === null ? 'at least ' : ''}${age} days old${state.expires === null ? ', and without an end' : ''}`,
        usual: `replaced within ${params.oldDays} days`,
        quiet_if: `it had been younger than ${params.oldDays} days`,
      },
    ],
  };
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function list(recent: Recent): string {
  const names = distinct(recent).map((name) => name.slice(0, 40));
  return names.slice(0, 4).join(', ') + (names.length > 4 ? ', …' : '');
}
