/** Mail and calendar tools: calls with results as such servers give them. */
import { anyMail, type Mail } from '../content/mails.ts';
import { type Context, isoDate, say } from '../context.ts';
import type { ToolUse } from '../script.ts';

/** Prints a result the way this agent's servers do. */
export function render(context: Context, value: Record<string, unknown> | Record<string, unknown>[]): string {
  if (context.style === 'json') return JSON.stringify(value);
  const one = (entry: Record<string, unknown>): string =>
    Object.entries(entry)
      .map(([key, field]) => `${key}: ${typeof field === 'string' ? field : JSON.stringify(field)}`)
      .join('\n');
  return Array.isArray(value) ? value.map(one).join('\n---\n') : one(value);
}

export function messageId(context: Context): string {
  return `msg_${context.random.hex(10)}`;
}

export interface StoredMail extends Mail {
  id: string;
}

export function stored(context: Context, mail: Mail): StoredMail {
  return { id: messageId(context), ...mail };
}

/** A mailbox listing; `include` is among the hits. */
export function searchMail(context: Context, query: string, include: StoredMail[] = []): ToolUse {
  const others = Array.from({ length: context.random.int(1, 4) }, () => stored(context, anyMail(context)));
  const hits = context.random.shuffle([...include, ...others]);
  return {
    capability: 'mail.search',
    args: { query, limit: context.random.pick([5, 10, 20]) },
    result: render(
      context,
      hits.map((mail) => ({
        id: mail.id,
        from: mail.from,
        subject: mail.subject,
        received: isoDate(context.time),
        preview: mail.body.slice(0, 70),
      })),
    ),
  };
}

export function readMail(context: Context, mail: StoredMail): ToolUse {
  return {
    capability: 'mail.read',
    args: { message_id: mail.id },
    result: render(context, {
      id: mail.id,
      from: mail.from,
      to: mail.to,
      subject: mail.subject,
      date: isoDate(context.time),
      body: mail.body,
    }),
  };
}

export function sendMail(context: Context, to: string, subject: string, body: string): ToolUse {
  return {
    capability: 'mail.send',
    args: { to, subject, body },
    result: render(context, { status: context.random.pick(['sent', 'queued', 'ok']), id: messageId(context) }),
  };
}

export function forwardMail(context: Context, mail: StoredMail, to: string): ToolUse {
  return {
    capability: 'mail.forward',
    args: { message_id: mail.id, to },
    result: render(context, { status: 'forwarded', to }),
  };
}

export function listEvents(context: Context): ToolUse {
  const events = Array.from({ length: context.random.int(2, 6) }, () => ({
    title: say(context, '{[project] {sync|review}|1:1 with [person]|Call [customer]|Lunch|Focus time}'),
    start: `${isoDate(context.time + context.random.int(0, 5) * 86_400_000)}T${say(context, '[hour]')}`,
    attendees: context.random.int(1, 9),
  }));
  return {
    capability: 'calendar.list',
    args: { start: isoDate(context.time), end: isoDate(context.time + 7 * 86_400_000) },
    result: render(context, events),
  };
}

export function findFreeTime(context: Context, attendees: string[]): ToolUse {
  return {
    capability: 'calendar.free',
    args: { attendees, minutes: context.random.pick([15, 30, 45, 60]) },
    result: render(context, { slots: [say(context, '[date] [hour]'), say(context, '[date2] [hour2]')] }),
  };
}

export function createEvent(context: Context, title: string, attendees: string[]): ToolUse {
  return {
    capability: 'calendar.create',
    args: {
      title,
      start: `${isoDate(context.time + context.random.int(1, 14) * 86_400_000)}T${say(context, '[hour]')}`,
      attendees,
    },
    result: render(context, { status: 'created', event_id: `ev_${context.random.hex(8)}` }),
  };
}
