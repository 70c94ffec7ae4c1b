/** Tool fan-out: an agent suddenly uses many tools, or reaches many targets, that it does not use as a rule. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { type Baseline, learn, newBaseline, shrunk, usual, usualOf } from '../../src/detect/parts/baseline.ts';
import { type Familiar, knows, meet, newFamiliar } from '../../src/detect/parts/familiar.ts';
import { type Acquaintance, newAcquaintance, stageAt } from '../../src/detect/parts/maturity.ts';
import { shortName } from '../../src/detect/parts/name.ts';
import type { PeerFact, PeerView } from '../../src/detect/parts/peers.ts';
import type { FindingDraft, Stage } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';
import { type Newcomers, newcomers, newNewcomers } from './newcomers.ts';

const params = z.strictObject({
  /** Distinct tools in five minutes: never fires up to this many. */
  tools: z.number().int().positive().default(8),
  /** Distinct targets in five minutes: never fires up to this many. */
  targets: z.number().int().positive().default(25),
  /** Tools that the key has never used before, of those in the window. */
  newTools: z.number().int().min(0).default(8),
  /** Spreads above the median; and above that of peers, where the key's own past is too short. */
  deviations: z.number().positive().default(5),
  peerDeviations: z.number().positive().default(8),
  /** Fires whatever is usual, also while learning. */
  ceilingTools: z.number().int().positive().max(99).default(25),
  ceilingTargets: z.number().int().positive().max(127).default(120),
  /** Tools that an agent with a history uses for the first time within a day. */
  firstUses: z.number().int().positive().default(8),
  /** The same for the key of several agents, who share them among themselves within an hour. */
  sharedFirstUses: z.number().int().positive().default(5),
});

/** What one session did in the window: [time, name]. */
interface Session {
  tools: [number, string][];
  targets: [number, string][];
  fresh: string[];
  peakTools: number;
  peakTargets: number;
  last: number;
  events: string[];
  /** Reported: it teaches nothing about what is usual. */
  flagged: boolean;
}

interface State {
  acquaintance: Acquaintance;
  known: Familiar;
  tools: Baseline;
  targets: Baseline;
  sessions: Record<string, Session>;
  /** Sessions so far by list of offered tools: another list is another task, with habits of its own. */
  kits: Record<string, number>;
  /** Number of the last active hour, and active hours so far. */
  hours: [number, number];
  newcomers: Newcomers;
}

const MINUTE = 60 * 1_000;
const HOUR = 60 * MINUTE;
/** Active days after which it means something that a tool was never used. */
const SETTLED_DAYS = 4;
/** Agents of one key that share first uses among themselves; what a single one does is seen at the agent. */
const SUB_AGENTS = 3;
/** What people ask for varies more than what an agent is built for: so many times as many new tools. */
const PEOPLE = 1.5;
const WINDOW = 5 * MINUTE;
const OVER = 30 * MINUTE;
const MAX_SESSIONS = 16;
const MAX_TARGETS = 128;
const MAX_TOOLS = 100;
const MAX_KNOWN = 256;
const MAX_KITS = 32;
/** Sessions with a list of tools before its use counts as known. */
const KIT_SESSIONS = 5;
const MAX_NAME = 80;
/** Sessions of peers that are enough to judge by. */
const ENOUGH_PEERS = 30;
/** Of the tools in the window, the share that must be new: a long task adds a few, an explorer many. */
const NEW_SHARE = 0.4;

export default defineDetector<State, z.infer<typeof params>>({
  id: 'tool-fan-out',
  title: 'Agent fans out over many tools or targets',
  class: 'behaviour',
  maturity: 'incubating',
  severity: 'medium',
  techniques: ['AML.T0053', 'AML.T0085.001', 'T1213'],
  keys: ['agent', 'principal', 'credential'],
  params,
  lookback: 30 * 24 * 60 * MINUTE,
  bound: 640 * 1024,
  stateVersion: 4,
  initial: () => ({
    acquaintance: newAcquaintance(),
    known: newFamiliar(),
    tools: newBaseline(),
    targets: newBaseline(),
    sessions: {},
    kits: {},
    hours: [-1, 0],
    newcomers: newNewcomers(),
  }),
  concerns: (observation) => observation.calls.length > 0,
  peers: factsOf,
  observe(observation, state, { params, key, peers }) {
    // An agent has its own habits; the principal's are for calls that name no agent.
    if (key.dimension === 'principal' && observation.agent !== undefined) return [];
    const settled = state.acquaintance.days > SETTLED_DAYS;
    const known = stageAt(state.acquaintance, observation.time);
    if (key.dimension === 'credential') {
      // A key has many agents behind it, each with tools and sessions of its own: only what is new to all of them counts.
      if (observation.credential !== key.id) return [];
      const finding = newcomers(
        observation,
        state.newcomers,
        settled && known === 'own',
        HOUR,
        params.sharedFirstUses,
        SUB_AGENTS,
      );
      return finding === undefined ? [] : [finding];
    }
    const session = sessionOf(observation, state);
    // A person's tasks take longer to know than those of an agent.
    const unknown = key.dimension === 'principal' && !settled;
    const stage = !unknown && (state.kits[kitOf(observation)] ?? 0) > KIT_SESSIONS ? known : 'learning';
    countHour(state, observation.time);
    record(observation, session, state);
    const findings: FindingDraft[] = [];
    const vary = key.dimension === 'principal' ? PEOPLE : 1;
    const first = newcomers(
      observation,
      state.newcomers,
      settled && stage === 'own',
      24 * HOUR,
      vary * params.firstUses,
    );
    for (const what of ['tools', 'targets'] as const) {
      const finding = judge(what, session, state, { ...params, newTools: vary * params.newTools }, stage, peers);
      if (finding) findings.push(finding);
      if (finding) session.flagged = true;
    }
    if (first && !findings.some(({ about }) => about === first.about)) findings.push(first);
    if (first) session.flagged = true;
    for (const call of observation.calls) meet(state.known, clip(call.tool), observation.time, MAX_KNOWN);
    return findings;
  },
});

function sessionOf(observation: Observation, state: State): Session {
  for (const [id, session] of Object.entries(state.sessions))
    if (observation.time - session.last > OVER) end(id, state);
  // The prefix keeps a session named `__proto__` from hiding: an assignment to that name would keep nothing.
  const id = `s:${clip(observation.session ?? 'none')}`;
  let session = state.sessions[id];
  if (session === undefined) {
    session = {
      tools: [],
      targets: [],
      fresh: [],
      peakTools: 0,
      peakTargets: 0,
      last: observation.time,
      events: [],
      flagged: false,
    };
    countKit(kitOf(observation), state);
    state.sessions[id] = session;
    const oldest = Object.entries(state.sessions).sort(([, a], [, b]) => a.last - b.last)[0];
    if (oldest && Object.keys(state.sessions).length > MAX_SESSIONS) end(oldest[0], state);
  }
  session.last = observation.time;
  return session;
}

function kitOf(observation: Observation): string {
  return observation.toolList ?? 'none';
}

function countKit(kit: string, state: State): void {
  state.kits[kit] = (state.kits[kit] ?? 0) + 1;
  const kits = Object.entries(state.kits);
  if (kits.length <= MAX_KITS) return;
  const rarest = kits.filter(([name]) => name !== kit).sort(([, a], [, b]) => a - b)[0];
  if (rarest) delete state.kits[rarest[0]];
}

/** What a session reached at most becomes part of what is usual, unless it was reported. */
function end(id: string, state: State): void {
  const session = state.sessions[id] as Session;
  if (!session.flagged) {
    learn(state.tools, session.peakTools);
    learn(state.targets, session.peakTargets);
  }
  delete state.sessions[id];
}

function record(observation: Observation, session: Session, state: State): void {
  const since = observation.time - WINDOW;
  for (const call of observation.calls) {
    note(session.tools, observation.time, clip(call.tool));
    if (
      !knows(state.known, clip(call.tool)) &&
      !session.fresh.includes(clip(call.tool)) &&
      session.fresh.length < MAX_TOOLS
    )
      session.fresh.push(clip(call.tool));
    for (const resource of call.resources) note(session.targets, observation.time, clip(resource));
  }
  session.tools = session.tools.filter(([time]) => time >= since).slice(-MAX_TOOLS);
  session.targets = session.targets.filter(([time]) => time >= since).slice(-MAX_TARGETS);
  session.peakTools = Math.max(session.peakTools, session.tools.length);
  session.peakTargets = Math.max(session.peakTargets, session.targets.length);
  session.events = [...session.events, observation.id].slice(-20);
}

/** Each name once, with the time it was last used. */
function note(window: [number, string][], time: number, name: string): void {
  const known = window.findIndex(([, other]) => other === name);
  if (known >= 0) window.splice(known, 1);
  window.push([time, name]);
}

function judge(
  what: 'tools' | 'targets',
  session: Session,
  state: State,
  params: {
    tools: number;
    targets: number;
    newTools: number;
    deviations: number;
    peerDeviations: number;
    ceilingTools: number;
    ceilingTargets: number;
  },
  known: Stage,
  peers: PeerView,
): FindingDraft | undefined {
  const count = session[what].length;
  const ceiling = what === 'tools' ? params.ceilingTools : params.ceilingTargets;
  // Every limit is at least this: what lies below needs no baseline.
  if (count <= Math.min(params[what], ceiling)) return undefined;
  const amounts = peers.amounts(what);
  const prior = amounts.length >= ENOUGH_PEERS ? usualOf(amounts) : null;
  const stage = known === 'learning' && prior !== null ? 'peer' : known;
  const own = usual(state[what]);
  const normal = stage === 'peer' ? shrunk(own, state.hours[1], prior) : own;
  const deviations = stage === 'peer' ? params.peerDeviations : params.deviations;
  const limit = Math.max(params[what], normal ? normal.median + deviations * normal.spread : 0);
  const fresh = session.tools.filter(([, name]) => session.fresh.includes(name)).length;
  const over = count > limit && (what === 'targets' || fresh >= Math.max(params.newTools, count * NEW_SHARE));
  if (!over && count <= ceiling) return undefined;
  return {
    about: what,
    stage,
    // Nothing pages while a key is being learnt, except beyond the ceiling.
    severity: stage !== 'own' && count <= ceiling ? 'low' : 'medium',
    confidence: Math.min(0.95, 0.5 + (count - limit) / (4 * Math.max(limit, 1))),
    eventIds: session.events,
    evidence: [
      {
        kind: `distinct-${what}`,
        observed: `${count} distinct ${what} in 5 minutes${what === 'tools' ? `, ${fresh} of them new here` : ''}`,
        usual: normal
          ? `${round(normal.median)} in the median of ${normal.n} sessions${stage === 'peer' ? ' and of peers' : ''}`
          : null,
        quiet_if: `there had been ${Math.floor(Math.min(limit, ceiling))} or fewer`,
      },
    ],
  };
}

function countHour(state: State, time: number): void {
  const hour = Math.floor(time / (60 * MINUTE));
  if (hour > state.hours[0]) state.hours = [hour, state.hours[1] + 1];
}

/** Distinct tools and targets of each session: what is usual among peers. */
function factsOf({ agent, principal, session, calls }: Observation): PeerFact[] {
  const who = agent ?? principal;
  if (session === undefined || who === undefined) return [];
  const group = `${who} ${session}`;
  return calls.flatMap((call) => [
    { series: 'tools', group, item: call.tool },
    ...call.resources.map((item) => ({ series: 'targets', group, item })),
  ]);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function clip(name: string): string {
  return shortName(name, MAX_NAME);
}
