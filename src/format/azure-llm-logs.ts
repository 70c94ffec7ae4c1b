/** API Management writes one LLM call as several entries (request, response, chunks of 32 KB): those of one record are joined here. */
import { isObj, type Obj, str } from './read.ts';

const NAMES = ['RequestMessages', 'ResponseMessages', 'requestMessages', 'responseMessages'];

/** Entries as they are, except that `GatewayLlmLogs` of one correlation id become one in place of the first. */
export function joinLlmLogs(records: readonly unknown[]): readonly unknown[] {
  const groups = new Map<string, Obj[]>();
  const joined: (unknown | Obj[])[] = [];
  for (const record of records) {
    const id = correlationOf(record);
    const group = id === undefined ? undefined : groups.get(id);
    if (group !== undefined) group.push(record as Obj);
    else if (id === undefined) joined.push(record);
    else {
      const started = [record as Obj];
      groups.set(id, started);
      joined.push(started);
    }
  }
  return groups.size === 0 ? records : joined.map((entry) => (Array.isArray(entry) ? join(entry) : entry));
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
  for (const part of parts) {
    for (const key in part) {
      const value = part[key];
      const before = properties[key];
      if (!NAMES.includes(key)) properties[key] = value ?? before;
      else if (typeof before === 'string' && typeof value === 'string') properties[key] = before + value;
      else if (Array.isArray(before) && Array.isArray(value)) properties[key] = [...before, ...value];
      else properties[key] = value === null || value === '' ? before : (value ?? before);
    }
  }
  return { ...entries[0], properties };
}

function sequence(properties: Obj): number {
  return Number(properties.SequenceNumber ?? properties.sequenceNumber) || 0;
}
