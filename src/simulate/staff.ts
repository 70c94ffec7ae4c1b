/** The people of the organisation: team, key, places they call from, habits. */
import { DOMAIN } from './content/words.ts';
import type { Random } from './random.ts';
import { DAY, isWeekend } from './rhythm.ts';
import { homeAddress, keyHash, mailName, personName, virtualKey } from './world.ts';

export const TEAMS = [
  'support',
  'finance',
  'engineering',
  'people',
  'sales',
  'data',
  'security',
  'operations',
] as const;
export type Team = (typeof TEAMS)[number];

export interface Person {
  id: string;
  name: string;
  email: string;
  team: Team;
  key: string;
  keyHash: string;
  /** Address at the desk, and the one at home that some use in the evening. */
  address: string;
  homeAddress: string;
  userAgent: string;
  /** A second client that some use now and then. */
  otherAgent?: string;
  /** Whether answers are streamed to the client. */
  streams: boolean;
  /** Whether the client names its conversations. */
  sessions: boolean;
  model: string;
  /** Working hours in hours of the day (UTC), mean conversations per working day, share of weekend days worked. */
  from: number;
  to: number;
  perDay: number;
  weekend: number;
  /** Day of the simulation on which the person starts; 0 for those who were there before. */
  joins: number;
  /** Day of the simulation on which the key of somebody who has left is deleted. */
  leaves?: number;
  /** Days away, from another place; what is done then belongs to the oddity. */
  trip?: { from: number; to: number; address: string; userAgent: string; oddity: string };
}

const TEAM_SHARE: readonly (readonly [number, Team])[] = [
  [26, 'support'],
  [11, 'finance'],
  [26, 'engineering'],
  [6, 'people'],
  [14, 'sales'],
  [8, 'data'],
  [3, 'security'],
  [6, 'operations'],
];

const CLIENTS: Record<'chat' | 'code', readonly string[]> = {
  chat: [
    'OpenWebUI/0.6.34 (chat.alderway.example)',
    'LibreChat/0.8.1',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15',
  ],
  code: [
    'continue/1.2.10 vscode/1.105.1',
    'OpenAI/Python 1.109.1',
    'zed/0.209.6',
    'python-requests/2.32.5',
    'OpenAI/JS 5.23.0',
  ],
};

const MODELS: Record<'chat' | 'code', readonly string[]> = {
  chat: ['gpt-4o-mini', 'gpt-4o', 'claude-sonnet-4-5', 'mistral-large'],
  code: ['claude-sonnet-4-5', 'gpt-4o', 'qwen3-coder'],
};

/** One person; `index` makes the id. */
export function makePerson(random: Random, index: number, team: Team, joins: number): Person {
  const name = personName(random);
  const technical = team === 'engineering' || team === 'data' || team === 'security';
  const kind = technical && random.chance(0.6) ? 'code' : 'chat';
  const key = virtualKey(random);
  const from = random.pick([6, 7, 7, 8, 8, 8, 9, 9, 10]) + random.float(0, 0.9);
  return {
    id: `${mailName(name)}.${String(index).padStart(3, '0')}`,
    name,
    email: `${mailName(name)}@${DOMAIN}`,
    team,
    key,
    keyHash: keyHash(key),
    address: `10.12.${TEAMS.indexOf(team)}.${random.int(10, 250)}`,
    homeAddress: homeAddress(random),
    userAgent: random.pick(CLIENTS[kind]),
    ...(random.chance(0.25) ? { otherAgent: random.pick(CLIENTS[random.pick(['chat', 'code'] as const)]) } : {}),
    streams: random.chance(kind === 'chat' ? 0.7 : 0.3),
    sessions: random.chance(kind === 'chat' ? 0.95 : 0.5),
    model: random.pick(MODELS[kind]),
    from,
    to: from + random.float(7.5, 10.5),
    perDay: Math.min(14, random.around(3.2, 0.6)),
    weekend: random.chance(0.15) ? random.float(0.2, 0.8) : 0.02,
    joins,
  };
}

/**
 * `count` people, some of whom join after the start or leave before the end (about one in a hundred per week), on working days.
 * @param first UTC midnight of the first day.
 */
export function makeStaff(random: Random, count: number, days: number, first: number): Person[] {
  const later: number[] = [];
  for (let d = 3; d < days; d++) if (!isWeekend(first + d * DAY)) later.push(d);
  const staff: Person[] = [];
  for (let i = 0; i < count; i++) {
    const own = random.fork(`person ${i}`);
    const team = i < 2 ? 'security' : own.weighted(TEAM_SHARE);
    const late = later.length > 0 && i >= 2 && (i === 2 || own.chance(Math.min(0.08, days * 0.0015)));
    const person = makePerson(own, i, team, late ? own.pick(later) : 0);
    const gone = !late && later.length > 0 && i > 2 && own.chance(Math.min(0.05, days * 0.001));
    staff.push(gone ? { ...person, leaves: own.pick(later) } : person);
  }
  return staff;
}
