/** Agents that work for people in the office: inbox, personnel desk, marketing, sales research. */

import { meetingNotes } from '../content/documents.ts';
import { anyMail, customerMail, internalMail } from '../content/mails.ts';
import { advice, draft, report } from '../content/replies.ts';
import { aboutFirm, type Context, colleague, say, sayOne } from '../context.ts';
import { answer, type Step, user } from '../script.ts';
import * as mail from '../tools/mail.ts';
import * as tech from '../tools/tech.ts';
import * as work from '../tools/work.ts';
import { act } from './act.ts';
import type { Kind } from './kinds.ts';

function inboxSummary(c: Context): Step[] {
  const mails = Array.from({ length: c.random.int(2, 4) }, () => mail.stored(c, anyMail(c)));
  return [
    user(
      sayOne(c, [
        '{What|Anything} {new|important} in my inbox {today|since yesterday}?',
        'Summarise the {last|newest} {mails|e-mails}{ please|}.',
        'Which mails need an answer from me {today|before [weekday]}?',
      ]),
    ),
    act(c, mail.searchMail(c, c.random.pick(['is:unread', 'newer_than:1d', 'in:inbox']), mails)),
    act(c, ...mails.map((m) => mail.readMail(c, m))),
    answer(advice(c)),
  ];
}

function inboxReply(c: Context): Step[] {
  const m = mail.stored(c, c.random.chance(0.7) ? customerMail(c) : internalMail(c));
  const who = m.from.split('@')[1] as string;
  return [
    user(
      say(
        c,
        '{Answer|Reply to} the {last|latest} mail from [who]{: tell them [weekday] is fine|, say that we look into [topic]|}.',
        { who },
      ),
    ),
    act(c, mail.searchMail(c, `from:${who}`, [m])),
    act(c, mail.readMail(c, m)),
    act(c, mail.sendMail(c, m.from, `Re: ${m.subject}`, draft(c))),
    answer(report(c)),
  ];
}

function meeting(c: Context): Step[] {
  const guests = [colleague(c.random), colleague(c.random)].slice(0, c.random.int(1, 2)).map((p) => p.email);
  const title = say(c, '{[project]|[topic]|Budget} {review|sync|kick-off}');
  return [
    user(
      say(c, 'Set up "[title]" with [guests] {next week|on [weekday]}{, 30 minutes|}.', {
        title,
        guests: guests.join(' and '),
      }),
    ),
    act(c, mail.listEvents(c)),
    act(c, mail.findFreeTime(c, guests)),
    act(c, mail.createEvent(c, title, guests)),
    answer(report(c)),
  ];
}

function forwardNote(c: Context): Step[] {
  const m = mail.stored(c, customerMail(c));
  const to = colleague(c.random);
  return [
    user(
      say(c, '{Forward|Pass on} the mail about "[subject]" to [name] ([email]).', {
        subject: m.subject,
        name: to.name,
        email: to.email,
      }),
    ),
    act(c, mail.searchMail(c, m.subject, [m])),
    act(c, mail.forwardMail(c, m, to.email)),
    answer(report(c)),
  ];
}

function leaveQuestion(c: Context): Step[] {
  return [
    user(
      sayOne(c, [
        'How many {days of leave|vacation days} do I have left?',
        '{Can I|May I} carry over leave into next year?',
        'I want to take [date] off, is that {possible|okay}?',
      ]),
    ),
    act(c, work.findEmployee(c, c.me)),
    act(c, work.leaveBalance(c), work.searchWiki(c, 'leave rules')),
    act(c, work.readPage(c)),
    answer(advice(c)),
  ];
}

function onboarding(c: Context): Step[] {
  const who = colleague(c.random);
  return [
    user(say(c, '[name] starts on [date] in [department]. {Prepare|Please start} the onboarding.', { name: who.name })),
    act(c, work.searchWiki(c, 'onboarding checklist')),
    act(c, work.readPage(c)),
    act(c, work.findEmployee(c, who), work.personnelFile(c)),
    act(
      c,
      mail.sendMail(c, who.email, say(c, 'Welcome to [company]'), draft(c)),
      work.createTicket(c, `Laptop for ${who.name}`, say(c, 'Needed by [date] in [city].')),
    ),
    answer(report(c)),
  ];
}

function research(c: Context): Step[] {
  const firm = c.random.pick(c.world.customers);
  const slots = aboutFirm(firm);
  const pages = Array.from({ length: c.random.int(1, 3) }, () => tech.fetchUrl(c, firm));
  return [
    user(
      say(
        c,
        '{Research|What is new at|Prepare a briefing on} [customer] {before|for} my {call|visit} on [weekday].',
        slots,
      ),
    ),
    act(
      c,
      tech.webSearch(c, `${firm.name} ${say(c, '{news|results|depots}')}`, firm),
      work.searchAccounts(c, firm.name, [firm]),
    ),
    ...pages.map((page) => act(c, page)),
    act(c, work.readAccount(c, firm)),
    ...(c.random.chance(0.5) ? [act(c, work.noteAccount(c, firm))] : []),
    answer(advice(c)),
  ];
}

function outreach(c: Context): Step[] {
  const firm = c.random.pick(c.world.customers);
  return [
    user(
      say(
        c,
        'Write to our contact at [customer] ([account]) {about the renewal|and ask for a call on [weekday]}.',
        aboutFirm(firm),
      ),
    ),
    act(c, work.readAccount(c, firm)),
    act(c, mail.sendMail(c, firm.contact.email, say(c, '{Renewal|Call on [weekday]|[product]}'), draft(c))),
    act(c, work.noteAccount(c, firm)),
    answer(report(c)),
  ];
}

function article(c: Context): Step[] {
  const firm = c.random.pick(c.world.vendors);
  return [
    user(
      sayOne(c, [
        '{Blog post|Newsletter item} about [topic], {use|based on} what others write.',
        'Collect {three|four} quotes on [topic] from the web and save a draft.',
      ]),
    ),
    act(c, tech.webSearch(c, say(c, '[topic] logistics'), firm)),
    act(c, tech.fetchUrl(c, firm)),
    act(c, work.searchWiki(c, 'tone of voice')),
    act(c, tech.writeFile(c, `${advice(c)}\n\n${meetingNotes(c)}`)),
    ...(c.random.chance(0.4)
      ? [
          act(
            c,
            work.postMessage(c, 'product-feedback', say(c, 'Draft on [topic] is ready, please review by [weekday].')),
          ),
        ]
      : []),
    answer(report(c)),
  ];
}

/** What was worth keeping, and what was kept. */
function memo(c: Context): Step[] {
  const topic = say(c, '{[customer]|[project]|[topic]}');
  const note = say(
    c,
    '{Prefers calls on [weekday]|Wants [product] before [date]|Asked about [topic]}; contact is [person].',
  );
  return c.random.chance(0.4)
    ? [
        user(say(c, '{Remember|Note for later}: [t]: [note]', { t: topic, note })),
        act(c, { capability: 'memory.save', args: { topic, note }, result: 'saved' }),
        answer(report(c)),
      ]
    : [
        user(say(c, 'What did {I|we} {note|keep} on [t]?', { t: topic })),
        act(c, { capability: 'memory.recall', args: { topic }, result: note }),
        answer(advice(c)),
      ];
}

export const OFFICE: Record<'inbox' | 'personnel' | 'sales' | 'marketing', Kind> = {
  inbox: {
    name: 'inbox-assistant',
    team: 'operations',
    prompt: 'You manage the mailbox and calendar of the employee who talks to you.',
    uses: [
      'mail.search',
      'mail.read',
      'mail.send',
      'mail.forward',
      'calendar.list',
      'calendar.free',
      'calendar.create',
      'memory.save',
      'memory.recall',
    ],
    extras: ['files.read', 'files.share', 'files.list', 'chat.post'],
    perDay: 55,
    roundTheClock: false,
    tasks: [
      [5, inboxSummary],
      [5, inboxReply],
      [3, meeting],
      [2, forwardNote],
      [1, memo],
    ],
  },
  personnel: {
    name: 'people-desk',
    team: 'people',
    prompt: 'You answer questions of employees about work rules and help the people team.',
    uses: ['hr.find', 'hr.leave', 'hr.file', 'wiki.search', 'wiki.read', 'mail.send', 'ticket.create'],
    extras: ['files.read', 'calendar.create', 'iam.users', 'mail.search'],
    perDay: 18,
    roundTheClock: false,
    tasks: [
      [6, leaveQuestion],
      [2, onboarding],
    ],
  },
  sales: {
    name: 'account-scout',
    team: 'sales',
    prompt: 'You prepare account managers for their calls.',
    uses: [
      'web.search',
      'web.fetch',
      'crm.search',
      'crm.read',
      'crm.note',
      'mail.send',
      'memory.save',
      'memory.recall',
    ],
    extras: ['crm.export', 'files.write', 'calendar.create', 'web.post'],
    perDay: 30,
    roundTheClock: false,
    tasks: [
      [5, research],
      [3, outreach],
      [1, memo],
    ],
  },
  marketing: {
    name: 'copy-desk',
    team: 'sales',
    prompt: 'You write drafts for the website and the newsletter.',
    uses: ['web.search', 'web.fetch', 'wiki.search', 'files.write', 'chat.post'],
    extras: ['files.share', 'files.read', 'web.post', 'wiki.write'],
    perDay: 12,
    roundTheClock: false,
    tasks: [[1, article]],
  },
};
