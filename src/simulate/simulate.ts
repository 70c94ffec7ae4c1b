/** An organisation's traffic through its LLM gateway over days: deterministic for a seed, in order of event time, with the truth about it. */
import { makeAgents } from './agents.ts';
import { agentDay, personDay, type Shift } from './benign.ts';
import type { Block, Difficulty } from './campaigns/campaign.ts';
import type { Caller } from './fact.ts';
import { type Form, toWire } from './forms.ts';
import { Heap } from './heap.ts';
import { batchAgent, batchNight, securityTalk } from './oddities/odd.ts';
import { planOddities } from './oddities/plan.ts';
import { type Disturbance, type Plan, type Played, play, playFact } from './play.ts';
import { Random } from './random.ts';
import { DAY, HOUR, isWeekend, midnight } from './rhythm.ts';
import { type Outage, planCampaigns, planDeploys, planOutages, type Setting } from './schedule.ts';
import { adminDay, adminOf, edgeDay, keyDeleted, keyMade, makeServices, serviceDay } from './services.ts';
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
  /** Form in which calls are logged; default `litellm`. */
  form?: Form;
  /** Campaigns of each type; default one for every five days after the quiet ones. */
  campaigns?: number | undefined;
  /** Default all, in turn. */
  difficulties?: readonly Difficulty[] | undefined;
}

export interface SimulatedRecord {
  /** As the gateway, its audit log, or the edge logs it. */
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
  plan: Plan;
  next?: Played;
  rest?: Generator<Played>;
}

function settingOf({ seed, days, start, people, agents }: SimulateOptions): Setting {
  for (const [name, value] of Object.entries({ days, people, agents })) {
    if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} must be a whole number of at least 1`);
  }
  const random = new Random(`nightjar simulation ${seed}`);
  const staff = makeStaff(random.fork('staff'), people, days, midnight(start));
  return {
    random,
    world: makeWorld(random.fork('world')),
    staff,
    agents: makeAgents(random.fork('agents'), agents),
    services: makeServices(random.fork('services'), people),
    admin: adminOf(staff),
    first: midnight(start),
    start,
    days,
  };
}

interface LabelledBlock extends Block {
  by: string;
}

/** Outages hit most calls of their time, blocks every call of their key. */
function disturbances(outages: readonly Outage[], blocks: readonly LabelledBlock[]): Disturbance {
  return (time: number, chance: Random, caller: Caller) => {
    const block = blocks.find((b) => b.keyHash === caller.keyHash && time >= b.from && time < b.to);
    if (block) return { failure: block.failure, by: block.by };
    const outage = outages.find((o) => time >= o.from && time < o.to);
    if (outage === undefined || !chance.chance(0.7)) return undefined;
    return {
      failure: {
        code: 503,
        errorClass: 'ServiceUnavailableError',
        message: 'The engine is currently overloaded, please try again later',
      },
      by: outage.id,
    };
  };
}

/** The plans of one ordinary day, oddities of every day included. */
function* dayPlans(
  setting: Setting,
  index: number,
  scale: number,
  shifts: readonly Shift[],
  labels: Labels,
  deploys: ReturnType<typeof planDeploys>,
): Generator<Plan> {
  const sessions = setting.random.fork('sessions');
  const odd = setting.random.fork('oddities');
  const day = setting.first + index * DAY;
  for (const person of setting.staff) {
    if (person.joins === index && index > 0) {
      const at = Math.round(day + 6.2 * HOUR);
      yield keyMade(`key of ${person.id}`, at, setting.admin, person.keyHash, person.id, person.team);
    }
    if (person.leaves === index) {
      const at = Math.round(day + 5.4 * HOUR);
      yield keyDeleted(`end of ${person.id}`, at, setting.admin, person.keyHash, person.id);
    }
    yield* personDay(sessions, person, index, day, scale);
  }
  for (const agent of setting.agents) {
    yield* agentDay(sessions, agent, index, day, setting.staff, deploys, shifts, scale);
  }
  for (const service of setting.services) yield* serviceDay(sessions, service, index, day, scale);
  yield* edgeDay(sessions, index, day, scale);
  yield* adminDay(sessions, index, day, setting.admin, setting.staff);

  const own = odd.fork(`day ${index}`);
  const night = `batch-${index + 1}`;
  labels.addOdd(night, 'nightly-batch', {});
  const batch = batchAgent(odd, setting.agents[0] as (typeof setting.agents)[number]);
  const owner = setting.staff[0] as (typeof setting.staff)[number];
  for (const plan of batchNight(own, batch, night, day, Math.round(own.int(80, 140) * scale), owner))
    yield { ...plan, oddity: night };
  if (!isWeekend(day) && own.chance(index === 0 ? 1 : 0.6)) {
    const id = `security-talk-${index + 1}`;
    labels.addOdd(id, 'security-talk', {});
    const defenders = setting.staff.filter((p) => p.team === 'security');
    yield { ...securityTalk(own, own.pick(defenders), id, day), oddity: id };
  }
}

/**
 * Yields the records of the whole time in order of event time, and returns the truth about them. Holds one day's plans and the sessions
 * that run, whatever the length.
 * @example
 * const traffic = simulate({ seed: 7, days: 14, start: Date.UTC(2026, 8, 7), people: 200, agents: 25 });
 * for (let step = traffic.next(); ; step = traffic.next()) {
 *   if (step.done) break; // step.value is the truth
 *   write(JSON.stringify(step.value.record));
 * }
 */
export function* simulate(options: SimulateOptions): Generator<SimulatedRecord, Truth, undefined> {
  const { days, start, scale = 1, form = 'litellm' } = options;
  const setting = settingOf(options);
  const labels = new Labels();
  const heap = new Heap<Pending>((a, b) => a.time < b.time || (a.time === b.time && a.order < b.order));
  const end = setting.first + days * DAY;
  let order = 0;
  const add = (plan: Plan): void => {
    if (plan.start >= start && plan.start < end) heap.push({ time: plan.start, order: order++, plan });
  };

  const outages = planOutages(setting);
  for (const outage of outages) labels.addOdd(outage.id, 'outage', {});
  for (const person of setting.staff) {
    if (person.joins > 0) labels.addOdd(`newcomer-${person.id}`, 'newcomer', { principal: [person.id] });
  }
  const shifts: Shift[] = [];
  const blocks: LabelledBlock[] = [];
  for (const { id, type, plans, shifts: changed, block, entities } of planOddities(setting)) {
    labels.addOdd(id, type, entities);
    for (const plan of plans) add({ ...plan, oddity: id });
    shifts.push(...changed);
    if (block !== undefined) blocks.push({ ...block, by: id });
  }
  for (const { id, type, difficulty, plan } of planCampaigns(setting, {
    each: options.campaigns,
    difficulties: options.difficulties,
  })) {
    labels.addCampaign(id, type, difficulty, plan.entities);
    for (const session of plan.sessions) add({ ...session, campaign: id });
    for (const session of plan.background ?? []) add(session);
    for (const shift of plan.shifts ?? []) shifts.push({ ...shift, campaign: id });
    for (const block of plan.blocks ?? []) blocks.push({ ...block, by: id });
  }
  const deploys = planDeploys(setting);
  for (const deploy of deploys) labels.addOdd(deploy.id, 'deploy', { agent: [deploy.agent.id] });

  const sessions = setting.random.fork('sessions');
  const disturbance = disturbances(outages, blocks);
  const label = (plan: Plan, played: Played, recordId: string): string | undefined => {
    const { disturbed } = played;
    if (disturbed !== undefined && labels.isCampaign(disturbed)) {
      const session = plan.campaign === disturbed ? played.session : '';
      return labels.campaign(disturbed, { ...played, session, evil: true }, recordId);
    }
    if (disturbed !== undefined) {
      labels.odd(disturbed, played, recordId);
      return undefined;
    }
    if (plan.campaign !== undefined) return labels.campaign(plan.campaign, played, recordId);
    if (plan.oddity !== undefined) labels.odd(plan.oddity, played, recordId);
    return undefined;
  };

  let planned = 0;
  for (;;) {
    while (planned < days && (heap.peek()?.time ?? Number.POSITIVE_INFINITY) >= setting.first + planned * DAY) {
      for (const plan of dayPlans(setting, planned++, scale, shifts, labels, deploys)) add(plan);
    }
    const entry = heap.pop();
    if (entry === undefined) {
      if (planned < days) continue;
      return labels.truth();
    }
    const { plan } = entry;
    entry.rest ??= 'fact' in plan ? playFact(plan, sessions) : play(plan, sessions, setting.world, disturbance);
    if (entry.next) {
      const { record, id } = toWire(entry.next.fact, form);
      const truth = label(plan, entry.next, id);
      yield truth === undefined ? { record, time: entry.next.end } : { record, time: entry.next.end, truth };
    }
    const step = entry.rest.next();
    if (!step.done) {
      entry.next = step.value;
      entry.time = step.value.end;
      heap.push(entry);
    }
  }
}
