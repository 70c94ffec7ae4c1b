/** What a campaign is made of, and the stage on which it is set. */
import type { Agent } from '../agents.ts';
import type { Shift } from '../benign.ts';
import { FIRST_NAMES } from '../content/words.ts';
import type { Plan } from '../play.ts';
import type { Random } from '../random.ts';
import { DAY, isWeekend, workingMoment } from '../rhythm.ts';
import type { Failure } from '../script.ts';
import type { Admin, Service } from '../services.ts';
import type { Person } from '../staff.ts';
import { iban, type World } from '../world.ts';

/** `easy` is blunt and fast, `medium` is disguised, `slow` is disguised and spread over sessions and, where there is time, days. */
export type Difficulty = 'easy' | 'medium' | 'slow';

export const DIFFICULTIES: readonly Difficulty[] = ['easy', 'medium', 'slow'];

export interface Stage {
  /** Id of the campaign; labels of its sessions start with it. */
  id: string;
  random: Random;
  world: World;
  /** Those who are there on the first day. */
  staff: readonly Person[];
  agents: readonly Agent[];
  services: readonly Service[];
  admin: Admin;
  difficulty: Difficulty;
  /** UTC midnight of the first day of all, and of the campaign's first day; earliest and latest moment, days that it may last. */
  first: number;
  day: number;
  earliest: number;
  latest: number;
  days: number;
}

/** Calls with a key fail for a time. */
export interface Block {
  keyHash: string;
  from: number;
  to: number;
  failure: Failure;
}

export interface CampaignPlan {
  sessions: Plan[];
  /** What makes the campaign possible and is harmless by itself: the life of its actors before it, a change that is right. */
  background?: Plan[];
  shifts?: Shift[];
  blocks?: Block[];
  /** Entities that belong to the campaign alone, by dimension; sessions are added when they are played. */
  entities: Record<string, string[]>;
}

export type CampaignMaker = (stage: Stage) => CampaignPlan;

/** A working moment of a day of the campaign, `day` 0 being the first. */
export function moment(stage: Stage, day = 0): number {
  for (let tries = 0; tries < 50; tries++) {
    const time = workingMoment(stage.random, stage.day + day * DAY, 7.5, 18);
    if (time >= stage.earliest && time <= stage.latest) return time;
  }
  return stage.random.int(stage.earliest, stage.latest);
}

/** `count` moments in order: within an hour or so, over the day, or over days, as the difficulty asks. */
export function moments(stage: Stage, count: number): number[] {
  const first = moment(stage);
  if (stage.difficulty === 'easy')
    return Array.from({ length: count }, (_, i) => first + i * stage.random.int(3, 9) * 60_000);
  if (stage.difficulty === 'medium')
    return Array.from({ length: count }, (_, i) => first + i * stage.random.int(30, 70) * 60_000);
  const open = Array.from({ length: stage.days }, (_, i) => i).filter((i) => !isWeekend(stage.day + i * DAY));
  const days = open.length > 1 ? open : [0];
  if (days.length === 1) return Array.from({ length: count }, () => moment(stage)).sort((a, b) => a - b);
  return Array.from({ length: count }, (_, i) => moment(stage, days[i % days.length] as number)).sort((a, b) => a - b);
}

/** An agent of one of these kinds; any agent when there is none. */
export function agentOf(stage: Stage, ...kinds: Agent['kind'][]): Agent {
  const fit = stage.agents.filter((a) => kinds.includes(a.kind));
  return stage.random.pick(fit.length > 0 ? fit : stage.agents);
}

/**
 * Like {@link agentOf}; the agent is granted these capabilities from the first day on, so that the campaign shows in what it does and not
 * in what it is offered.
 */
export function agentWith(stage: Stage, kinds: Agent['kind'][], capabilities: readonly string[]): Agent {
  const agent = agentOf(stage, ...kinds);
  grant(agent, capabilities);
  return agent;
}

export function grant(agent: Agent, capabilities: readonly string[]): void {
  for (const capability of capabilities) if (!agent.offered.includes(capability)) agent.offered.push(capability);
}

export interface Outsider {
  name: string;
  email: string;
  domain: string;
  iban: string;
}

/** An attacker's place outside; no firm of the world has such a domain. */
export function outsider(random: Random): Outsider {
  const domain = `${random.pick(['data', 'doc', 'cloud', 'mail', 'trust', 'sync', 'audit', 'file', 'account'])}-${random.pick(['relay', 'archive', 'verify', 'desk', 'center', 'vault', 'hub', 'drop'])}${random.int(2, 99)}.example`;
  const first = random.pick(FIRST_NAMES);
  return {
    name: first,
    email: `${random.pick([first.toLowerCase(), 'compliance', 'backup', 'records', 'billing', 'inbox'])}@${domain}`,
    domain,
    iban: iban(random),
  };
}
