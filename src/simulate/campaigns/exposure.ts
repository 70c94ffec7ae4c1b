/** A model server or gateway that answers strangers: probes of its paths, then use without a key or with the one it was shipped with. */

import { draft } from '../content/replies.ts';
import { type Context, say } from '../context.ts';
import type { Caller } from '../fact.ts';
import type { FactPlan, SessionPlan } from '../play.ts';
import type { Random } from '../random.ts';
import { answer, type Step, user } from '../script.ts';
import { requestPlan } from '../services.ts';
import { hostedAddress, keyHash } from '../world.ts';
import { type CampaignMaker, moments, type Stage } from './campaign.ts';

const PATHS = [
  '/v1/models',
  '/api/tags',
  '/api/ps',
  '/v1/completions',
  '/v1/embeddings',
  '/tokenize',
  '/api/show',
  '/mcp',
  '/sse',
  '/v1/responses',
  '/rerank',
  '/api/generate',
  '/api/pull',
  '/llm/v1/models',
  '/openai/v1/models',
  '/proxy/v1/chat/completions',
  '/pooling',
  '/score',
  '/v1/messages',
  '/api/embed',
];

const SCANNERS = [
  'zgrab/0.x',
  'python-httpx/0.28.1',
  'Mozilla/5.0 zgrab',
  'Go-http-client/1.1',
  'nuclei/3.4.10',
  'curl/8.14.1',
];

/** Paths are tried until one answers; then the model is used. */
function probes(stage: Stage, addresses: readonly string[], times: readonly number[]): FactPlan[] {
  const { random, difficulty } = stage;
  const plans: FactPlan[] = [];
  const agent = random.pick(SCANNERS);
  const gap = difficulty === 'easy' ? 900 : difficulty === 'medium' ? 25_000 : 180_000;
  const walk = random.shuffle(PATHS);
  const tries = difficulty === 'easy' ? walk.length : difficulty === 'medium' ? 12 : 8;
  for (let i = 0; i < tries; i++) {
    const session = Math.floor((i * times.length) / tries);
    const start = (times[session] as number) + (i % Math.ceil(tries / times.length)) * random.int(gap / 2, gap * 1.5);
    plans.push({
      ...requestPlan(`${stage.id} probe ${i}`, Math.round(start), {
        address: addresses[i % addresses.length] as string,
        method: random.pick(['GET', 'GET', 'POST'] as const),
        path: walk[i] as string,
        status: random.pick([401, 401, 403, 404, 405]),
        userAgent: difficulty === 'slow' ? random.pick(SCANNERS) : agent,
      }),
      evil: true,
    });
  }
  const last = Math.max(...plans.map((p) => p.start));
  const uses = difficulty === 'easy' ? 14 : difficulty === 'medium' ? 6 : 4;
  for (let i = 0; i < uses; i++) {
    plans.push({
      ...requestPlan(`${stage.id} use ${i}`, Math.round(last + (i + 1) * gap * random.float(1, 3)), {
        address: addresses[i % addresses.length] as string,
        method: i === 0 ? 'GET' : 'POST',
        path: i === 0 ? '/v1/models' : '/v1/chat/completions',
        status: 200,
        userAgent: agent,
        ms: i === 0 ? 12 : random.around(5_000, 0.6),
      }),
      evil: true,
    });
  }
  return plans;
}

function stranger(random: Random, address: string): Caller {
  const shipped = random.chance(0.5) ? 'sk-1234' : null;
  return {
    key: shipped,
    keyHash: shipped === null ? null : random.chance(0.5) ? 'litellm_proxy_master_key' : keyHash(shipped),
    keyAlias: null,
    userId: shipped === null ? null : 'default_user_id',
    email: null,
    team: null,
    endUser: null,
    address,
    userAgent: random.pick(['curl/8.14.1', 'python-requests/2.32.5', 'OpenAI/Python 1.99.1', 'node-fetch/1.0']),
  };
}

function talk(c: Context): Step[] {
  return [
    user(say(c, '{hello|test|which model are you?|write a poem on [city]|translate: where is the [topic]}')),
    answer(draft(c)),
  ];
}

/** Calls through the gateway itself, with no key or its first one. */
function openCalls(stage: Stage, addresses: readonly string[], times: readonly number[]): SessionPlan[] {
  const { random, difficulty } = stage;
  const caller = stranger(random, addresses[0] as string);
  const each = difficulty === 'easy' ? 8 : difficulty === 'medium' ? 4 : 1;
  return times.flatMap((time, i) =>
    Array.from({ length: each }, (_, j) => ({
      label: `${stage.id} open ${i}.${j}`,
      start: time + j * random.int(20, 200) * 1_000,
      caller: { ...caller, address: addresses[(i + j) % addresses.length] as string },
      model: random.pick(['gpt-4o', 'gpt-4o-mini', 'claude-sonnet-4-5']),
      named: false,
      offered: [],
      dialect: 'plain' as const,
      style: 'text' as const,
      me: { name: 'Unknown Caller', email: 'unknown@stranger.example' },
      script: talk,
      evil: true,
    })),
  );
}

export const exposedEndpoint: CampaignMaker = (stage) => {
  const { random, difficulty } = stage;
  const addresses = Array.from({ length: difficulty === 'slow' ? 4 : difficulty === 'medium' ? 2 : 1 }, () =>
    hostedAddress(random),
  );
  const times = moments(stage, difficulty === 'slow' ? 4 : 1);
  const sessions = random.chance(0.5) ? probes(stage, addresses, times) : openCalls(stage, addresses, times);
  return { sessions, entities: {} };
};
