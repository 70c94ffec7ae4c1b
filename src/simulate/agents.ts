/** The agents: what kind of work each does, the tools it is given, its key, its hosts, its version. */
import type { Random } from './random.ts';
import { TASKS, type TaskKind } from './tasks/index.ts';
import { CAPABILITIES, type Dialect } from './tools/catalogue.ts';
import { keyHash, virtualKey } from './world.ts';

export interface Agent {
  id: string;
  kind: TaskKind;
  version: string;
  dialect: Dialect;
  style: 'json' | 'text';
  /** Capabilities that are offered to the model; more than it uses, and with two agents of five far more. */
  offered: string[];
  key: string;
  keyHash: string;
  team: string;
  hosts: string[];
  userAgent: string;
  model: string;
  /** API that its client speaks, where it is not the usual one. */
  route?: string;
  prompt: string;
  /** Mean sessions per working day, and whether it also works at night and on weekends. */
  perDay: number;
  roundTheClock: boolean;
}

const PLACES = ['', 'emea', 'north', 'south', 'iberia', 'beta'];

function makeAgent(random: Random, index: number): Agent {
  const kinds = Object.keys(TASKS) as TaskKind[];
  const kind = kinds[index % kinds.length] as TaskKind;
  const profile = TASKS[kind];
  const place = PLACES[Math.floor(index / kinds.length)] ?? String(index);
  const id = place === '' ? profile.name : `${profile.name}-${place}`;
  const key = virtualKey(random);
  const broad = index % 5 === 2 || index % 5 === 3;
  const offered = [
    ...profile.uses,
    ...(broad
      ? random.sample(Object.keys(CAPABILITIES), 24)
      : random.sample(profile.extras, random.int(1, profile.extras.length))),
  ];
  const version = `${random.int(1, 4)}.${random.int(0, 20)}.${random.int(0, 9)}`;
  return {
    id,
    kind,
    version,
    dialect: random.pick(['plain', 'camel', 'product'] as const),
    style: random.pick(['json', 'text'] as const),
    offered: [...new Set(offered)],
    key,
    keyHash: keyHash(key),
    team: profile.team,
    hosts: Array.from({ length: random.int(1, 3) }, () => `10.60.${random.int(32, 60)}.${random.int(2, 250)}`),
    userAgent: random.pick([
      `${id}/${version}`,
      'OpenAI/Python 1.109.1',
      'langchain-openai/0.3.35',
      'OpenAI/JS 5.23.0',
    ]),
    model: random.pick(['gpt-4o', 'gpt-4o-mini', 'claude-sonnet-4-5', 'gpt-4.1']),
    ...(random.chance(0.2) ? { route: '/v1/responses' } : {}),
    prompt:
      `${profile.prompt} ${random.pick(['Use the tools you are given.', 'Think before you act.', 'Keep answers short.', ''])}`.trim(),
    perDay: Math.min(90, random.around(profile.perDay, 0.5)),
    roundTheClock: profile.roundTheClock,
  };
}

export function makeAgents(random: Random, count: number): Agent[] {
  return Array.from({ length: count }, (_, i) => makeAgent(random.fork(`agent ${i}`), i));
}
