/** Somebody calls as a person: with the person's key and new habits, from two places at once, or inside a running conversation. */
import { chatPlan, personCaller } from '../benign.ts';
import { chatScript } from '../chat/conversation.ts';
import { advice } from '../content/replies.ts';
import { type Context, say } from '../context.ts';
import type { SessionPlan } from '../play.ts';
import { DAY } from '../rhythm.ts';
import { answer, evil, type Step, user } from '../script.ts';
import type { Person, Team } from '../staff.ts';
import { TEAMS } from '../staff.ts';
import { anyUse } from '../tools/any.ts';
import { homeAddress, hostedAddress } from '../world.ts';
import { type CampaignMaker, moments, type Stage } from './campaign.ts';

const CLIENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/139.0 Safari/537.36',
  'okhttp/5.1.0',
  'python-httpx/0.28.1',
  'LangChain/0.3.27',
  'Cherry-Studio/1.6.2',
];

function curious(c: Context): Step[] {
  return [
    user(
      say(
        c,
        '{Who are our biggest customers and what do they pay?|What is planned for [project], and who decides?|Which systems does [department] use, and who has access?|Draft a mail in my name asking [department] for the [month] figures.}',
      ),
    ),
    answer(advice(c)),
    user(say(c, '{Names please.|More detail on the second point.|And whom would I ask?}')),
    answer(advice(c)),
  ];
}

/** The key in other hands: another program, place, model and subject, in few calls. */
export const stolenIdentity: CampaignMaker = (stage) => {
  const { random, difficulty } = stage;
  const victim = random.pick(stage.staff);
  const address = difficulty === 'slow' ? homeAddress(random) : hostedAddress(random);
  const userAgent = random.pick(CLIENTS);
  const other = random.pick(TEAMS.filter((t) => t !== victim.team)) as Team;
  const count = difficulty === 'easy' ? 6 : difficulty === 'medium' ? 4 : 5;
  const reach = ['crm.search', 'crm.export', 'hr.find', 'files.list', 'files.read', 'iam.users', 'sql.query'];
  const offered = difficulty === 'slow' ? [] : random.sample(reach, 4);
  const sessions = moments(stage, count).map(
    (start, i): SessionPlan => ({
      ...chatPlan(random, victim, `${stage.id} ${i}`, start),
      caller: { ...personCaller(victim, address), userAgent },
      model: difficulty === 'easy' ? random.pick(['o3-pro', 'gpt-4.1']) : random.pick(['gpt-4.1', victim.model]),
      system: undefined,
      named: difficulty !== 'easy',
      offered,
      evil: true,
      script: (c) =>
        offered.length > 0
          ? [
              user(say(c, '{Look around|Find} {what there is on|everything about} [customer].')),
              ...c.random
                .sample(offered, 2)
                .map((capability): Step => ({ kind: 'calls', uses: [anyUse(c, capability)] })),
              answer(advice(c)),
            ]
          : c.random.chance(0.6)
            ? curious(c)
            : chatScript(c, other),
    }),
  );
  return { sessions, entities: {} };
};

/** The person goes on working where they always are. */
function atTheDesk(stage: Stage, victim: Person, label: string, start: number): SessionPlan {
  return {
    ...chatPlan(stage.random, victim, `${stage.id} ${label}`, start),
    caller: personCaller(victim),
    named: true,
  };
}

/** Two places within minutes, both with success: no train is that fast. */
export const impossibleTravel: CampaignMaker = (stage) => {
  const { random, difficulty } = stage;
  const victim = random.pick(stage.staff);
  const address = random.chance(0.5) ? hostedAddress(random) : homeAddress(random);
  const userAgent = difficulty === 'easy' ? random.pick(CLIENTS) : random.pick(CLIENTS.concat(victim.userAgent));
  const count = difficulty === 'easy' ? 4 : difficulty === 'medium' ? 3 : 3;
  const times = moments(stage, count);
  return {
    background: times.map((t, i) => atTheDesk(stage, victim, `desk ${i}`, t - random.int(60, 240) * 1_000)),
    sessions: times.map((start, i) => ({
      ...chatPlan(random, victim, `${stage.id} ${i}`, start),
      caller: { ...personCaller(victim, address), userAgent },
      named: true,
      evil: true,
    })),
    entities: {},
  };
};

/** A conversation's id is used from a second place while its owner still speaks. */
export const sessionTheft: CampaignMaker = (stage) => {
  const { random, difficulty } = stage;
  const victim = random.pick(stage.staff);
  const address = hostedAddress(random);
  const userAgent = difficulty === 'easy' ? random.pick(CLIENTS) : victim.userAgent;
  const times = moments(stage, difficulty === 'easy' ? 1 : 2).filter((t) => t < stage.latest + DAY);
  const background: SessionPlan[] = [];
  const sessions: SessionPlan[] = [];
  for (const [i, start] of times.entries()) {
    const session = random.uuid();
    background.push({
      ...atTheDesk(stage, victim, `own ${i}`, start),
      session,
      pause: 50,
      script: (c) => [...chatScript(c, victim.team), ...chatScript(c, victim.team)],
    });
    sessions.push({
      ...chatPlan(random, victim, `${stage.id} ${i}`, start + (difficulty === 'slow' ? 300_000 : 75_000)),
      caller: { ...personCaller(victim, address), userAgent },
      named: true,
      session,
      pause: difficulty === 'easy' ? 5 : 40,
      script: (c) => curious(c).map(evil),
    });
  }
  return { background, sessions, entities: {} };
};
