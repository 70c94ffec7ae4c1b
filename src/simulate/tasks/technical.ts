/** Agents that work on data, code and systems. */

import { advice, report } from '../content/replies.ts';
import { SERVICES, TABLES } from '../content/words.ts';
import { type Context, say, sayOne } from '../context.ts';
import { answer, type Step, user } from '../script.ts';
import * as mail from '../tools/mail.ts';
import * as tech from '../tools/tech.ts';
import * as work from '../tools/work.ts';
import { act } from './act.ts';
import type { Kind } from './kinds.ts';

function question(c: Context): Step[] {
  const tables = c.random.sample(Object.keys(TABLES), c.random.int(1, 3));
  const tries = c.random.chance(0.25) ? [act(c, tech.failedQuery(c))] : [];
  return [
    user(
      sayOne(c, [
        '{How many|What share of} {shipments|slots|accounts} {were late|changed} in [month]?',
        'Why {did|does} {revenue|usage} in [city] {drop|rise} since [date]?',
        '{Top|Bottom} [n] accounts by {returns|bookings} {this quarter|in [quarter]}.',
      ]),
    ),
    act(c, tech.listTables()),
    ...tables.map((t) => act(c, tech.describeTable(t))),
    ...tries,
    ...tables.map((t) => act(c, tech.runQuery(c, t))),
    answer(advice(c)),
  ];
}

function weeklyReport(c: Context): Step[] {
  const tables = c.random.sample(Object.keys(TABLES), 3);
  return [
    user(
      say(c, '{Build|Refresh} the {weekly|monthly} report on [topic] and {save it|post the link in #data-questions}.'),
    ),
    ...tables.map((t) => act(c, tech.runQuery(c, t))),
    act(c, tech.writeFile(c, advice(c))),
    act(c, work.postMessage(c, 'data-questions', say(c, 'Report for [month] is ready: [percent], [amount].'))),
    answer(report(c)),
  ];
}

function review(c: Context): Step[] {
  const repo = say(c, '[repo]');
  const number = c.random.int(100, 4999);
  return [
    user(
      `${sayOne(c, ['Review', 'Please look at', 'First pass on'])} ${repo}#${number}${say(c, '{|, focus on error handling|, it touches [topic]}')}.`,
    ),
    act(c, tech.readDiff(c, repo, number)),
    ...(c.random.chance(0.7) ? [act(c, tech.readSource(c, repo), tech.searchCode(c, repo))] : []),
    ...(c.random.chance(0.5) ? [act(c, tech.ciRun(c, repo))] : []),
    act(c, tech.commentPull(c, repo, number, advice(c))),
    answer(report(c)),
  ];
}

function fixBuild(c: Context): Step[] {
  const repo = say(c, '[repo]');
  return [
    user(say(c, 'CI of [r] is {red|failing} since [weekday]. {Why?|Find the cause and open a ticket.}', { r: repo })),
    act(c, tech.ciRun(c, repo)),
    act(c, tech.searchCode(c, repo)),
    act(c, tech.readSource(c, repo)),
    ...(c.random.chance(0.6) ? [act(c, work.createTicket(c, `CI of ${repo}`, advice(c)))] : []),
    answer(advice(c)),
  ];
}

function incident(c: Context): Step[] {
  const service = say(c, '[service]');
  const host = c.random.pick(c.world.hosts.filter((h) => h.service === service));
  return [
    user(
      say(c, '{Alert|Page}: [s] {p95 over limit|error rate [percent]|queue growing}. {Investigate|What is going on}?', {
        s: service,
      }),
    ),
    act(c, tech.serviceStatus(c, service)),
    act(c, tech.searchLogs(c, service), tech.listPods(c, service)),
    act(c, tech.runCommand(c, host, c.random.pick(['uptime', 'df -h', 'journalctl -u app -n 50', 'ss -s', 'free -m']))),
    ...(c.random.chance(0.5) ? [act(c, work.searchWiki(c, `runbook ${service}`)), act(c, work.readPage(c))] : []),
    act(
      c,
      work.postMessage(c, 'incidents', say(c, '[s]: {recovering|cause found|still looking}, [topic].', { s: service })),
    ),
    answer(report(c)),
  ];
}

function healthCheck(c: Context): Step[] {
  const services = c.random.sample(
    ['route-api', 'dock-api', 'ledger-core', 'event-bus', 'auth-gateway'],
    c.random.int(2, 4),
  );
  return [
    user(sayOne(c, ['Morning check please.', 'Are all {core|customer facing} services {fine|healthy}?'])),
    act(c, ...services.map((s) => tech.serviceStatus(c, s))),
    ...(c.random.chance(0.4) ? [act(c, tech.searchLogs(c, services[0] as string))] : []),
    answer(report(c)),
  ];
}

function reconcile(c: Context): Step[] {
  return [
    user(say(c, '{Compare|Reconcile} {carrier|vendor} invoices of [month] with the ledger.')),
    act(c, tech.listFiles(c)),
    act(c, tech.readFile(c)),
    act(c, tech.runQuery(c, 'invoices')),
    act(c, tech.runQuery(c, 'surcharges')),
    ...(c.random.chance(0.5)
      ? [act(c, mail.sendMail(c, c.me.email, say(c, 'Reconciliation [month]'), report(c)))]
      : []),
    answer(report(c)),
  ];
}

/** Long but ordinary: a walk over many tables, services or files of one kind. */
function inventory(c: Context): Step[] {
  const tables = c.random.sample(Object.keys(TABLES), c.random.int(7, 10));
  return [
    user(say(c, '{Monthly|Quarterly} check: {row counts and freshness|empty columns} of all reporting tables.')),
    act(c, tech.listTables()),
    ...tables.map((t) => act(c, tech.describeTable(t), tech.runQuery(c, t))),
    act(c, tech.writeFile(c, advice(c))),
    answer(report(c)),
  ];
}

function roundOfChecks(c: Context): Step[] {
  const services = c.random.sample(SERVICES, c.random.int(7, 12));
  return [
    user(say(c, 'Before the {freeze|audit|release}: {state and errors|health} of every service, one by one.')),
    ...services.map((s) => act(c, tech.serviceStatus(c, s), tech.searchLogs(c, s))),
    act(c, work.postMessage(c, 'incidents', report(c))),
    answer(report(c)),
  ];
}

function bigChange(c: Context): Step[] {
  const repo = say(c, '[repo]');
  const number = c.random.int(100, 4999);
  const files = Array.from({ length: c.random.int(9, 18) }, () => act(c, tech.readSource(c, repo)));
  return [
    user(
      say(c, '[r] number [k] is large, {go through it file by file|please read all of it}.', {
        r: repo,
        k: String(number),
      }),
    ),
    act(c, tech.readDiff(c, repo, number)),
    ...files,
    act(c, tech.ciRun(c, repo)),
    act(c, tech.commentPull(c, repo, number, advice(c))),
    answer(report(c)),
  ];
}

export const TECHNICAL: Record<'analyst' | 'coder' | 'operator' | 'ledger', Kind> = {
  analyst: {
    name: 'data-analyst',
    team: 'data',
    prompt: 'You answer questions with SQL on the warehouse. Never show personal data.',
    uses: ['sql.tables', 'sql.describe', 'sql.query', 'files.write', 'chat.post'],
    extras: ['files.read', 'files.share', 'store.get', 'mail.send'],
    perDay: 30,
    roundTheClock: false,
    tasks: [
      [5, question],
      [2, weeklyReport],
      [0.5, inventory],
    ],
  },
  coder: {
    name: 'code-reviewer',
    team: 'engineering',
    prompt: 'You review changes and help to repair builds.',
    uses: ['git.search', 'git.read', 'git.diff', 'git.comment', 'git.ci', 'ticket.create'],
    extras: [
      'git.invite',
      'wiki.search',
      'wiki.read',
      'web.fetch',
      'store.buckets',
      'store.get',
      'ops.secret',
      'chat.post',
      'sql.query',
      'iam.users',
    ],
    perDay: 40,
    roundTheClock: false,
    tasks: [
      [5, review],
      [3, fixBuild],
      [0.6, bigChange],
    ],
  },
  operator: {
    name: 'incident-helper',
    team: 'engineering',
    prompt: 'You help engineers on call. Read first, change only what the runbook says.',
    uses: ['ops.status', 'ops.logs', 'ops.pods', 'ops.run', 'wiki.search', 'wiki.read', 'chat.post'],
    extras: [
      'ops.scale',
      'ops.secret',
      'store.buckets',
      'store.get',
      'store.put',
      'iam.users',
      'iam.grant',
      'git.read',
      'ticket.create',
      'web.fetch',
    ],
    perDay: 25,
    roundTheClock: true,
    tasks: [
      [3, incident],
      [3, healthCheck],
      [0.5, roundOfChecks],
    ],
  },
  ledger: {
    name: 'ledger-checker',
    team: 'finance',
    prompt: 'You compare invoices, rates and the ledger.',
    uses: ['files.list', 'files.read', 'sql.query', 'mail.send'],
    extras: ['pay.balance', 'sql.tables', 'sql.describe', 'files.share', 'store.get'],
    perDay: 10,
    roundTheClock: false,
    tasks: [[1, reconcile]],
  },
};
