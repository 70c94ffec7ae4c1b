/** An organisation's traffic through its LLM gateway over days: deterministic for a seed, in order of event time, with the truth about it. */
import { makeAgents } from './agents.ts';
import { agentDay, personDay } from './benign.ts';
import { Heap } from './heap.ts';
import { batchAgent, batchNight, securityTalk } from './oddities/odd.ts';
import { type Disturbance, type Played, play, type SessionPlan } from './play.ts';
import { Random } from './random.ts';
import { DAY, isWeekend, midnight } from './rhythm.ts';
import { planCampaigns, planDeploys, planOutages, type Setting } from './schedule.ts';
import { makeStaff } from './staff.ts';
import { Labels, type Truth } from './truth.ts';
import { makeWorld } from './world.ts';

export interface SimulateOptions {
  seed: number | string;
  /** Calendar days (UTC), the one of `start` included. */
  days: number;
  /** Epoch milliseconds; nothing starts before it. */
  start: number;
  people: number;
  agents: number;
  /** Multiplies the number of ordinary sessions; default 1. */
  scale?: number;
}

export interface SimulatedRecord {
  /** A LiteLLM StandardLoggingPayload. */
  record: Record<string, unknown>;
  /** Event time: end of the call, epoch milliseconds. */
  time: number;
  /** Id of the campaign, where the record holds its attack. */
  truth?: string;
}

interface Pending {
  time: number;
  /** Breaks ties, so that order never depends on the heap. */
  order: number;
  plan: SessionPlan;
  next?: Played;
  rest?: Generator<Played>;
}

/**
 * Yields the records of the whole time in order of event time, and returns the truth about them.
 * @example
 * const traffic = simulate({ seed: 7, days: 14, start: Date.UTC(2026, 8, 7), people: 200, agents: 25 });
 * for (let step = traffic.next(); ; step = traffic.next()) {
 *   if (step.done) break; // step.value is the truth
 *   write(JSON.stringify(step.value.record));
 * }
 */
export function* simulate(options: SimulateOptions): Generator<SimulatedRecord, Truth, undefined> {
  const { days, start, people, agents } = options;
  for (const [name, value] of Object.entries({ days, people, agents })) {
    if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} must be a whole number of at least 1`);
  }
  const scale = options.scale ?? 1;
  const random = new Random(`nightjar simulation ${options.seed}`);
  const setting: Setting = {
    random,
    world: makeWorld(random.fork('world')),
    staff: makeStaff(random.fork('staff'), people, days, midnight(start)),
    agents: makeAgents(random.fork('agents'), agents),
    first: midnight(start),
    start,
    days,
  };
  const labels = new Labels();
  const outages = planOutages(setting);
  for (const outage of outages) labels.addOdd(outage.id, 'outage', {});
  for (const person of setting.staff) {
    if (person.joins > 0) labels.addOdd(`newcomer-${person.id}`, 'newcomer', { principal: [person.id] });
  }

  const heap = new Heap<Pending>((a, b) => a.time < b.time || (a.time === b.time && a.order < b.order));
  let order = 0;
  const add = (plan: SessionPlan): void => {
    if (plan.start >= start) heap.push({ time: plan.start, order: order++, plan });
  };
  for (const { id, type, difficulty, plan } of planCampaigns(setting)) {
    labels.addCampaign(id, type, difficulty, plan.entities);
    for (const session of plan.sessions) add({ ...session, campaign: id });
  }

  const deploys = planDeploys(setting);
  for (const deploy of deploys) labels.addOdd(deploy.id, 'deploy', { agent: [deploy.agent.id] });

  const disturbance: Disturbance = (time, chance) =>
    outages.some((o) => time >= o.from && time < o.to) && chance.chance(0.7)
      ? {
          code: 503,
          errorClass: 'ServiceUnavailableError',
          message: 'The engine is currently overloaded, please try again later',
        }
      : undefined;
  const outageAt = (record: Record<string, unknown>): string | undefined => {
    if ((record.error_information as { error_code: string }).error_code !== '503') return undefined;
    const time = (record.startTime as number) * 1000;
    return outages.find((o) => time >= o.from && time < o.to)?.id;
  };

  const sessions = random.fork('sessions');
  const odd = random.fork('oddities');
  const batch = batchAgent(odd, setting.agents[0] as (typeof setting.agents)[number]);
  const defenders = setting.staff.filter((p) => p.team === 'security');
  const planDay = (index: number): void => {
    const day = setting.first + index * DAY;
    for (const person of setting.staff) for (const plan of personDay(sessions, person, index, day, scale)) add(plan);
    for (const agent of setting.agents) {
      for (const plan of agentDay(sessions, agent, index, day, setting.staff, deploys, scale)) add(plan);
    }
    const own = odd.fork(`day ${index}`);
    const night = `batch-${index + 1}`;
    labels.addOdd(night, 'nightly-batch', {});
    const owner = setting.staff[0] as (typeof setting.staff)[number];
    for (const plan of batchNight(own, batch, night, day, Math.round(own.int(80, 140) * scale), owner))
      add({ ...plan, oddity: night });
    if (!isWeekend(day) && own.chance(index === 0 ? 1 : 0.6)) {
      const id = `security-talk-${index + 1}`;
      labels.addOdd(id, 'security-talk', {});
      add({ ...securityTalk(own, own.pick(defenders), id, day), oddity: id });
    }
  };

  let planned = 0;
  for (;;) {
    while (planned < days && (heap.peek()?.time ?? Number.POSITIVE_INFINITY) >= setting.first + planned * DAY)
      planDay(planned++);
    const entry = heap.pop();
    if (entry === undefined) {
      if (planned < days) continue;
      return labels.truth();
    }
    entry.rest ??= play(entry.plan, sessions, setting.world, disturbance);
    if (entry.next) {
      const { record, end } = entry.next;
      const truth = entry.plan.campaign ? labels.campaign(entry.plan.campaign, entry.next) : undefined;
      const outage = outageAt(record);
      if (outage) labels.odd(outage, entry.next);
      if (entry.plan.oddity) labels.odd(entry.plan.oddity, entry.next);
      yield truth === undefined ? { record, time: end } : { record, time: end, truth };
    }
    const step = entry.rest.next();
    if (!step.done) {
      entry.next = step.value;
      entry.time = step.value.end;
      heap.push(entry);
    }
  }
}
