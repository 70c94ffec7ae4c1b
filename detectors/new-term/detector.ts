/** New term: somebody uses a model, tool, program, prompt or place that they never used and that hardly anyone uses. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import type { PeerFact, PeerView } from '../../src/detect/parts/peers.ts';
import type { Entities, FindingDraft } from '../../src/model/finding.ts';
import type { Dimension, Key } from '../../src/model/key.ts';
import type { Observation } from '../../src/model/observation.ts';
import {
  arrive,
  DAY,
  isHabit,
  isNew,
  isRelease,
  isSettled,
  knownOf,
  type Memory,
  newMemory,
  takeDue,
  type Waiting,
  wait,
} from './memory.ts';
import { newTeam, rollout, type Team } from './rollout.ts';
import { HABITS, type Kind, ORIGINS, type Term, termsOf, WORDS } from './terms.ts';

const params = z.strictObject({
  /** Share of the tenant's users below which a term is rare. */
  rare: z.number().min(0).max(1).default(0.01),
  /** Share of the team's users from which on a term is the team's. */
  teamShare: z.number().min(0).max(1).default(0.2),
  /** Users that a tenant must have before "hardly anyone" means something. */
  peers: z.number().int().positive().default(5),
  /** Kinds of rare new terms within an hour, one of them where the call came from, that page. */
  kinds: z.number().int().positive().default(3),
});

type Params = z.infer<typeof params>;
/** A team has one part, all other keys the other. */
interface State {
  memory: Memory | null;
  team: Team | null;
}

const HOUR = 60 * 60 * 1_000;
/** The deed of being there at all: how many users of this kind there are. */
const PRESENT = 'present';

export default defineDetector<State, Params>({
  id: 'new-term',
  title: 'First use of something that hardly anyone uses',
  class: 'behaviour',
  maturity: 'experimental',
  severity: 'low',
  techniques: ['AML.T0012', 'T1078'],
  keys: [...HABITS, 'team'],
  params,
  lookback: 45 * DAY,
  bound: 128 * 1024,
  stateVersion: 1,
  initial: () => ({ memory: null, team: null }),
  concerns: (observation, dimension) =>
    observation.status === 'ok' &&
    observation.operation !== 'admin' &&
    (dimension !== 'tool' || observation.calls.some((call) => call.resources.length > 0)),
  peers: (observation) =>
    observation.status === 'ok' && observation.operation !== 'admin'
      ? HABITS.flatMap((dimension) => factsOf(observation, dimension))
      : [],
  observe(observation, state, { params, key, peers }) {
    if (key.dimension === 'team') {
      state.team ??= newTeam();
      return rollout(observation, state.team);
    }
    if (key.dimension === 'credential' && observation.credential !== key.id) return [];
    state.memory ??= newMemory();
    return judge(observation, state.memory, params, key, peers);
  },
});

/** What this observation adds to what is usual: each term with who used it. */
function factsOf(observation: Observation, dimension: Dimension): PeerFact[] {
  const tools = dimension === 'tool' ? [...new Set(observation.calls.map((call) => call.tool))].slice(0, 8) : [''];
  return tools.flatMap((tool) => {
    const by = dimension === 'tool' ? tool : observation[dimension as 'principal' | 'agent' | 'credential'];
    if (by === undefined || by === '') return [];
    const terms = termsOf(observation, dimension, tool);
    if (terms.length === 0) return [];
    return [PRESENT, ...terms.map(({ text }) => text)].map((deed) => ({ deed: `${dimension} ${deed}`, by }));
  });
}

function textOf({ kind, name }: Pick<Term, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}

function judge(observation: Observation, memory: Memory, params: Params, key: Key, peers: PeerView): FindingDraft[] {
  const { time, id } = observation;
  const findings: FindingDraft[] = [];
  arrive(memory, observation);
  const settled = isSettled(memory, time);
  const rare = (term: Pick<Term, 'kind' | 'name'>) => isRare(term, params, key.dimension, peers);
  const alert = decide(takeDue(memory, time).filter(rare), memory, params, key);
  if (alert) findings.push(alert);
  for (const term of termsOf(observation, key.dimension, key.id)) {
    const { first, fresh } = isNew(memory, term, time);
    if (!fresh || !settled) continue;
    const habit = first && isHabit(memory, term.kind, time);
    const released = key.dimension === 'agent' && isRelease(memory, time);
    if (habit || released) continue;
    findings.push(signalOf(term, memory, key, rare(term)));
    // Where things are sent is judged by what is sent; a new place alone is everyday.
    if (first && term.kind !== 'target') wait(memory, { kind: term.kind, name: term.name, time, id });
  }
  return findings;
}

/** Hardly anyone uses it, among enough that could; and it is not the team's own. Whoever asks may be among the users already. */
function isRare(term: Pick<Term, 'kind' | 'name'>, params: Params, dimension: Dimension, peers: PeerView): boolean {
  const users = peers.doers(`${dimension} ${textOf(term)}`);
  const all = peers.doers(`${dimension} ${PRESENT}`);
  if (all.tenant < params.peers) return false;
  const inTeam = users.team > 1 && users.team > params.teamShare * all.team;
  return !inTeam && (users.tenant <= 1 || users.tenant < params.rare * all.tenant);
}

/** At once, for what else is found about the same entities. */
function signalOf(term: Term, memory: Memory, key: Key, rare: boolean): FindingDraft {
  return {
    about: `${term.kind} ${term.name}`,
    signal: true,
    stage: 'own',
    severity: 'low',
    confidence: rare ? 0.4 : 0.2,
    evidence: [evidenceOf(term, memory, key, rare)],
  };
}

/** The day after: what was new and has stayed rare, at most one alert for what came within an hour. */
function decide(due: Waiting[], memory: Memory, params: Params, key: Key): FindingDraft | undefined {
  const last = due.at(-1);
  if (last === undefined) return undefined;
  const together = due.filter(({ time }) => last.time - time <= HOUR);
  const kinds = new Set(together.map(({ kind }) => kind));
  const strange = kinds.size >= params.kinds && ORIGINS.some((kind) => kinds.has(kind));
  const entities: Partial<Omit<Entities, 'tenant'>> = { session: null };
  for (const dimension of HABITS) if (dimension !== key.dimension) entities[dimension] = null;
  return {
    about: `rare ${together.map(textOf).join(', ')}`.slice(0, 200),
    stage: 'own',
    severity: strange ? 'medium' : 'low',
    confidence: Math.min(0.8, 0.25 + 0.15 * kinds.size),
    entities,
    eventIds: [...new Set(due.map(({ id }) => id))],
    evidence: due.map((term) => evidenceOf(term, memory, key, true)),
  };
}

function evidenceOf(term: { kind: Kind; name: string; time?: number }, memory: Memory, key: Key, rare: boolean) {
  const when = term.time === undefined ? '' : ` at ${new Date(term.time).toISOString().slice(0, 16)} UTC`;
  return {
    kind: `new-${term.kind}`,
    observed: `first use of ${WORDS[term.kind]} ${term.name} by this ${key.dimension}${when}`,
    usual: `${knownOf(memory, term.kind)} others in ${memory.days} active days`,
    quiet_if: rare ? 'others in the team or 1 % of the tenant had used it too' : 'it had used it on three days before',
  };
}
