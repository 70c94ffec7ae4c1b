/** A plausible call of any capability: for tools that an agent has but rarely uses. */

import { customerMail, vendorMail } from '../content/mails.ts';
import { report } from '../content/replies.ts';
import { TABLES } from '../content/words.ts';
import { type Context, colleague, say } from '../context.ts';
import type { ToolUse } from '../script.ts';
import * as mail from './mail.ts';
import * as tech from './tech.ts';
import * as work from './work.ts';

const plain = (capability: string, args: Record<string, unknown>, result: string): ToolUse => ({
  capability,
  args,
  result,
});

const MAKERS: Record<string, (c: Context) => ToolUse> = {
  'mail.search': (c) => mail.searchMail(c, say(c, '[topic]')),
  'mail.read': (c) => mail.readMail(c, mail.stored(c, customerMail(c))),
  'mail.send': (c) => mail.sendMail(c, c.me.email, say(c, '[topic]'), report(c)),
  'mail.forward': (c) => mail.forwardMail(c, mail.stored(c, vendorMail(c)), colleague(c.random).email),
  'calendar.list': mail.listEvents,
  'calendar.create': (c) => mail.createEvent(c, say(c, '[project]'), [colleague(c.random).email]),
  'calendar.free': (c) => mail.findFreeTime(c, [colleague(c.random).email]),
  'wiki.search': (c) => work.searchWiki(c, say(c, '[topic]')),
  'wiki.read': (c) => work.readPage(c),
  'wiki.write': (c) => work.updatePage(c, report(c)),
  'ticket.list': (c) => work.listTickets(c),
  'ticket.read': (c) => work.readTicket(c, work.ticket(c)),
  'ticket.reply': (c) => work.replyToTicket(c, work.ticket(c), report(c)),
  'ticket.update': (c) => work.updateTicket(c, work.ticket(c)),
  'ticket.create': (c) => work.createTicket(c, say(c, '[topic]'), report(c)),
  'crm.search': (c) => work.searchAccounts(c, say(c, '[customer]')),
  'crm.read': (c) => work.readAccount(c, c.random.pick(c.world.customers)),
  'crm.note': (c) => work.noteAccount(c, c.random.pick(c.world.customers)),
  'crm.export': (c) => work.exportAccounts(c),
  'sql.tables': () => tech.listTables(),
  'sql.describe': (c) => tech.describeTable(c.random.pick(Object.keys(TABLES))),
  'sql.query': (c) => tech.runQuery(c),
  'files.list': tech.listFiles,
  'files.read': (c) => tech.readFile(c),
  'files.write': (c) => tech.writeFile(c, report(c)),
  'files.share': (c) => tech.shareFile(c, tech.documentPath(c), colleague(c.random).email),
  'git.search': (c) => tech.searchCode(c, say(c, '[repo]')),
  'git.read': (c) => tech.readSource(c, say(c, '[repo]')),
  'git.diff': (c) => tech.readDiff(c, say(c, '[repo]'), c.random.int(100, 4999)),
  'git.comment': (c) => tech.commentPull(c, say(c, '[repo]'), c.random.int(100, 4999), report(c)),
  'git.ci': (c) => tech.ciRun(c, say(c, '[repo]')),
  'git.invite': (c) =>
    plain('git.invite', { repo: say(c, '[repo]'), login: say(c, '[first]').toLowerCase() }, 'invited'),
  'web.search': (c) => tech.webSearch(c, say(c, '[topic]'), c.random.pick(c.world.vendors)),
  'web.fetch': (c) => tech.fetchUrl(c, c.random.pick(c.world.vendors)),
  'web.post': (c) =>
    plain(
      'web.post',
      {
        url: `https://api.${c.random.pick(c.world.vendors).domain}/v1/quotes`,
        body: say(c, '[count] pallets to [city]'),
      },
      '202 Accepted',
    ),
  'pay.invoices': (c) => tech.openInvoices(c, c.random.sample(c.world.vendors, 3)),
  'pay.payee': (c) => tech.readPayee(c, c.random.pick(c.world.vendors)),
  'pay.schedule': (c) => {
    const vendor = c.random.pick(c.world.vendors);
    return tech.schedulePayment(c, vendor.name, vendor.iban, c.random.int(50, 900), say(c, '[invoice]'));
  },
  'pay.balance': (c) => plain('pay.balance', { account: 'operating' }, say(c, '[amount]')),
  'chat.read': (c) => work.readChannel(c),
  'chat.post': (c) => work.postMessage(c, say(c, '[channel]'), report(c)),
  'chat.invite': (c) => work.inviteToChannel(c, say(c, '[channel]'), colleague(c.random).email),
  'hr.find': (c) => work.findEmployee(c, colleague(c.random)),
  'hr.leave': work.leaveBalance,
  'hr.file': work.personnelFile,
  'ops.status': (c) => tech.serviceStatus(c, say(c, '[service]')),
  'ops.logs': (c) => tech.searchLogs(c, say(c, '[service]')),
  'ops.run': (c) =>
    tech.runCommand(
      c,
      c.random.pick(c.world.hosts),
      c.random.pick(['uptime', 'id', 'ls -la /srv', 'env | sort | head']),
    ),
  'ops.secret': (c) => tech.readSecret(say(c, 'kv/{apps|shared}/[service]/{db|api}'), `value: ${c.random.token(24)}`),
  'ops.pods': (c) => tech.listPods(c, say(c, '[service]')),
  'ops.scale': (c) =>
    plain('ops.scale', { namespace: 'prod', deployment: say(c, '[service]'), replicas: c.random.int(2, 6) }, 'scaled'),
  'store.buckets': (c) =>
    plain(
      'store.buckets',
      {},
      c.random
        .sample(['invoices-prod', 'ml-features', 'backups-nightly', 'map-tiles', 'hr-archive', 'tf-state'], 4)
        .join('\n'),
    ),
  'store.get': (c) =>
    plain(
      'store.get',
      {
        bucket: c.random.pick(['invoices-prod', 'ml-features', 'backups-nightly', 'hr-archive']),
        key: `${say(c, '[today]')}/${c.random.hex(8)}.json`,
      },
      tech.readFile(c).result,
    ),
  'store.put': (c) =>
    plain('store.put', { bucket: 'ml-features', key: `${c.random.hex(8)}.json`, body: report(c) }, 'etag'),
  'memory.save': (c) =>
    plain('memory.save', { topic: say(c, '[project]'), note: say(c, '[topic]: ask [person].') }, 'saved'),
  'memory.recall': (c) => plain('memory.recall', { topic: say(c, '[project]') }, say(c, '[topic], since [date]')),
  'iam.users': (c) =>
    plain(
      'iam.users',
      { group: say(c, '[department]') },
      Array.from({ length: 6 }, () => colleague(c.random).email).join('\n'),
    ),
  'iam.grant': (c) =>
    plain('iam.grant', { user: colleague(c.random).email, role: c.random.pick(['reader', 'editor']) }, 'granted'),
};

/** One call of this capability with arguments and result of its kind. */
export function anyUse(context: Context, capability: string): ToolUse {
  const make = MAKERS[capability];
  if (make === undefined) throw new RangeError(`no sample call for "${capability}"`);
  return make(context);
}
