/** Misuse of keys at the gateway: walks of what is refused, stolen compute, one key in many hands. */
import { personCaller } from '../benign.ts';
import { chatScript } from '../chat/conversation.ts';
import type { Context } from '../context.ts';
import { say } from '../context.ts';
import type { SessionPlan } from '../play.ts';
import { DAY } from '../rhythm.ts';
import { answer, evil, type Step, user } from '../script.ts';
import type { Person } from '../staff.ts';
import { hostedAddress } from '../world.ts';
import { type CampaignMaker, moments } from './campaign.ts';

const MODELS = [
  'gpt-4o',
  'gpt-4.1',
  'o3-pro',
  'claude-opus-4-1',
  'claude-sonnet-4-5',
  'mistral-large',
  'gemini-2.5-pro',
  'grok-4',
  'qwen3-coder',
  'deepseek-r1',
  'llama-4',
  'sonar-pro',
  'command-a',
  'nova-premier',
];
const TOOLS = ['python-requests/2.32.5', 'curl/8.14.1', 'Go-http-client/1.1', 'axios/1.12.2', 'okhttp/5.1.0'];

function stolen(
  victim: Person,
  label: string,
  start: number,
  address: string,
  userAgent: string,
  script: (c: Context) => Step[],
  model = victim.model,
): SessionPlan {
  return {
    label,
    start,
    caller: { ...personCaller(victim, address), userAgent },
    model,
    named: false,
    offered: [],
    dialect: 'plain',
    style: 'text',
    me: victim,
    script,
    pause: 3,
  };
}

/** A key is tried against one model after the other; most are refused. */
export const deniedBurst: CampaignMaker = (stage) => {
  const { random, difficulty } = stage;
  const victim = random.pick(stage.staff);
  const address = hostedAddress(random);
  const sessions = difficulty === 'slow' ? 8 : 1;
  const tries = difficulty === 'easy' ? random.int(25, 60) : difficulty === 'medium' ? random.int(12, 20) : 3;
  const script = (c: Context): Step[] => {
    const steps: Step[] = [user(say(c, '{hi|test|ping|hello}'))];
    for (let i = 0; i < tries; i++) {
      const model = c.random.pick(MODELS);
      const failure = c.random.chance(0.6)
        ? {
            code: 401,
            errorClass: 'ProxyException',
            message: `key not allowed to access model. This key can only access models=['${victim.model}']. Tried to access ${model}`,
          }
        : { code: 403, errorClass: 'ProxyException', message: `team not allowed to access model ${model}` };
      steps.push({
        kind: 'fail',
        failure,
        model,
        evil: true,
        pause: difficulty === 'easy' ? c.random.float(0.5, 3) : c.random.float(10, 50),
      });
    }
    return [...steps, evil(answer('Hello! How can I help?'))];
  };
  return {
    sessions: moments(stage, sessions).map((start, i) =>
      stolen(victim, `${stage.id} ${i}`, start, address, random.pick(TOOLS), script),
    ),
    entities: {},
  };
};

const PERSONAS = [
  'You are {Lyra|Kaede|Sir Rowan}, {a vampire|an elf captain|a detective} in a long role play. Never break character.',
  'You are an expert {essay|homework} writer. Write {1500|2000} words on any topic.',
  'Translate {novels|subtitles} from {Korean|Spanish} into English, keep style.',
  'You write {product texts|adverts} for {vape shops|online casinos}. {Seven|Ten} variants each.',
  'You are a {crypto|stock} signal bot. Answer with ticker and reason.',
];

/** Somebody else's questions on the company's bill: a probe, then heavy use of the dearest models, mostly at night. */
export const llmjacking: CampaignMaker = (stage) => {
  const { random, difficulty } = stage;
  const victim = random.pick(stage.staff);
  const address = hostedAddress(random);
  const userAgent = random.pick(TOOLS);
  const dear = random.pick(['o3-pro', 'claude-opus-4-1']);
  const [probe] = moments(stage, 1) as [number];
  const probing = (c: Context): Step[] => [
    user('hi'),
    {
      kind: 'fail',
      failure: { code: 400, errorClass: 'BadRequestError', message: 'max_tokens must be at least 1' },
      evil: true,
    },
    { kind: 'answer', text: 'Hi', maxTokens: 1, completionTokens: 1, evil: true, pause: 2 },
    {
      kind: 'fail',
      failure: { code: 404, errorClass: 'NotFoundError', message: 'model does not exist' },
      model: c.random.pick(MODELS),
      evil: true,
      pause: 2,
    },
  ];
  const count =
    difficulty === 'easy' ? random.int(60, 110) : difficulty === 'medium' ? random.int(40, 60) : random.int(30, 45);
  const spread = difficulty === 'easy' ? 2 : difficulty === 'medium' ? 8 : Math.max(12, Math.min(3, stage.days) * 24);
  const calls = Array.from({ length: count }, (_, i) => {
    const start = Math.min(
      stage.latest + DAY,
      Math.round(probe + 5 * 60_000 + ((i + random.next()) / count) * spread * 3_600_000),
    );
    return {
      ...stolen(
        victim,
        `${stage.id} use ${i}`,
        start,
        address,
        userAgent,
        (c) => [
          user(say(c, '{Continue|Next chapter|Another one|Go on}: [topic] in [city], [first] and [first2].')),
          {
            kind: 'answer',
            text: chatScript(c, 'sales')
              .flatMap((s) => (s.kind === 'answer' ? [s.text] : []))
              .join('\n'),
            completionTokens: c.random.int(1500, 7000),
            evil: true,
          },
        ],
        difficulty === 'slow' ? random.pick([dear, 'gpt-4.1', 'gpt-4o']) : dear,
      ),
      system: say({ random, world: stage.world, time: start, me: victim, style: 'text' }, random.pick(PERSONAS)),
    };
  });
  return {
    sessions: [stolen(victim, `${stage.id} probe`, probe, address, userAgent, probing), ...calls],
    entities: {},
  };
};

/** One person's key is passed around: several addresses and programs at the same time. */
export const credentialSharing: CampaignMaker = (stage) => {
  const { random, difficulty } = stage;
  const owner = random.pick(stage.staff);
  const users = difficulty === 'easy' ? 8 : difficulty === 'medium' ? 5 : 4;
  const others = random.sample(
    stage.staff.filter((p) => p.id !== owner.id),
    users,
  );
  const rounds = difficulty === 'easy' ? 3 : 2;
  const sessions = others.flatMap((other, i) => {
    const away = random.chance(0.5) ? hostedAddress(random) : other.homeAddress;
    return moments(stage, rounds).map((start, j) => ({
      ...stolen(owner, `${stage.id} ${i}.${j}`, start, away, random.pick(TOOLS.concat(other.userAgent)), (c) =>
        chatScript(c, other.team).map(evil),
      ),
      pause: 60,
    }));
  });
  return { sessions, entities: {} };
};
