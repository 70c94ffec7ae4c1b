/** What runs beside people and agents: backend services with a steady rate, the edge before the model servers, the administrators. */
import { csv } from './content/documents.ts';
import { customerMail } from './content/mails.ts';
import { advice } from './content/replies.ts';
import { type Context, say } from './context.ts';
import type { Change, Request } from './fact.ts';
import type { FactPlan, SessionPlan } from './play.ts';
import type { Random } from './random.ts';
import { DAY, HOUR, isWeekend, workingMoment } from './rhythm.ts';
import { answer, type Step, user } from './script.ts';
import type { Person } from './staff.ts';
import { homeAddress, hostedAddress, keyHash, virtualKey } from './world.ts';

export interface Service {
  id: string;
  team: string;
  key: string;
  keyHash: string;
  host: string;
  userAgent: string;
  model: string;
  system: string;
  /** Calls a day. */
  perDay: number;
  ask: (c: Context) => Step[];
  /** From then on it calls with this key. */
  rotation?: { at: number; key: string; keyHash: string; oddity: string };
}

const KINDS: readonly Pick<Service, 'id' | 'team' | 'system' | 'perDay' | 'ask'>[] = [
  {
    id: 'mail-router',
    team: 'support',
    system: 'Answer with the queue for this message: billing, support, sales or other.',
    perDay: 220,
    ask: (c) => [user(customerMail(c).body), answer(c.random.pick(['billing', 'support', 'sales', 'other']))],
  },
  {
    id: 'portal-translate',
    team: 'engineering',
    system: 'Translate the text into the language named first. Keep placeholders.',
    perDay: 90,
    ask: (c) => [user(say(c, '{German|French|Polish}: {[topic] is fixed.|See you in [city]!}')), answer(advice(c))],
  },
  {
    id: 'rate-explainer',
    team: 'sales',
    system: 'Explain the rate card lines to a customer in two sentences.',
    perDay: 60,
    ask: (c) => [user(csv(c, 'surcharges')), answer(advice(c))],
  },
  {
    id: 'ticket-titles',
    team: 'support',
    system: 'Write a title of at most eight words.',
    perDay: 120,
    ask: (c) => [user(customerMail(c).body), answer(say(c, '[topic] {in|at} [city]'))],
  },
];

/** One service for every twelve people, at least two, up to the kinds there are. */
export function makeServices(random: Random, people: number): Service[] {
  return KINDS.slice(0, Math.max(2, Math.min(KINDS.length, Math.floor(people / 12)))).map((kind) => {
    const own = random.fork(kind.id);
    const key = virtualKey(own);
    return {
      ...kind,
      key,
      keyHash: keyHash(key),
      host: `10.60.${own.int(61, 69)}.${own.int(2, 250)}`,
      userAgent: own.pick(['OpenAI/JS 5.23.0', 'litellm/1.77.3', 'Go-http-client/2.0']),
      model: own.pick(['gpt-4o-mini', 'mistral-large', 'qwen3-coder']),
    };
  });
}

/** The key that a service calls with at a time. */
export function serviceKey(service: Service, time: number): { key: string; keyHash: string } {
  return service.rotation !== undefined && time >= service.rotation.at ? service.rotation : service;
}

/** One call of a service. */
export function servicePlan(service: Service, label: string, start: number): SessionPlan {
  const { key, keyHash } = serviceKey(service, start);
  const { rotation } = service;
  const fresh = rotation !== undefined && start >= rotation.at && start < rotation.at + DAY;
  return {
    label,
    start,
    ...(fresh ? { oddity: rotation.oddity } : {}),
    caller: {
      key,
      keyHash,
      keyAlias: service.id,
      userId: `svc-${service.id}`,
      email: null,
      team: service.team,
      endUser: null,
      address: service.host,
      userAgent: service.userAgent,
    },
    model: service.model,
    system: service.system,
    named: false,
    offered: [],
    dialect: 'plain',
    style: 'text',
    me: { name: 'Portal User', email: 'portal@alderway.example' },
    script: service.ask,
  };
}

export function serviceDay(seed: Random, service: Service, index: number, day: number, scale: number): SessionPlan[] {
  const random = seed.fork(`day ${index} of ${service.id}`);
  const count = random.poisson(service.perDay * scale * (isWeekend(day) ? 0.3 : 1));
  return Array.from({ length: count }, (_, i) =>
    servicePlan(
      service,
      `call ${service.id} ${index}.${i}`,
      random.chance(0.8) ? workingMoment(random, day, 6, 19) : Math.round(day + random.float(0, 24) * HOUR),
    ),
  );
}

/** A request at the edge as a plan. */
export function requestPlan(
  label: string,
  start: number,
  request: Omit<Request, 'kind' | 'id' | 'start' | 'end'> & { ms?: number },
): FactPlan {
  const { ms, ...rest } = request;
  return {
    label,
    start,
    fact: (random, time) => ({
      kind: 'request',
      id: random.hex(32),
      start: time,
      end: time + Math.round(ms ?? random.around(9, 0.6)),
      ...rest,
    }),
  };
}

/** A change as a plan; `random` gives it its id. */
export function changePlan(label: string, start: number, change: Omit<Change, 'kind' | 'id' | 'end'>): FactPlan {
  return { label, start, fact: (random, time) => ({ kind: 'change', id: random.uuid(), end: time, ...change }) };
}

/** An ordinary day at the edge: the monitor, a few clients inside, and the noise that every public address gets. */
export function edgeDay(seed: Random, index: number, day: number, scale: number): FactPlan[] {
  const random = seed.fork(`edge ${index}`);
  const plans: FactPlan[] = [];
  for (let t = 0; t < DAY; t += 900_000) {
    plans.push(
      requestPlan(`edge ${index} monitor ${t}`, day + t + 2_000, {
        address: '10.60.70.9',
        method: 'GET',
        path: '/v1/models',
        status: 200,
        userAgent: 'blackbox_exporter/0.27.0',
        consumer: 'monitor',
      }),
    );
  }
  for (let i = 0; i < Math.round(40 * scale); i++) {
    plans.push(
      requestPlan(`edge ${index} inside ${i}`, workingMoment(random, day, 6, 20), {
        address: `10.60.${random.int(32, 60)}.${random.int(2, 250)}`,
        method: 'POST',
        path: random.pick(['/v1/chat/completions', '/v1/chat/completions', '/v1/embeddings']),
        status: random.chance(0.98) ? 200 : 503,
        userAgent: 'litellm/1.77.3',
        consumer: 'llm-gateway',
        ms: random.around(2_200, 0.7),
      }),
    );
  }
  for (let i = random.poisson(2); i > 0; i--) {
    const address = random.chance(0.7) ? hostedAddress(random) : homeAddress(random);
    const at = Math.round(day + random.float(0, 23.5) * HOUR);
    const paths = random.sample(['/v1/models', '/api/tags', '/mcp', '/v1/completions'], random.int(1, 2));
    for (const [j, path] of paths.entries()) {
      plans.push(
        requestPlan(`edge ${index} noise ${i}.${j}`, at + j * random.int(1_000, 9_000), {
          address,
          method: 'GET',
          path,
          status: random.pick([401, 404]),
          userAgent: random.pick(['Mozilla/5.0', 'curl/8.5.0', 'zgrab/0.x', 'python-requests/2.32.5']),
        }),
      );
    }
  }
  return plans;
}

/** Who keeps the gateway: makes changes on weekdays. */
export interface Admin {
  id: string;
  keyHash: string;
}

export function adminOf(staff: readonly Person[]): Admin {
  const person = staff.find((p) => p.team === 'operations') ?? (staff[0] as Person);
  return { id: person.id, keyHash: person.keyHash };
}

/** The key of somebody who starts today. */
export function keyMade(
  label: string,
  start: number,
  admin: Admin,
  hash: string,
  owner: string,
  team: string,
): FactPlan {
  const at = new Date(start).toISOString();
  return changePlan(label, start, {
    action: 'created',
    table: 'LiteLLM_VerificationToken',
    object: hash,
    by: admin.id,
    byKeyHash: admin.keyHash,
    before: {},
    after: {
      token: hash,
      key_alias: `${owner}-key`,
      user_id: owner,
      team_id: `team-${team}`,
      models: ['gpt-4o-mini', 'gpt-4o', 'claude-sonnet-4-5'],
      created_at: at,
      expires: new Date(start + 180 * DAY).toISOString(),
    },
  });
}

/** The key of somebody who has left. */
export function keyDeleted(label: string, start: number, admin: Admin, hash: string, owner: string): FactPlan {
  return changePlan(label, start, {
    action: 'deleted',
    table: 'LiteLLM_VerificationToken',
    object: hash,
    by: admin.id,
    byKeyHash: admin.keyHash,
    before: { token: hash, user_id: owner },
    after: {},
  });
}

/** Small changes of an ordinary day: budgets, limits, an alias. */
export function adminDay(seed: Random, index: number, day: number, admin: Admin, staff: readonly Person[]): FactPlan[] {
  const random = seed.fork(`admin ${index}`);
  if (isWeekend(day)) return [];
  return Array.from({ length: random.poisson(2.5) }, (_, i) => {
    const person = random.pick(staff.filter((p) => p.leaves === undefined));
    const [before, after] = random.pick([
      [{ max_budget: 50 }, { max_budget: 80 }],
      [{ rpm_limit: 60 }, { rpm_limit: 120 }],
      [{ key_alias: `${person.id}-key` }, { key_alias: `${person.id}-laptop` }],
    ] as const);
    return changePlan(`admin ${index}.${i}`, workingMoment(random, day, 8, 17), {
      action: 'updated',
      table: 'LiteLLM_VerificationToken',
      object: person.keyHash,
      by: admin.id,
      byKeyHash: admin.keyHash,
      before,
      after,
    });
  });
}
