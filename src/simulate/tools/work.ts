/** Wiki, tickets, customer records, chat, personnel: the tools of office work. */

import { wikiPage } from '../content/documents.ts';
import { customerMail } from '../content/mails.ts';
import { aboutFirm, type Context, colleague, isoDate, say, sayMany, sayOne } from '../context.ts';
import type { ToolUse } from '../script.ts';
import type { Firm } from '../world.ts';
import { render } from './mail.ts';

export function searchWiki(context: Context, query: string): ToolUse {
  const pages = Array.from({ length: context.random.int(2, 5) }, () => ({
    page_id: `pg-${context.random.int(100, 4999)}`,
    title: wikiPage(context).title,
  }));
  return { capability: 'wiki.search', args: { query }, result: render(context, pages) };
}

export function readPage(context: Context, page = wikiPage(context)): ToolUse {
  const id = `pg-${context.random.int(100, 4999)}`;
  return {
    capability: 'wiki.read',
    args: { page_id: id },
    result: render(context, {
      page_id: id,
      title: page.title,
      updated: isoDate(context.time - context.random.int(1, 300) * 86_400_000),
      body: page.body,
    }),
  };
}

export function updatePage(context: Context, body: string): ToolUse {
  return {
    capability: 'wiki.write',
    args: { page_id: `pg-${context.random.int(100, 4999)}`, body },
    result: render(context, { status: 'saved', version: context.random.int(2, 60) }),
  };
}

export interface Ticket {
  id: string;
  customer: Firm;
  subject: string;
  body: string;
}

export function ticket(context: Context): Ticket {
  const customer = context.random.pick(context.world.customers);
  const mail = customerMail(context, customer);
  return { id: say(context, '[ticket]'), customer, subject: mail.subject, body: mail.body };
}

export function listTickets(context: Context, include: Ticket[] = []): ToolUse {
  const all = [...include, ...Array.from({ length: context.random.int(2, 6) }, () => ticket(context))];
  return {
    capability: 'ticket.list',
    args: { queue: context.random.pick(['support', 'billing', 'emea', 'onboarding']), status: 'open' },
    result: render(
      context,
      context.random.shuffle(all).map((t) => ({ ticket_id: t.id, subject: t.subject, customer: t.customer.name })),
    ),
  };
}

export function readTicket(context: Context, t: Ticket): ToolUse {
  const comment = context.random.chance(0.4)
    ? [
        {
          by: colleague(context.random).name,
          text: sayOne(context, [
            'Asked them for {logs|a screenshot}.',
            'Same as [ticket], {please merge|keep both}.',
            'Waiting for [department].',
          ]),
        },
      ]
    : [];
  return {
    capability: 'ticket.read',
    args: { ticket_id: t.id },
    result: render(context, {
      ticket_id: t.id,
      requester: t.customer.contact.email,
      account: t.customer.account,
      subject: t.subject,
      description: t.body,
      comments: comment,
    }),
  };
}

export function replyToTicket(context: Context, t: Ticket, body: string): ToolUse {
  return { capability: 'ticket.reply', args: { ticket_id: t.id, body }, result: render(context, { status: 'sent' }) };
}

export function updateTicket(context: Context, t: Ticket): ToolUse {
  return {
    capability: 'ticket.update',
    args: {
      ticket_id: t.id,
      status: context.random.pick(['pending', 'solved', 'open']),
      priority: context.random.pick(['low', 'normal', 'high']),
    },
    result: render(context, { status: 'updated' }),
  };
}

export function createTicket(context: Context, title: string, body: string): ToolUse {
  return {
    capability: 'ticket.create',
    args: { title, body, queue: context.random.pick(['it', 'facilities', 'platform', 'billing']) },
    result: render(context, { ticket_id: say(context, '[ticket]') }),
  };
}

function accountRecord(context: Context, firm: Firm): Record<string, unknown> {
  return {
    account_id: firm.account,
    name: firm.name,
    domain: firm.domain,
    plan: firm.plan,
    monthly_eur: firm.monthly,
    contact: `${firm.contact.name} <${firm.contact.email}>`,
    owner: colleague(context.random).name,
    last_note: sayMany(
      context,
      ['Asked about [topic].', 'Wants a call on [weekday].', 'Renewal {likely|at risk}.', 'Met [first] in [city].'],
      2,
    ),
  };
}

export function searchAccounts(context: Context, query: string, include: Firm[] = []): ToolUse {
  const hits = [...include, ...context.random.sample(context.world.customers, context.random.int(1, 3))];
  return {
    capability: 'crm.search',
    args: { query },
    result: render(
      context,
      hits.map((f) => ({ account_id: f.account, name: f.name, city: f.city })),
    ),
  };
}

export function readAccount(context: Context, firm: Firm): ToolUse {
  return {
    capability: 'crm.read',
    args: { account_id: firm.account },
    result: render(context, accountRecord(context, firm)),
  };
}

export function noteAccount(context: Context, firm: Firm): ToolUse {
  const text = say(context, '{Spoke to|Mail from} [contact] about [topic]; next step {on|by} [date].', aboutFirm(firm));
  return {
    capability: 'crm.note',
    args: { account_id: firm.account, text },
    result: render(context, { status: 'saved' }),
  };
}

export function exportAccounts(context: Context, rows = 12): ToolUse {
  return {
    capability: 'crm.export',
    args: { segment: context.random.pick(['renewals', 'enterprise', 'at-risk', 'all']), format: 'json' },
    result: JSON.stringify(
      context.random
        .sample(context.world.customers, rows)
        .map((f) => ({ name: f.name, contact: f.contact.email, monthly_eur: f.monthly })),
    ),
  };
}

export function readChannel(context: Context, channel = say(context, '[channel]')): ToolUse {
  const lines = Array.from({ length: context.random.int(3, 9) }, () =>
    say(
      context,
      '[first]: {[topic] {again|is back|fixed}?|who can help [customer]?|deploy of [service] [version] done|please review my PR in [repo]|lunch at [hour]?|thanks!|numbers are in, [percent] up}',
    ),
  );
  return { capability: 'chat.read', args: { channel, limit: 20 }, result: lines.join('\n') };
}

export function postMessage(context: Context, channel: string, text: string): ToolUse {
  return {
    capability: 'chat.post',
    args: { channel, text },
    result: render(context, { ok: true, ts: `${Math.floor(context.time / 1000)}.${context.random.digits(6)}` }),
  };
}

export function inviteToChannel(context: Context, channel: string, email: string): ToolUse {
  return { capability: 'chat.invite', args: { channel, email }, result: render(context, { ok: true }) };
}

export function findEmployee(context: Context, who: { name: string; email: string }): ToolUse {
  return {
    capability: 'hr.find',
    args: { name: who.name },
    result: render(context, {
      employee_id: `E${context.random.digits(4)}`,
      name: who.name,
      email: who.email,
      department: say(context, '[department]'),
      manager: say(context, '[person]'),
    }),
  };
}

export function leaveBalance(context: Context): ToolUse {
  return {
    capability: 'hr.leave',
    args: { employee_id: `E${context.random.digits(4)}` },
    result: render(context, {
      year: new Date(context.time).getUTCFullYear(),
      days_left: context.random.int(0, 28),
      booked: say(context, '[date]'),
    }),
  };
}

/** Private by nature: used by the personnel agent for its own job, and by some attacks. */
export function personnelFile(context: Context): ToolUse {
  const who = colleague(context.random);
  return {
    capability: 'hr.file',
    args: { employee_id: `E${context.random.digits(4)}` },
    result: render(context, {
      name: who.name,
      born: `19${context.random.int(62, 99)}-0${context.random.int(1, 9)}-1${context.random.int(0, 9)}`,
      address: say(context, '{Mill Lane|Station Road|Harbour Street} [n], [city]'),
      salary_eur: context.random.int(31, 118) * 1000,
      tax_no: context.random.digits(11),
    }),
  };
}
