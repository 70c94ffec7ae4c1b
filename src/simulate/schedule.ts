/** The programme of a simulation: which campaigns, deploys, outages and other oddities happen when. */
import type { Agent } from './agents.ts';
import type { Deploy } from './benign.ts';
import { type CampaignPlan, DIFFICULTIES, type Difficulty, type Stage } from './campaigns/campaign.ts';
import { CAMPAIGNS } from './campaigns/index.ts';
import type { Random } from './random.ts';
import { DAY, HOUR, isWeekend } from './rhythm.ts';
import type { Admin, Service } from './services.ts';
import type { Person } from './staff.ts';
import { CAPABILITIES } from './tools/catalogue.ts';
import type { World } from './world.ts';

export interface Setting {
  random: Random;
  world: World;
  staff: readonly Person[];
  agents: readonly Agent[];
  services: readonly Service[];
  admin: Admin;
  /** UTC midnight of the first day. */
  first: number;
  /** Earliest moment of all. */
  start: number;
  days: number;
}

export interface PlannedCampaign {
  id: string;
  type: string;
  difficulty: Difficulty;
  plan: CampaignPlan;
}

/** Days without campaigns at the beginning, in which what is usual can be learnt: a week of two or more, else three, if there are as many. */
export function quietDays(days: number): number {
  return days >= 14 ? 7 : Math.min(3, days - 1);
}

export interface CampaignChoice {
  /** Of each type; default one for every five days that are not quiet. */
  each?: number | undefined;
  /** Take turns; default all. */
  difficulties?: readonly Difficulty[] | undefined;
}

/** The campaigns: on working days, at any time after the quiet days. */
export function planCampaigns(setting: Setting, choice: CampaignChoice = {}): PlannedCampaign[] {
  const quiet = quietDays(setting.days);
  const levels = choice.difficulties ?? DIFFICULTIES;
  const open: number[] = [];
  for (let d = quiet; d < setting.days; d++) if (!isWeekend(setting.first + d * DAY)) open.push(d);
  if (open.length === 0) open.push(setting.days - 1);
  const each = choice.each ?? Math.max(1, Math.round((setting.days - quiet) / 5));
  const planned: PlannedCampaign[] = [];
  for (const [index, [type, make]] of Object.entries(CAMPAIGNS).entries()) {
    for (let i = 0; i < each; i++) {
      const id = `${type}-${i + 1}`;
      const random = setting.random.fork(`campaign ${id}`);
      const dayIndex = random.pick(open);
      const day = setting.first + dayIndex * DAY;
      const difficulty = levels[(i + (each === 1 ? index : 0)) % levels.length] as Difficulty;
      const stage: Stage = {
        id,
        random,
        world: setting.world,
        staff: setting.staff.filter((p) => (p.joins < dayIndex || p.joins === 0) && p.leaves === undefined),
        agents: setting.agents,
        services: setting.services,
        admin: setting.admin,
        difficulty,
        first: setting.first,
        day,
        earliest: Math.max(setting.start, day),
        latest: setting.first + setting.days * DAY - HOUR,
        days: Math.min(setting.days >= 14 ? 7 : 4, setting.days - dayIndex),
      };
      planned.push({ id, type, difficulty, plan: make(stage) });
    }
  }
  return planned;
}

/** A deploy every five days or so, on a working day at noon. */
export function planDeploys(setting: Setting): Deploy[] {
  const random = setting.random.fork('deploys');
  const count = Math.max(1, Math.round(setting.days / 5));
  const deploys: Deploy[] = [];
  for (let i = 0; i < count; i++) {
    const day = setting.first + Math.min(setting.days - 1, Math.floor(((i + 0.6) * setting.days) / count)) * DAY;
    const agent = random.pick(setting.agents);
    const fresh = Object.keys(CAPABILITIES).filter((c) => !agent.offered.includes(c));
    deploys.push({
      id: `deploy-${i + 1}`,
      agent,
      at: Math.round(day + random.float(9, 14) * HOUR),
      version: `${random.int(5, 9)}.${random.int(0, 9)}.0`,
      added: random.sample(fresh, random.int(2, 4)),
    });
  }
  return deploys.sort((a, b) => a.at - b.at);
}

export interface Outage {
  id: string;
  from: number;
  to: number;
}

/** About one outage a week, of 15 to 40 minutes in working hours. */
export function planOutages(setting: Setting): Outage[] {
  const random = setting.random.fork('outages');
  const count = Math.max(1, Math.round(setting.days / 8));
  return Array.from({ length: count }, (_, i) => {
    const day =
      setting.first +
      random.int(Math.floor((i * setting.days) / count), Math.ceil(((i + 1) * setting.days) / count) - 1) * DAY;
    const from = Math.round(day + random.float(8, 17) * HOUR);
    return { id: `outage-${i + 1}`, from, to: from + random.int(15, 40) * 60_000 };
  });
}
