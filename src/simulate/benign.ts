/** Ordinary work of one day: who starts which session when. */
import type { Agent } from './agents.ts';
import { ASSISTANTS, chatScript } from './chat/conversation.ts';
import { report } from './content/replies.ts';
import { type Context, say } from './context.ts';
import type { SessionPlan } from './play.ts';
import type { Random } from './random.ts';
import type { Caller } from './record.ts';
import { anyMoment, isWeekend, workingMoment } from './rhythm.ts';
import { answer, calls, type Step, user } from './script.ts';
import type { Person } from './staff.ts';
import { taskScript } from './tasks/index.ts';
import { anyUse } from './tools/any.ts';

export function personCaller(person: Person, address = person.address): Caller {
  return {
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
    offered: agent.offered,
    dialect: agent.dialect,
    style: agent.style,
    me: client,
    script,
    pause: 40,
  };
}

/** A session of a person with a chat assistant. */
export function chatPlan(
  random: Random,
  person: Person,
  label: string,
  start: number,
  script: (context: Context) => Step[] = (context) => chatScript(context, person.team),
): SessionPlan {
  const home = random.chance(0.2);
  return {
    label,
    start,
    caller: personCaller(person, home ? person.homeAddress : person.address),
    model: random.chance(0.9) ? person.model : random.pick(['gpt-4o-mini', 'gpt-4o', 'claude-sonnet-4-5']),
    system: ASSISTANTS[person.id.length % ASSISTANTS.length],
    named: person.sessions,
    offered: [],
    dialect: 'plain',
    style: 'text',
    me: person,
    script,
  };
}

/** A newcomer tries things out: more sessions in the first two days. */
export function personDay(seed: Random, person: Person, dayIndex: number, day: number, scale: number): SessionPlan[] {
  if (dayIndex < person.joins) return [];
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
  scale: number,
): SessionPlan[] {
  const random = seed.fork(`day ${dayIndex} of ${agent.id}`);
  const quiet = isWeekend(day) ? (agent.roundTheClock ? 0.4 : 0.05) : 1;
  const count = random.poisson(agent.perDay * scale * quiet);
  const present = staff.filter((p) => p.joins <= dayIndex);
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
    const base = agentPlan(random, now, `task ${agent.id} ${dayIndex}.${i}`, start, client);
    if (!latest) return base;
    const plan = random.chance(0.25) ? { ...base, script: withAdded(base.script, latest.added) } : base;
    return start - latest.at < 86_400_000 ? { ...plan, oddity: latest.id } : plan;
  });
}
