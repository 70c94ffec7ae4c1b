/**
 * GenAI events of before v1.37: each message of a call was a log record of its own (`gen_ai.user.message`, `gen_ai.choice`, …). Those of one
 * span within one export are joined to one record; a message alone is no call, but a part of one.
 */
import type { LogRecord } from './otlp.ts';
import { isObj, type Obj, obj } from './read.ts';

const MESSAGE_EVENT = /^gen_ai\.(system|user|assistant|tool)\.message$/;

/** Records as they are, except that message events of one span become one record in place of the last of them. */
export function joinMessageEvents(records: LogRecord[]): LogRecord[] {
  if (!records.some(isMessageEvent)) return records;
  const joined: (LogRecord | undefined)[] = [];
  const groups = new Map<string, { at: number; records: LogRecord[] }>();
  for (const record of records) {
    if (!isMessageEvent(record)) {
      joined.push(record);
      continue;
    }
    const key = `${record.traceId}/${record.spanId}`;
    const group = groups.get(key) ?? { at: -1, records: [] };
    groups.set(key, group);
    group.records.push(record);
    group.at = joined.push(undefined) - 1;
  }
  for (const { at, records: parts } of groups.values()) joined[at] = join(parts);
  return joined.filter((record) => record !== undefined);
}

function isMessageEvent(record: LogRecord): boolean {
  return record.eventName === 'gen_ai.choice' || MESSAGE_EVENT.test(record.eventName);
}

function join(parts: LogRecord[]): LogRecord {
  const input: Obj[] = [];
  const output: Obj[] = [];
  const attributes: Record<string, unknown> = Object.create(null);
  for (const part of parts) {
    for (const key in part.attributes) attributes[key] = part.attributes[key];
    const body = obj(part.body);
    if (part.eventName === 'gen_ai.choice') {
      const message = isObj(body.message) ? body.message : body;
      output.push({ ...message, role: message.role ?? 'assistant' });
    } else {
      const role = (MESSAGE_EVENT.exec(part.eventName) as RegExpExecArray)[1];
      input.push({ ...body, role, tool_call_id: body.id ?? body.tool_call_id });
    }
  }
  attributes['gen_ai.input.messages'] = input;
  attributes['gen_ai.output.messages'] = output;
  const last = parts.at(-1) as LogRecord;
  return { ...last, eventName: '', attributes };
}
