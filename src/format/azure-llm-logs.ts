/** API Management writes one LLM call as several entries (request, response, chunks of 32 KB): those of one record are joined here. */
import { isObj, num, type Obj, str } from './read.ts';

const NAMES = ['RequestMessages', 'ResponseMessages', 'requestMessages', 'responseMessages'];

/** Entries as they are, except that `GatewayLlmLogs` of one correlation id become one in place of the first. */
export function joinLlmLogs(records: readonly unknown[]): readonly unknown[] {
  const groups = new Map<string, Obj[]>();
  const slots: (() => unknown)[] = [];
  for (const record of records) {
    const id = correlationOf(record);
    const group = id === undefined ? undefined : groups.get(id);
    if (group !== undefined) group.push(record as Obj);
    else if (id === undefined) slots.push(() => record);
    else {
      const started = [record as Obj];
      groups.set(id, started);
      slots.push(() => join(started));
    }
  }
  return groups.size === 0 ? records : slots.map((slot) => slot());
}

function correlationOf(record: unknown): string | undefined {
  if (!isObj(record) || (record.category !== 'GatewayLlmLogs' && record.category !== 'GatewayLlmLog')) return undefined;
  if (!isObj(record.properties)) return undefined;
  return str(record.correlationId) ?? str(record.properties.CorrelationId) ?? str(record.properties.correlationId);
}

function join(entries: Obj[]): Obj {
  if (entries.length === 1) return entries[0] as Obj;
  const parts = entries.map((entry) => entry.properties as Obj).sort((a, b) => sequence(a) - sequence(b));
  const properties: Record<string, unknown> = {};
  const content = new Map<string, unknown[]>(NAMES.map((name) => [name, []]));
  for (const part of parts) {
    for (const key in part) {
      const pieces = content.get(key);
      if (pieces === undefined) properties[key] = part[key] ?? properties[key];
      else if (part[key] !== null && part[key] !== '') pieces.push(part[key]);
    }
  }
  for (const [name, pieces] of content) {
    if (pieces.length === 0) continue;
    const isText = pieces.every((piece) => typeof piece === 'string');
    properties[name] = isText ? pieces.join('') : pieces.flat();
  }
  return { ...entries[0], properties };
}

function sequence(properties: Obj): number {
  return num(properties.SequenceNumber ?? properties.sequenceNumber) ?? 0;
}
