/** Egress destination: an agent sends to somebody it never sent to, and there is more to it than that. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { domainOf, lookAlike } from '../../src/detect/parts/domain.ts';
import { type Familiar, knows, meet, newFamiliar } from '../../src/detect/parts/familiar.ts';
import { type Acquaintance, newAcquaintance, stageAt } from '../../src/detect/parts/maturity.ts';
import { shortName } from '../../src/detect/parts/name.ts';
import type { PeerView } from '../../src/detect/parts/peers.ts';
import { distinct, idsOf, note, type Recent, since } from '../../src/detect/parts/recent.ts';
import type { FindingDraft, Severity, Stage } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';
import { type Destination, destinationsOf, isInfrastructure } from './destinations.ts';

const params = z.strictObject({
  /** New domains within an hour, none of them named by the user, that are a burst for one agent. */
  burst: z.number().int().positive().default(12),
  /** The same for a team, from three callers or more. */
  teamBurst: z.number().int().positive().default(24),
  /** Milliseconds after a private read in which what is sent may be what was read. */
  readMs: z.number().int().positive().default(3_600_000),
});

type Params = z.infer<typeof params>;

/** The last private read of a session: time, tool, sampled shingles of what it returned. */
type Read = [time: number, tool: string, shingles: string[]];

interface State {
  known: Acquaintance;
  /** Domains of the principals' own mail addresses. */
  own: Familiar;
  domains: Familiar;
  /** Whole addresses by fingerprint. */
  addresses: Familiar;
  /** New domains of the last hour, as `caller domain`. */
  fresh: Recent;
  /** Most of them in an hour of the days before; and number of the running day with its most so far. */
  most: number;
  today: [day: number, most: number];
  reads: Record<string, Read>;
}

const HOUR = 60 * 60 * 1_000;
const DAY = 24 * HOUR;
const MAX_DOMAINS = 300;
const MAX_ADDRESSES = 400;
const MAX_OWN = 8;
const MAX_FRESH = 96;
const MAX_SESSIONS = 16;
const MAX_SHINGLES = 48;
const MAX_NAME = 80;
const SETTLED_DAYS = 3;
const SURE = 0.5;
/** So little is not worth carrying away. */
const MIN_READ = 64;
/** Shared shingles of 32 characters that are no set phrase. */
const OVERLAP = 2;
const FEW_CALLERS = 3;

export default defineDetector<State, Params>({
  id: 'egress-destination',
  title: 'Agent sends to a new destination',
  class: 'behaviour',
  maturity: 'incubating',
  severity: 'medium',
  techniques: ['AML.T0086', 'T1567', 'T1583.001'],
  keys: ['agent', 'team'],
  params,
  lookback: 60 * DAY,
  bound: 256 * 1024,
  stateVersion: 1,
  initial: () => ({
    known: newAcquaintance(),
    own: newFamiliar(),
    domains: newFamiliar(),
    addresses: newFamiliar(),
    fresh: [],
    most: 0,
    today: [-1, 0],
    reads: {},
  }),
  peers: (observation) =>
    [...new Set(destinationsOf(observation.calls).map(({ host }) => deedOf(shortDomain(host))))].map((deed) => ({
      deed,
      by: observation.agent ?? observation.principal ?? 'unnamed',
    })),
  concerns: ({ calls, results }) => calls.length > 0 || results.length > 0,
  observe(observation, state, { params, key, peers }) {
    const stage = stageAt(state.known, observation.time);
    learnOwn(observation, state);
    noteReads(observation, state);
    // The agent's own history tells of single destinations; the team's of what many do together, and of more domains to be taken for.
    const single = key.dimension === 'agent' || observation.agent === undefined;
    const widest = key.dimension === 'team' || observation.team === undefined;
    const findings: FindingDraft[] = [];
    for (const destination of destinationsOf(observation.calls)) {
      const domain = shortDomain(destination.host);
      const twin = widest ? judgeName(destination, domain, observation, state, params) : undefined;
      if (twin !== undefined) findings.push(twin);
      else if (single) findings.push(...judge(destination, domain, observation, state, params, stage, peers));
      arrive(destination, domain, observation, state);
    }
    findings.push(...burst(observation, state, key.dimension === 'team', params, stage));
    return findings;
  },
});

function learnOwn({ principal, time }: Observation, { own }: State): void {
  const at = principal?.lastIndexOf('@') ?? -1;
  const domain = at < 0 ? null : domainOf((principal as string).slice(at + 1).toLowerCase());
  if (domain !== null) meet(own, shortName(domain, MAX_NAME), time, MAX_OWN);
}

function noteReads({ results, session, time }: Observation, { reads }: State): void {
  if (session === undefined) return;
  for (const { labels, bytes, tool, shingles, error } of results) {
    if ((labels.read ?? 0) < SURE || bytes < MIN_READ || error) continue;
    const name = sessionKey(session);
    const before = reads[name]?.[2] ?? [];
    reads[name] = [time, shortName(tool, MAX_NAME), [...before, ...shingles].slice(-MAX_SHINGLES)];
    const all = Object.entries(reads);
    if (all.length > MAX_SESSIONS) delete reads[all.reduce((a, b) => (b[1][0] < a[1][0] ? b : a))[0]];
  }
}

function judge(
  destination: Destination,
  domain: string,
  observation: Observation,
  state: State,
  params: Params,
  stage: Stage,
  peers: PeerView,
): FindingDraft[] {
  const { kind, asked, unsaid } = destination;
  const known = state.domains.met[domain];
  const read = readBefore(observation, state, params);
  const carried = carriedBy(destination, read);
  const overlap = carried >= OVERLAP;
  if (kind === 'drop' && !asked && read !== undefined && (known?.[2] ?? 0) < SETTLED_DAYS) {
    const severity: Severity = overlap ? 'high' : 'medium';
    return [dropped(destination, domain, read, carried, severity, stage, overlap)];
  }
  const fresh = known === undefined;
  const newAddress = !knows(state.addresses, destination.address);
  if (stage !== 'own' || !(fresh || (kind === 'personal' && newAddress))) return [];
  // Partners are found in mails and lists. An address that stands nowhere, new to everybody, is told once something private was read.
  const invented = fresh && unsaid && read !== undefined && peers.doers(deedOf(domain)).tenant === 0;
  return [first(destination, domain, fresh, carried, state, stage, invented ? read[1] : undefined)];
}

function shortDomain(host: string): string {
  return shortName(domainOf(host) ?? host, MAX_NAME);
}

function deedOf(domain: string): string {
  return `to ${domain}`;
}

/** A domain never sent to that looks like a known one. */
function judgeName(
  destination: Destination,
  domain: string,
  observation: Observation,
  state: State,
  params: Params,
): FindingDraft | undefined {
  const { host, asked } = destination;
  if (knows(state.domains, domain) || isInfrastructure(host)) return undefined;
  // No honest host has a whole other domain in front, however short a time that one has been known.
  const front = lookAlike(host, Object.keys(state.domains.met));
  const twin = lookAlike(host, references(state, observation.time)) ?? (front?.how === 'inside' ? front : undefined);
  if (twin === undefined) return undefined;
  const carried = carriedBy(destination, readBefore(observation, state, params));
  // What the user typed may be a slip or a swindle; it is not the agent's doing.
  const severity: Severity = carried >= OVERLAP ? 'high' : asked && twin.how === 'letters' ? 'low' : 'medium';
  return similar(destination, domain, twin, carried, severity);
}

/** Sampled passages of what was read that stand in the call. */
function carriedBy({ call }: Destination, read: Read | undefined): number {
  return read === undefined ? 0 : call.shingles.filter((shingle) => read[2].includes(shingle)).length;
}

function readBefore({ session, time }: Observation, { reads }: State, { readMs }: Params): Read | undefined {
  const read = session === undefined ? undefined : reads[sessionKey(session)];
  return read !== undefined && time - read[0] <= readMs ? read : undefined;
}

/** Never a bare name from the log: `__proto__` is one. */
function sessionKey(session: string): string {
  return `session ${shortName(session, MAX_NAME)}`;
}

/** Domains that another could be taken for: one's own, and those known since a day before. */
function references({ own, domains }: State, time: number): string[] {
  const settled = Object.entries(domains.met).filter(([, [first]]) => time - first >= DAY);
  return [...new Set([...Object.keys(own.met), ...settled.map(([domain]) => domain)])];
}

function arrive({ address, asked }: Destination, domain: string, observation: Observation, state: State): void {
  const { time, agent, principal, id } = observation;
  meet(state.addresses, address, time, MAX_ADDRESSES);
  const fresh = meet(state.domains, domain, time, MAX_DOMAINS);
  const mine = Object.hasOwn(state.own.met, domain);
  if (!fresh || asked || mine) return;
  const caller = shortName(agent ?? principal ?? 'unnamed', 36).replaceAll(' ', '_');
  note(state.fresh, time, `${caller} ${shortName(domain, MAX_NAME)}`, shortName(id, 256), HOUR, MAX_FRESH);
}

function burst(observation: Observation, state: State, team: boolean, params: Params, stage: Stage): FindingDraft[] {
  const { time } = observation;
  const recent = since(state.fresh, time - HOUR);
  const count = distinct(recent).length;
  const limit = Math.max(team ? params.teamBurst : params.burst, 3 * state.most + 1);
  if (count < limit) {
    learnMost(state, count, time);
    return [];
  }
  const callers = new Set(distinct(recent).map((what) => what.split(' ', 1)[0]));
  if (team && callers.size < FEW_CALLERS) return [];
  const domains = distinct(recent).map((what) => what.slice(what.indexOf(' ') + 1));
  return [
    {
      about: `burst:${Math.floor(time / DAY)}`,
      title: 'Burst of new destinations',
      severity: 'medium',
      confidence: Math.min(0.85, 0.5 + count / 200),
      stage,
      ...(stage === 'own' ? {} : { signal: true as const }),
      eventIds: idsOf(recent),
      evidence: [
        {
          kind: 'new-destinations',
          observed: `${count} domains never sent to before within an hour, none named by a user${team ? `, by ${callers.size} callers` : ''}: ${domains.slice(-4).join(', ')}`,
          usual: `at most ${state.most} in an hour`,
          quiet_if: `fewer than ${limit} had been new`,
        },
      ],
    },
  ];
}

/** What grows to a burst is none yet; and from one day to the next the usual grows by a quarter at most, whoever pushes. */
function learnMost(state: State, count: number, time: number): void {
  const day = Math.floor(time / DAY);
  const [before, highest] = state.today;
  if (day === before) {
    state.today = [day, Math.max(highest, count)];
    return;
  }
  state.most = Math.min(Math.max(state.most, highest), Math.ceil(state.most * 1.25) + 3);
  state.today = [day, count];
}

function similar(
  { host, call, asked }: Destination,
  domain: string,
  { of, how }: { of: string; how: 'inside' | 'letters' },
  carried: number,
  severity: Severity,
): FindingDraft {
  return {
    about: `look-alike:${domain}`,
    title: 'Agent sends to a look-alike of a known domain',
    severity,
    confidence: how === 'inside' ? 0.85 : 0.65,
    untrustedTrigger: !asked,
    entities: { tool: call.tool.slice(0, 160), resource: `host:${clip(host)}` },
    evidence: [
      {
        kind: 'look-alike',
        observed: `${clip(host)}, ${how === 'inside' ? `which has ${of} in front and belongs to ${domain}` : `which is taken for ${of}`}${asked ? '; the user named it' : ''}`,
        usual: `${of} is the known domain`,
        quiet_if: 'it had been sent to before, or had been less like it',
      },
      ...carriedEvidence(carried),
    ],
  };
}

function dropped(
  { host, call }: Destination,
  domain: string,
  [, tool]: Read,
  carried: number,
  severity: Severity,
  stage: Stage,
  proven: boolean,
): FindingDraft {
  return {
    about: `drop:${domain}`,
    title: 'Agent hands over to a tunnel, paste or request catcher after a private read',
    severity,
    confidence: proven ? 0.9 : 0.6,
    untrustedTrigger: true,
    // That what was read is carried there is a fact, whatever the history.
    ...(proven ? {} : { stage, ...(stage === 'own' ? {} : { signal: true as const }) }),
    entities: { tool: call.tool.slice(0, 160), resource: `host:${clip(host)}` },
    evidence: [
      {
        kind: 'drop-host',
        observed: `${call.tool.slice(0, 80)} to ${clip(host)}, which no user named, after ${tool} had returned private data in the same session`,
        usual: null,
        quiet_if: `a user had named it, or it had been used on ${SETTLED_DAYS} days before`,
      },
      ...carriedEvidence(carried),
    ],
  };
}

function first(
  { host, kind, asked, call }: Destination,
  domain: string,
  fresh: boolean,
  carried: number,
  { domains }: State,
  stage: Stage,
  read: string | undefined,
): FindingDraft {
  const weak = 0.2 + (asked ? 0 : 0.1) + (kind === 'other' ? 0 : 0.1) + (carried >= OVERLAP ? 0.2 : 0);
  return {
    about: `first:${domain}`,
    severity: read === undefined ? 'low' : 'medium',
    confidence: Math.min(0.6, weak + (read === undefined ? 0 : 0.2)),
    stage,
    ...(read === undefined ? { signal: true as const } : {}),
    entities: { tool: call.tool.slice(0, 160), resource: `host:${clip(host)}` },
    evidence: [
      {
        kind: 'first-seen',
        observed: fresh ? `first call to ${domain}` : `first call to an address at the mail provider ${domain}`,
        usual: `${Object.keys(domains.met).length} known domains`,
        quiet_if: 'it had been sent to before',
      },
      ...(read === undefined
        ? []
        : [
            {
              kind: 'unsaid-after-read',
              observed: `the address stands in no prompt and in no result; ${read} had returned private data in the same session`,
              usual: 'nobody here ever sent to this domain',
              quiet_if: 'somebody had named the address, or nothing private had been read',
            },
          ]),
      ...carriedEvidence(carried),
    ],
  };
}

function carriedEvidence(carried: number): FindingDraft['evidence'] {
  if (carried < OVERLAP) return [];
  const observed = `${carried} sampled passages of 32 characters of what was read stand in the call`;
  return [{ kind: 'carried', observed, usual: 'nothing of it', quiet_if: null }];
}

function clip(host: string): string {
  return shortName(host, 100);
}
