/** Benign things that look odd and are planned ahead: a red team, a rotated key, a trip, wider rights in order, a new vendor, a bad rollout, a release. */
import { agentPlan, chatPlan, type Shift } from '../benign.ts';
import { deniedBurst } from '../campaigns/access.ts';
import type { Block, Stage } from '../campaigns/campaign.ts';
import { exfiltrationPrompt } from '../campaigns/exfiltration.ts';
import { toolFanOut } from '../campaigns/fan-out.ts';
import { vendorMail } from '../content/mails.ts';
import { draft, report } from '../content/replies.ts';
import { say } from '../context.ts';
import type { Plan } from '../play.ts';
import { DAY, HOUR, isWeekend, workingMoment } from '../rhythm.ts';
import { quietDays, type Setting } from '../schedule.ts';
import { answer, calls, user } from '../script.ts';
import { changePlan, type Service, servicePlan } from '../services.ts';
import { makePerson } from '../staff.ts';
import { CAPABILITIES } from '../tools/catalogue.ts';
import { readMail, searchMail, sendMail, stored } from '../tools/mail.ts';
import { firm, homeAddress, keyHash, virtualKey } from '../world.ts';

export interface Oddity {
  id: string;
  type: string;
  plans: Plan[];
  shifts: Shift[];
  block?: Block;
  entities: Record<string, string[]>;
}

/** A working day after the quiet ones, where there is one. */
function workday(setting: Setting, label: string): number {
  const random = setting.random.fork(label);
  const days = Array.from({ length: setting.days }, (_, i) => setting.first + i * DAY).filter((d) => !isWeekend(d));
  const later = days.filter((d) => d >= setting.first + quietDays(setting.days) * DAY);
  return random.pick(later.length > 0 ? later : days.length > 0 ? days : [setting.first]);
}

/** An exercise that was announced: attacks of several kinds by one account from the security team's desks. */
function redTeam(setting: Setting, id: string): Oddity {
  const random = setting.random.fork(id);
  const day = workday(setting, id);
  const account = {
    ...makePerson(random, 990, 'security', 0),
    id: 'redteam',
    email: 'redteam@alderway.example',
    sessions: true,
  };
  const stage: Stage = {
    id,
    random,
    world: setting.world,
    staff: [account],
    agents: setting.agents,
    services: setting.services,
    admin: setting.admin,
    difficulty: 'medium',
    first: setting.first,
    day,
    earliest: Math.max(setting.start, day),
    latest: Math.min(day + DAY, setting.first + setting.days * DAY) - HOUR,
    days: 1,
  };
  const plans = [exfiltrationPrompt, exfiltrationPrompt, toolFanOut, deniedBurst].flatMap((make, i) =>
    make({ ...stage, id: `${id} ${i}` }).sessions.map((plan) =>
      'caller' in plan && plan.caller.userId === account.id
        ? { ...plan, caller: { ...plan.caller, address: account.address } }
        : plan,
    ),
  );
  return { id, type: 'red-team', plans, shifts: [], entities: { principal: ['redteam'] } };
}

/** A service's key is replaced; old and new do not overlap. */
function rotation(setting: Setting, id: string): Oddity {
  const service = setting.services.at(-1) as Service;
  const random = setting.random.fork(id);
  const at = workingMoment(random, workday(setting, id), 8, 16);
  const key = virtualKey(random);
  service.rotation = { at, key, keyHash: keyHash(key), oddity: id };
  const change = changePlan(`${id} change`, at - 20_000, {
    action: 'rotated',
    table: 'LiteLLM_VerificationToken',
    object: service.keyHash,
    by: setting.admin.id,
    byKeyHash: setting.admin.keyHash,
    before: { token: service.keyHash, user_id: `svc-${service.id}` },
    after: {
      token: service.rotation.keyHash,
      created_at: new Date(at).toISOString(),
      expires: new Date(at + 90 * DAY).toISOString(),
    },
  });
  return {
    id,
    type: 'key-rotation',
    plans: [change],
    shifts: [],
    entities: { credential: [`sha256:${service.rotation.keyHash}`] },
  };
}

/** Somebody works from a hotel for some days, on another machine. */
function trip(setting: Setting, id: string): Oddity {
  const random = setting.random.fork(id);
  const person = random.pick(setting.staff.filter((p) => p.joins === 0));
  const from = workday(setting, id);
  person.trip = {
    from,
    to: from + random.int(2, 4) * DAY,
    address: homeAddress(random),
    userAgent: random.pick([
      'OpenWebUI/0.6.34 (iPad)',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6) Mobile/15E148',
      person.userAgent,
    ]),
    oddity: id,
  };
  return { id, type: 'business-trip', plans: [], shifts: [], entities: {} };
}

/** An administrator grants a model that somebody asked for, and it is used. */
function accessRequest(setting: Setting, id: string): Oddity {
  const random = setting.random.fork(id);
  const person = random.pick(setting.staff.filter((p) => p.joins === 0));
  const at = workingMoment(random, workday(setting, id), 9, 14);
  const grant = changePlan(`${id} change`, at, {
    action: 'updated',
    table: 'LiteLLM_VerificationToken',
    object: person.keyHash,
    by: setting.admin.id,
    byKeyHash: setting.admin.keyHash,
    before: { models: [person.model, 'gpt-4o-mini'] },
    after: { models: [person.model, 'gpt-4o-mini', 'gpt-4.1'], metadata: { approved_by: 'team lead' } },
  });
  const uses = Array.from({ length: 3 }, (_, i) => ({
    ...chatPlan(random, person, `${id} use ${i}`, at + (i + 1) * random.int(20, 50) * 60_000),
    model: 'gpt-4.1',
  }));
  return { id, type: 'access-request', plans: [grant, ...uses], shifts: [], entities: {} };
}

/** The first mails to a partner that nobody wrote to before. */
function newVendor(setting: Setting, id: string): Oddity {
  const random = setting.random.fork(id);
  const vendor = firm(random);
  const agent = setting.agents.find((a) => a.offered.includes('mail.send') && a.offered.includes('mail.read'));
  const day = workday(setting, id);
  const plans = agent
    ? Array.from({ length: 4 }, (_, i) =>
        agentPlan(
          random,
          agent,
          `${id} mail ${i}`,
          workingMoment(random, day, 8, 17),
          random.pick(setting.staff),
          (c) => {
            const m = stored(c, vendorMail(c, vendor));
            return [
              user(
                say(
                  c,
                  '{Welcome [name] as a vendor|Answer [name], our new vendor} and {ask for|confirm} their {bank details|terms}.',
                  { name: vendor.name },
                ),
              ),
              calls(searchMail(c, vendor.name, [m])),
              calls(readMail(c, m)),
              calls(sendMail(c, vendor.contact.email, say(c, 'Welcome, [topic]'), draft(c))),
              answer(report(c)),
            ];
          },
        ),
      )
    : [];
  return { id, type: 'new-vendor', plans, shifts: [], entities: { resource: [`mail:${vendor.contact.email}`] } };
}

/** A service is rolled out with a wrong key: all its calls fail until somebody sees it. */
function badRollout(setting: Setting, id: string): Oddity {
  const random = setting.random.fork(id);
  const service = setting.services[0] as Service;
  const from = workingMoment(random, workday(setting, id), 9, 16);
  const to = from + random.int(12, 35) * 60_000;
  const message = 'Authentication Error, Invalid proxy server token passed.';
  const count = random.int(8, 20);
  return {
    id,
    type: 'bad-rollout',
    plans: Array.from({ length: count }, (_, i) =>
      servicePlan(service, `${id} ${i}`, Math.round(from + ((i + random.next()) / count) * (to - from - 60_000))),
    ),
    shifts: [],
    block: {
      keyHash: service.keyHash,
      from,
      to,
      failure: { code: 401, errorClass: 'ProxyException', message, final: true },
    },
    entities: {},
  };
}

/** A tool server's release: better words, one more argument, for all its clients at once and for good. */
function toolRelease(setting: Setting, id: string): Oddity {
  const random = setting.random.fork(id);
  const dialect = random.pick(setting.agents).dialect;
  const clients = setting.agents.filter((a) => a.dialect === dialect);
  const from = workingMoment(random, workday(setting, id), 8, 15);
  const patches = random.sample([...new Set(clients.flatMap((a) => a.offered))], 3).map((capability) => ({
    capability,
    description: `${CAPABILITIES[capability]?.description} ${random.pick(['Returns at most 100 entries.', 'Times are in UTC.', 'Faster since release 3.'])}`,
    args: { [random.pick(['page', 'locale', 'timeout_s'])]: random.pick(['string', 'integer']) },
  }));
  const agents = clients.map((a) => a.id);
  return {
    id,
    type: 'tool-release',
    plans: [],
    shifts: [
      { agents, from, to: from + DAY, patches, oddity: id },
      { agents, from: from + DAY, to: Number.POSITIVE_INFINITY, patches },
    ],
    entities: {},
  };
}

/** One of each for every two weeks, at least one; a single rotation. A trip and a rotation are noted on those they concern. */
export function planOddities(setting: Setting): Oddity[] {
  const rounds = Math.max(1, Math.round(setting.days / 14));
  const odd: Oddity[] = [];
  for (let i = 1; i <= rounds; i++) {
    if (i === 1) odd.push(rotation(setting, `key-rotation-${i}`));
    odd.push(
      redTeam(setting, `red-team-${i}`),
      trip(setting, `business-trip-${i}`),
      accessRequest(setting, `access-request-${i}`),
      newVendor(setting, `new-vendor-${i}`),
      badRollout(setting, `bad-rollout-${i}`),
      toolRelease(setting, `tool-release-${i}`),
    );
  }
  return odd;
}
