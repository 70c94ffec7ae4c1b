/** Keys that outlive their time: revoked but alive on one replica, leaked and picked up, dormant and woken; and a block that hits the wrong ones. */
import { agentPlan, chatPlan, personCaller } from '../benign.ts';
import { chatScript } from '../chat/conversation.ts';
import { code } from '../content/documents.ts';
import { advice, codeAnswer } from '../content/replies.ts';
import { say } from '../context.ts';
import type { Plan, SessionPlan } from '../play.ts';
import { DAY, HOUR } from '../rhythm.ts';
import { answer, calls, evil, user } from '../script.ts';
import { serviceKey, servicePlan } from '../services.ts';
import type { Person } from '../staff.ts';
import { readFile, readSource } from '../tools/tech.ts';
import { hostedAddress } from '../world.ts';
import { agentWith, type CampaignMaker, moment, moments, type Stage } from './campaign.ts';
import { contractor, earlierDays, keyChange } from './lives.ts';

const TOOLS = ['python-requests/2.32.5', 'curl/8.14.1', 'aiohttp/3.13.0', 'node-fetch/3.3.2'];

/** Sessions with somebody's key, by somebody else. */
function misuse(
  stage: Stage,
  owner: Person,
  times: readonly number[],
  address: string,
  userAgent: string,
): SessionPlan[] {
  return times.map((start, i) => ({
    ...chatPlan(stage.random, owner, `${stage.id} use ${i}`, start),
    caller: { ...personCaller(owner, address), userAgent },
    named: stage.random.chance(0.5),
    evil: true,
    script: (c) => (c.random.chance(0.5) ? chatScript(c, owner.team) : [user(code(c)), answer(codeAnswer(c))]),
  }));
}

const REVOKED = {
  code: 401,
  errorClass: 'ProxyException',
  message: 'Authentication Error, Invalid proxy server token passed.',
};

/** The key is deleted, most replicas refuse it, one serves it on from its cache. */
export const revokedCredential: CampaignMaker = (stage) => {
  const { random, difficulty } = stage;
  const owner = contractor(stage);
  const revoked = Math.min(moment(stage), stage.latest - 4 * HOUR);
  const count = difficulty === 'easy' ? 8 : difficulty === 'medium' ? 4 : 2;
  const spread = difficulty === 'easy' ? 6 * 60_000 : difficulty === 'medium' ? 25 * 60_000 : 70 * 60_000;
  const same = random.chance(0.5);
  const address = same ? owner.address : hostedAddress(random);
  const times = Array.from({ length: count }, (_, i) => Math.round(revoked + 90_000 + (i + random.next()) * spread));
  const alive = misuse(stage, owner, times, address, same ? owner.userAgent : random.pick(TOOLS)).map((plan) => ({
    ...plan,
    handling: { replica: 'gw-3' },
  }));
  const refused: SessionPlan[] = times.slice(0, 3).map((start, i) => ({
    ...(alive[i] as SessionPlan),
    label: `${stage.id} refused ${i}`,
    start: start - random.int(5, 40) * 1_000,
    evil: false,
    handling: { replica: 'gw-1' },
    script: (c) => [user(say(c, '{Hi|Hello}, [topic]?')), { kind: 'fail', failure: REVOKED }],
  }));
  return {
    background: [
      ...earlierDays(stage, owner, revoked),
      keyChange(stage, 'delete', revoked, owner, {
        action: random.pick(['deleted', 'blocked'] as const),
        before: { token: owner.keyHash, user_id: owner.id, blocked: null },
        after: { token: owner.keyHash, blocked: true },
      }),
    ],
    sessions: [...alive, ...refused],
    entities: { credential: [`sha256:${owner.keyHash}`], principal: [owner.id] },
  };
};

/** Somebody pastes a key into a chat, a note or a commit; later it calls from elsewhere. */
export const leakedCredential: CampaignMaker = (stage) => {
  const { random, difficulty } = stage;
  const owner = random.pick(stage.staff);
  const reader = agentWith(stage, ['coder', 'operator', 'inbox'], ['git.read', 'files.read']);
  const seen = Math.min(moment(stage), stage.latest - 6 * HOUR);
  const leak: Plan = random.chance(0.5)
    ? agentPlan(random, reader, `${stage.id} leak`, seen, random.pick(stage.staff), (c) => [
        user(say(c, 'Why does the {job|script} for [project] {fail|time out}? {Look into it.|}')),
        calls(
          c.random.chance(0.5)
            ? readSource(c, say(c, '[repo]'), `client = OpenAI(base_url=GATEWAY, api_key="${owner.key}")\n${code(c)}`)
            : readFile(c, say(c, '/projects/[service]/readme.txt'), `export GATEWAY_KEY=${owner.key}\n${advice(c)}`),
        ),
        evil(answer(codeAnswer(c))),
      ])
    : chatPlan(random, owner, `${stage.id} leak`, seen, (c) => [
        user(
          say(c, '{My script says 429|This does not work}, {why|what is wrong}?\n\nkey = "[key]"\n[code]', {
            key: owner.key,
            code: code(c),
          }),
        ),
        evil(answer(codeAnswer(c))),
      ]);
  const wait = difficulty === 'easy' ? 15 : difficulty === 'medium' ? 120 : 300;
  const count = difficulty === 'easy' ? 10 : difficulty === 'medium' ? 5 : 3;
  const gap = difficulty === 'easy' ? 3 : 25;
  const times = Array.from({ length: count }, (_, i) =>
    Math.round(Math.min(seen + wait * 60_000 + i * gap * 60_000 * random.float(0.6, 1.4), stage.latest + HOUR)),
  );
  return {
    // That the key stands in a text is the first thing to see.
    sessions: [leak, ...misuse(stage, owner, times, hostedAddress(random), random.pick(TOOLS))],
    entities: {},
  };
};

/** A key that nobody used for a long time, and that never ends, calls again from a new place. */
export const dormantKey: CampaignMaker = (stage) => {
  const { random, difficulty } = stage;
  const owner = contractor(stage);
  const first = moment(stage);
  const count = difficulty === 'easy' ? 10 : difficulty === 'medium' ? 5 : 3;
  const times =
    difficulty === 'slow'
      ? moments(stage, count)
      : Array.from({ length: count }, (_, i) => first + i * random.int(2, 20) * 60_000);
  const start = Math.max(stage.first + 7 * HOUR, stage.earliest - 40 * DAY);
  const made = new Date(stage.first - random.int(200, 600) * DAY).toISOString();
  return {
    background: [
      keyChange(stage, 'old', start, owner, {
        action: 'updated',
        before: { max_budget: 20, created_at: made, expires: null },
        after: { max_budget: 25, created_at: made, expires: null, user_id: owner.id },
      }),
      // Its last ordinary use, where the log reaches back far enough.
      ...earlierDays(stage, owner, Math.min(...times), Math.max(2, (Math.min(...times) - stage.first) / DAY - 2), 1),
    ],
    sessions: misuse(stage, owner, times, hostedAddress(random), random.pick(TOOLS)),
    entities: { credential: [`sha256:${owner.keyHash}`], principal: [owner.id] },
  };
};

/** A response blocks a key that many depend on: everything behind it fails. */
export const responseHarm: CampaignMaker = (stage) => {
  const { random, difficulty } = stage;
  const from = Math.min(moment(stage), stage.latest - 3 * HOUR);
  const minutes = difficulty === 'easy' ? 40 : difficulty === 'medium' ? 25 : 90;
  const service = random.pick(stage.services);
  const agent = random.pick(stage.agents);
  const dependsOn = difficulty === 'easy' || random.chance(0.5) ? service : agent;
  const target = dependsOn === agent ? agent : { id: service.id, keyHash: serviceKey(service, from).keyHash };
  const failure = {
    code: 401,
    errorClass: 'ProxyException',
    message: 'Key is blocked. Update via `/key/unblock`',
    final: true,
  };
  const blockedBy = { by: 'auto-response', byKeyHash: stage.admin.keyHash };
  const count = difficulty === 'easy' ? 30 : difficulty === 'medium' ? 14 : 12;
  const clients = random.sample(stage.staff, Math.min(count, stage.staff.length));
  const calling = Array.from({ length: count }, (_, i): SessionPlan => {
    const start = Math.round(from + 20_000 + ((i + random.next()) / count) * minutes * 60_000);
    return dependsOn === agent
      ? agentPlan(random, agent, `${stage.id} ${i}`, start, clients[i % clients.length] as Person)
      : servicePlan(service, `${stage.id} ${i}`, start);
  });
  return {
    background: [
      keyChange(stage, 'block', from, target, {
        action: 'blocked',
        before: { blocked: null },
        after: { blocked: true, metadata: { reason: 'automatic containment' } },
        ...blockedBy,
      }),
      keyChange(stage, 'unblock', from + minutes * 60_000, target, {
        action: 'updated',
        before: { blocked: true },
        after: { blocked: false },
      }),
    ],
    sessions: calling,
    blocks: [{ keyHash: target.keyHash, from, to: from + minutes * 60_000, failure }],
    entities: {},
  };
};
