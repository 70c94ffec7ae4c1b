/** Ordinary work of one day: who starts which session when. */
import type { Agent } from './agents.ts';
import { ASSISTANTS, chatScript } from './chat/conversation.ts';
import { report } from './content/replies.ts';
import { type Context, say } from './context.ts';
import type { Caller, Handling } from './fact.ts';
import type { SessionPlan } from './play.ts';
import { Random } from './random.ts';
import { anyMoment, DAY, isWeekend, workingMoment } from './rhythm.ts';
import { answer, calls, type Step, user } from './script.ts';
import type { Person } from './staff.ts';
import { taskScript } from './tasks/index.ts';
import { anyUse } from './tools/any.ts';
import type { ToolPatch } from './tools/catalogue.ts';

export function personCaller(person: Person, address = person.address): Caller {
  return {
    key: person.key,
    keyHash: person.keyHash,
    keyAlias: `${person.id}-key`,
    userId: person.id,
    email: person.email,
    team: person.team,
    endUser: null,
    address,
    userAgent: person.userAgent,
  };
}

/** The agent's own key; `client` is the person that it serves. */
export function agentCaller(random: Random, agent: Agent, client?: Person): Caller {
  return {
    key: agent.key,
    keyHash: agent.keyHash,
    keyAlias: agent.id,
    userId: `svc-${agent.id}`,
    email: null,
    team: agent.team,
    endUser: client?.id ?? null,
    address: random.pick(agent.hosts),
    userAgent: agent.userAgent,
    agent: { name: agent.id, version: agent.version },
  };
}

/** A session of an agent; the script defaults to one of its ordinary tasks. */
export function agentPlan(
  random: Random,
  agent: Agent,
  label: string,
  start: number,
  client: Person,
  script: (context: Context) => Step[] = (context) => taskScript(context, agent.kind),
): SessionPlan {
  return {
    label,
    start,
    caller: agentCaller(random, agent, agent.roundTheClock ? undefined : client),
    model: agent.model,
    system: agent.prompt,
    named: true,
    ...(agent.route === undefined ? {} : { handling: { route: agent.route } }),
    offered: agent.offered,
    dialect: agent.dialect,
    style: agent.style,
    me: client,
    script,
    pause: 40,
  };
}

/** Some days are worked from home, and what is done late mostly is. */
function atHome(person: Person, time: number): boolean {
  const day = new Random(`${person.key} at home ${Math.floor(time / DAY)}`);
  const late = new Date(time).getUTCHours() >= 19;
  return day.chance(0.2) || (late && day.chance(0.8));
}

/** A session of a person with a chat assistant. */
export function chatPlan(
  random: Random,
  person: Person,
  label: string,
  start: number,
  script: (context: Context) => Step[] = (context) => chatScript(context, person.team),
): SessionPlan {
  const home = atHome(person, start);
  const trip =
    person.trip !== undefined && start >= person.trip.from && start < person.trip.to ? person.trip : undefined;
  const usual = personCaller(person, home ? person.homeAddress : person.address);
  const other = person.otherAgent !== undefined && random.chance(0.3) ? person.otherAgent : undefined;
  const caller = other === undefined ? usual : { ...usual, userAgent: other };
  return {
    label,
    start,
    caller: trip === undefined ? caller : { ...caller, address: trip.address, userAgent: trip.userAgent },
    ...(trip === undefined ? {} : { oddity: trip.oddity }),
    model: random.chance(0.9) ? person.model : random.pick(['gpt-4o-mini', 'gpt-4o', 'claude-sonnet-4-5']),
    system: ASSISTANTS[person.id.length % ASSISTANTS.length],
    named: person.sessions,
    ...(person.streams ? { handling: { stream: true } } : {}),
    offered: [],
    dialect: 'plain',
    style: 'text',
    me: person,
    script,
  };
}

/** Somebody picks a model that the key is not for, and takes another. */
function refused(c: Context, person: Person): Step[] {
  const model = c.random.pick(['o3-pro', 'claude-opus-4-1', 'gpt-4.1']);
  const message = `key not allowed to access model. This key can only access models=['${person.model}']. Tried to access ${model}`;
  return [
    user(say(c, '[topic]')),
    { kind: 'fail', failure: { code: 403, errorClass: 'ProxyException', message }, model },
  ];
}

/** A newcomer tries things out: more sessions in the first two days. */
export function personDay(seed: Random, person: Person, dayIndex: number, day: number, scale: number): SessionPlan[] {
  if (dayIndex < person.joins || dayIndex >= (person.leaves ?? Number.POSITIVE_INFINITY)) return [];
  const random = seed.fork(`day ${dayIndex} of ${person.id}`);
  const fresh = person.joins > 0 && dayIndex - person.joins < 2;
  const mean = person.perDay * scale * (isWeekend(day) ? person.weekend : 1) * (fresh ? 2.5 : 1);
  const count = isWeekend(day) || random.chance(0.88) ? random.poisson(mean) : 0;
  return Array.from({ length: count }, (_, i) => ({
    ...chatPlan(
      random,
      person,
      `chat ${person.id} ${dayIndex}.${i}`,
      workingMoment(random, day, person.from, person.to),
      random.chance(0.006) ? (c) => [...refused(c, person), ...chatScript(c, person.team)] : undefined,
    ),
    ...(fresh ? { oddity: `newcomer-${person.id}` } : {}),
  }));
}

/** A deploy gives an agent a version and tools; from then on it uses them in some sessions. */
export interface Deploy {
  id: string;
  agent: Agent;
  at: number;
  version: string;
  added: string[];
}

/** For a time the sessions of some agents differ: other definitions, other handling. What they log then belongs to the campaign or oddity. */
export interface Shift {
  agents: readonly string[];
  from: number;
  to: number;
  patches?: readonly ToolPatch[];
  handling?: Handling;
  campaign?: string;
  oddity?: string;
}

/** The plan as the shifts that hold change it; of two that change the same, the later in the list wins. */
export function shifted(plan: SessionPlan, agent: string, shifts: readonly Shift[]): SessionPlan {
  let now = plan;
  for (const shift of shifts) {
    if (plan.start < shift.from || plan.start >= shift.to || !shift.agents.includes(agent)) continue;
    now = {
      ...now,
      ...(shift.patches === undefined ? {} : { patches: shift.patches }),
      ...(shift.handling === undefined ? {} : { handling: shift.handling }),
      ...(shift.campaign === undefined ? {} : { campaign: shift.campaign, evil: true }),
      ...(shift.oddity === undefined ? {} : { oddity: shift.oddity }),
    };
  }
  return now;
}

/** After the deploy the agent's tasks end in a call or two of the new tools. */
function withAdded(script: (context: Context) => Step[], added: readonly string[]): (context: Context) => Step[] {
  return (context) => {
    const steps = script(context);
    const extra = context.random
      .sample(added, context.random.int(1, 2))
      .map((capability) => calls(anyUse(context, capability)));
    return [
      ...steps,
      user(
        say(
          context,
          '{And|One more thing:} {look up|check|prepare} {what belongs to|the rest for} [project]{, please|}.',
        ),
      ),
      ...extra,
      answer(report(context)),
    ];
  };
}

export function agentDay(
  seed: Random,
  agent: Agent,
  dayIndex: number,
  day: number,
  staff: readonly Person[],
  deploys: readonly Deploy[],
  shifts: readonly Shift[],
  scale: number,
): SessionPlan[] {
  const random = seed.fork(`day ${dayIndex} of ${agent.id}`);
  const quiet = isWeekend(day) ? (agent.roundTheClock ? 0.4 : 0.05) : 1;
  const count = random.poisson(agent.perDay * scale * quiet);
  const present = staff.filter((p) => p.joins <= dayIndex && dayIndex < (p.leaves ?? Number.POSITIVE_INFINITY));
  return Array.from({ length: count }, (_, i) => {
    const start = agent.roundTheClock ? anyMoment(random, day) : workingMoment(random, day, 7, 19);
    const client = random.pick(present);
    const done = deploys.filter((d) => d.agent === agent && d.at <= start);
    const latest = done.at(-1);
    const now: Agent = latest
      ? {
          ...agent,
          version: latest.version,
          offered: [...new Set([...agent.offered, ...done.flatMap((d) => d.added)])],
        }
      : agent;
    const base = shifted(agentPlan(random, now, `task ${agent.id} ${dayIndex}.${i}`, start, client), agent.id, shifts);
    const plan = latest && random.chance(0.25) ? { ...base, script: withAdded(base.script, latest.added) } : base;
    const odd = latest && start - latest.at < DAY ? { ...plan, oddity: latest.id } : plan;
    return DELEGATING.has(agent.kind) && random.chance(0.06) ? delegated(random, odd, now, client) : [odd];
  }).flat();
}

/** Kinds of agents that hand parts of a larger job to workers. */
const DELEGATING: ReadonlySet<string> = new Set(['analyst', 'coder', 'operator', 'marketing']);

/** A session, and the workers to which it gives parts of its job. */
function delegated(random: Random, plan: SessionPlan, agent: Agent, client: Person): SessionPlan[] {
  const root = random.uuid();
  const trace = random.uuid();
  const workers = Array.from({ length: random.int(1, 4) }, (_, i) => {
    const start = plan.start + random.int(8, 60) * 1_000;
    const worker = agentPlan(
      random,
      { ...agent, id: `${agent.id}-worker-${i + 1}` },
      `${plan.label} worker ${i}`,
      start,
      client,
      (c) => taskScript(c, agent.kind),
    );
    const { patches, campaign, evil, oddity } = plan;
    return {
      ...worker,
      ...(patches === undefined ? {} : { patches }),
      ...(campaign === undefined ? {} : { campaign, evil: evil === true }),
      ...(oddity === undefined ? {} : { oddity }),
      parent: root,
      trace,
    };
  });
  return [{ ...plan, session: root, trace }, ...workers];
}
