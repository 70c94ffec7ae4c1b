/** From host to host: what an agent with a shell does when it walks through a network. */
import { shortName } from '../../src/detect/parts/name.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';
import programs from './programs.json' with { type: 'json' };

/** What a principal's agents did of late, in all their sessions. Plain JSON. */
export interface Walk {
  /** Internal addresses that its commands spoke to, and hosts that they logged in to. */
  hosts: string[];
  /** A range of internal addresses was swept. */
  swept: boolean;
  /** Programs of each kind, at most a few. */
  kinds: Record<string, string[]>;
  events: string[];
  /** Time of the last step. */
  last: number;
}

type Kind = keyof typeof programs.weights;

const MAX_HOSTS = 32;
const MAX_HOST = 80;
const MAX_PER_KIND = 4;
const MAX_EVENTS = 20;
const PRIVATE = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.)/;
const MANY_HOSTS = 4;
/** A walk that rests for so long is over. */
const OVER = 6 * 60 * 60 * 1_000;

export function newWalk(): Walk {
  return { hosts: [], swept: false, kinds: {}, events: [], last: 0 };
}

/** Adds what the commands of an observation do, and reports when it adds up to more than administration of one host. */
export function walk(observation: Observation, state: Walk, threshold: number): FindingDraft | undefined {
  if (observation.time - state.last > OVER) Object.assign(state, newWalk());
  let seen = false;
  for (const call of observation.calls) {
    const executes = (call.labels.exec ?? 0) >= 0.5;
    // A tool that says nothing of itself may hand a task on to another agent: a range named there is on its way to a shell.
    if (!executes && Object.keys(call.labels).length > 0) continue;
    for (const resource of call.resources)
      if (executes || resource.startsWith('net:')) seen = visit(resource, state) || seen;
    for (const program of call.programs) seen = use(program, state) || seen;
    if (executes && call.programs.some((program) => kindOf(program) !== undefined))
      seen = logIn(call.resources, state) || seen;
  }
  if (!seen) return undefined;
  state.last = observation.time;
  state.events = [...state.events, observation.id].slice(-MAX_EVENTS);
  const reasons = reasonsFor(state);
  const confidence = 1 - reasons.reduce((quiet, { weight }) => quiet * (1 - weight), 1);
  if (confidence < threshold) return undefined;
  return {
    // Each session of the walk is named, in one incident of the principal.
    about: `host-to-host:${shortName(observation.session ?? 'none', 64)}`,
    title: 'Agent at a shell explores hosts and credentials of a network',
    severity: state.kinds.credentials || state.kinds.remote ? 'high' : 'medium',
    confidence: Math.min(0.97, confidence),
    techniques: ['T1046', 'T1021', 'T1210', 'AML.T0053'],
    eventIds: state.events,
    entities: { resource: state.hosts.at(-1) ? `host:${state.hosts.at(-1)}` : null },
    evidence: reasons.map(({ kind, observed }) => ({
      kind,
      observed,
      usual: 'commands on one host',
      quiet_if: 'the agent had stayed on its own host',
    })),
  };
}

/** True when the resource is a step of a walk, whether it is new or not: a later session that goes the same way is named too. */
function visit(resource: string, state: Walk): boolean {
  const address = resource.slice(resource.indexOf(':') + 1);
  if (!PRIVATE.test(address)) return false;
  if (resource.startsWith('net:')) {
    state.swept = true;
    return true;
  }
  if (!resource.startsWith('host:')) return false;
  const host = address.replace(/:\d+$/, '').slice(0, 15);
  if (!state.hosts.includes(host) && state.hosts.length < MAX_HOSTS) state.hosts.push(host);
  return true;
}

/** `user@host` beside a program that reaches or takes: where it logs in, by address or by name. */
function logIn(resources: readonly string[], state: Walk): boolean {
  const targets = resources.filter((resource) => resource.startsWith('mail:'));
  for (const target of targets) {
    const host = shortName(target.slice(target.lastIndexOf('@') + 1), MAX_HOST);
    if (!state.hosts.includes(host) && state.hosts.length < MAX_HOSTS) state.hosts.push(host);
  }
  return targets.length > 0;
}

function use(program: string, state: Walk): boolean {
  const kind = kindOf(program);
  if (kind === undefined) return false;
  const used = state.kinds[kind] ?? [];
  if (!used.includes(program)) state.kinds[kind] = [...used, program].slice(0, MAX_PER_KIND);
  return true;
}

function kindOf(program: string): string | undefined {
  return Object.entries(programs.kinds).find(([, names]) =>
    names.some((name) => (name.endsWith('*') ? program.startsWith(name.slice(0, -1)) : program === name)),
  )?.[0];
}

function reasonsFor(state: Walk): { kind: string; weight: number; observed: string }[] {
  const reasons: { kind: string; weight: number; observed: string }[] = [];
  if (state.swept)
    reasons.push({ kind: 'sweep', weight: programs.sweep, observed: 'a range of internal addresses was swept' });
  if (state.hosts.length >= MANY_HOSTS)
    reasons.push({ kind: 'hosts', weight: programs.hosts, observed: `${state.hosts.length} internal hosts spoken to` });
  for (const [kind, used] of Object.entries(state.kinds))
    reasons.push({ kind, weight: programs.weights[kind as Kind], observed: `${kind} programs: ${used.join(', ')}` });
  return reasons;
}
