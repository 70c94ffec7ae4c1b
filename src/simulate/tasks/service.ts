/** Agents that serve customers and pay bills: ticket triage, payables. */

import { csv } from '../content/documents.ts';
import { vendorMail } from '../content/mails.ts';
import { draft, report } from '../content/replies.ts';
import { type Context, say, sayOne } from '../context.ts';
import { answer, type Step, user } from '../script.ts';
import * as mail from '../tools/mail.ts';
import * as tech from '../tools/tech.ts';
import * as work from '../tools/work.ts';
import { act } from './act.ts';
import type { Kind } from './kinds.ts';

function triage(c: Context): Step[] {
  const t = work.ticket(c);
  return [
    user(
      say(
        c,
        '{New ticket|Ticket} [id] {arrived|came in|was reopened}. {Triage it|Please handle it|Classify and answer}.',
        { id: t.id },
      ),
    ),
    act(c, work.readTicket(c, t)),
    act(c, ...[work.readAccount(c, t.customer), work.searchWiki(c, t.subject)].slice(0, c.random.int(1, 2))),
    ...(c.random.chance(0.6) ? [act(c, work.readPage(c))] : []),
    act(c, work.replyToTicket(c, t, draft(c))),
    ...(c.random.chance(0.7) ? [act(c, work.updateTicket(c, t))] : []),
    answer(report(c)),
  ];
}

function sweep(c: Context): Step[] {
  const open = Array.from({ length: c.random.int(2, 4) }, () => work.ticket(c));
  return [
    user(
      sayOne(c, [
        '{Go through|Check} the open tickets and {set priorities|close what is answered}.',
        'Anything {urgent|overdue} in the queue?',
      ]),
    ),
    act(c, work.listTickets(c, open)),
    ...open.map((t) => act(c, work.readTicket(c, t))),
    act(c, ...open.slice(0, 2).map((t) => work.updateTicket(c, t))),
    answer(report(c)),
  ];
}

function escalate(c: Context): Step[] {
  const t = work.ticket(c);
  return [
    user(say(c, '{Escalate|Hand over} [id] to [department]{, they know about it|}.', { id: t.id })),
    act(c, work.readTicket(c, t)),
    act(
      c,
      work.postMessage(
        c,
        'support-escalations',
        say(c, '[id]: [topic], customer {is waiting|asks for an update by [weekday]}.', { id: t.id }),
      ),
    ),
    act(c, work.updateTicket(c, t)),
    answer(report(c)),
  ];
}

function payInvoice(c: Context): Step[] {
  const vendor = c.random.pick(c.world.vendors);
  const amount = c.random.int(80, 9000);
  const m = mail.stored(c, vendorMail(c, vendor));
  return [
    user(say(c, '{Pay|Please schedule} the {open|latest} invoice of [name]{, due this week|}.', { name: vendor.name })),
    act(c, mail.searchMail(c, vendor.name, [m]), tech.openInvoices(c, [vendor])),
    act(c, mail.readMail(c, m)),
    act(c, tech.readPayee(c, vendor)),
    act(c, tech.schedulePayment(c, vendor.name, vendor.iban, amount, say(c, '[invoice]'))),
    answer(report(c)),
  ];
}

function paymentRun(c: Context): Step[] {
  const vendors = c.random.sample(c.world.vendors, c.random.int(2, 5));
  return [
    user(
      sayOne(c, [
        '{Prepare|Start} the payment run for {this week|[weekday]}.',
        'Schedule everything that is due before [date].',
      ]),
    ),
    act(c, tech.openInvoices(c, vendors)),
    ...vendors.map((v) => act(c, tech.readPayee(c, v))),
    ...vendors.map((v) => act(c, tech.schedulePayment(c, v.name, v.iban, c.random.int(80, 9000), say(c, '[invoice]')))),
    answer(report(c)),
  ];
}

function dispute(c: Context): Step[] {
  const vendor = c.random.pick(c.world.vendors);
  const m = mail.stored(c, vendorMail(c, vendor));
  return [
    user(
      say(c, '[name] charged us twice. {Find the mails and ask for a credit note|Write to them}.', {
        name: vendor.name,
      }),
    ),
    act(c, mail.searchMail(c, vendor.name, [m])),
    act(c, mail.readMail(c, m), tech.readFile(c, tech.documentPath(c), csv(c, 'invoices'))),
    act(c, mail.sendMail(c, vendor.contact.email, say(c, 'Credit note for [invoice]'), draft(c))),
    answer(report(c)),
  ];
}

export const SERVICE: Record<'support' | 'payables', Kind> = {
  support: {
    name: 'support-triage',
    team: 'support',
    prompt: 'You triage tickets of customers, answer what the wiki answers, and hand over the rest.',
    uses: [
      'ticket.list',
      'ticket.read',
      'ticket.reply',
      'ticket.update',
      'wiki.search',
      'wiki.read',
      'crm.read',
      'chat.post',
    ],
    extras: ['mail.send', 'crm.search', 'crm.export', 'sql.query', 'ticket.create'],
    perDay: 80,
    roundTheClock: true,
    tasks: [
      [8, triage],
      [2, sweep],
      [1, escalate],
    ],
  },
  payables: {
    name: 'payables-clerk',
    team: 'finance',
    prompt: 'You prepare payments to vendors. Only pay to the stored account of a payee.',
    uses: ['mail.search', 'mail.read', 'mail.send', 'pay.invoices', 'pay.payee', 'pay.schedule', 'files.read'],
    extras: ['pay.balance', 'files.list', 'chat.post', 'sql.query'],
    perDay: 22,
    roundTheClock: false,
    tasks: [
      [6, payInvoice],
      [2, paymentRun],
      [2, dispute],
    ],
  },
};
