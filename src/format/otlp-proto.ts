/** OTLP export requests in protobuf (`otlp_proto`, OTLP/HTTP): recognised by their framing and read to the shape of OTLP/JSON. */
import type { Budget } from './parse.ts';
import { type Message, readMessage } from './wire.ts';

const list = true as const;

const ANY_VALUE: Message = {
  1: { name: 'stringValue', type: 'string' },
  2: { name: 'boolValue', type: 'bool' },
  3: { name: 'intValue', type: 'int' },
  4: { name: 'doubleValue', type: 'double' },
  5: { name: 'arrayValue', type: () => ARRAY_VALUE },
  6: { name: 'kvlistValue', type: () => KEY_VALUES },
  7: { name: 'bytesValue', type: 'bytes' },
};
const ARRAY_VALUE: Message = { 1: { name: 'values', type: () => ANY_VALUE, list } };
const KEY_VALUE: Message = { 1: { name: 'key', type: 'string' }, 2: { name: 'value', type: () => ANY_VALUE } };
const KEY_VALUES: Message = { 1: { name: 'values', type: () => KEY_VALUE, list } };
const RESOURCE: Message = { 1: { name: 'attributes', type: () => KEY_VALUE, list } };
const SCOPE: Message = { 1: { name: 'name', type: 'string' }, 2: { name: 'version', type: 'string' } };

const SPAN: Message = {
  1: { name: 'traceId', type: 'hex' },
  2: { name: 'spanId', type: 'hex' },
  4: { name: 'parentSpanId', type: 'hex' },
  5: { name: 'name', type: 'string' },
  6: { name: 'kind', type: 'enum' },
  7: { name: 'startTimeUnixNano', type: 'fixed64' },
  8: { name: 'endTimeUnixNano', type: 'fixed64' },
  9: { name: 'attributes', type: () => KEY_VALUE, list },
  11: { name: 'events', type: () => SPAN_EVENT, list },
  15: { name: 'status', type: () => STATUS },
};
const SPAN_EVENT: Message = {
  2: { name: 'name', type: 'string' },
  3: { name: 'attributes', type: () => KEY_VALUE, list },
};
const STATUS: Message = { 2: { name: 'message', type: 'string' }, 3: { name: 'code', type: 'enum' } };

const LOG_RECORD: Message = {
  1: { name: 'timeUnixNano', type: 'fixed64' },
  5: { name: 'body', type: () => ANY_VALUE },
  6: { name: 'attributes', type: () => KEY_VALUE, list },
  9: { name: 'traceId', type: 'hex' },
  10: { name: 'spanId', type: 'hex' },
  11: { name: 'observedTimeUnixNano', type: 'fixed64' },
  12: { name: 'eventName', type: 'string' },
};

/** An export request: its entries hold a resource and groups; `leaf` is the message in a group. */
function request(root: string, groups: string, leaves: string, leaf: Message): Message {
  const group: Message = { 1: { name: 'scope', type: () => SCOPE }, 2: { name: leaves, type: () => leaf, list } };
  const entry: Message = {
    1: { name: 'resource', type: () => RESOURCE },
    2: { name: groups, type: () => group, list },
  };
  return { 1: { name: root, type: () => entry, list } };
}

const TRACES = request('resourceSpans', 'scopeSpans', 'spans', SPAN);
const LOGS = request('resourceLogs', 'scopeLogs', 'logRecords', LOG_RECORD);

/**
 * True when the bytes are nothing but entries of an export request. Their tag is a newline, which may also start a JSON text, but then
 * the lengths do not add up to the end.
 */
export function isOtlpProto(bytes: Buffer): boolean {
  if (bytes[0] !== 0x0a) return false;
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at++] !== 0x0a) return false;
    let size = 0;
    for (let scale = 1, more = true; more; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || scale > 2 ** 28) return false;
      size += (byte & 127) * scale;
      more = byte >= 128;
    }
    at += size;
  }
  return at === bytes.length;
}

/** The request in the shape of OTLP/JSON. Traces and logs are framed alike and told apart by their first span or log record. */
export function readOtlpProto(bytes: Buffer, budget: Budget): Record<string, unknown> {
  return readMessage(bytes, isLogs(bytes) ? LOGS : TRACES, budget);
}

const tag = (field: number, wire: number): number => field * 8 + wire;
/** Fields by which a span and a log record are told apart: those that both have in the same wire type are left out. */
const SPAN_TAGS = new Set([tag(1, 2), tag(2, 2), tag(4, 2), tag(6, 0), tag(7, 1), tag(8, 1), tag(11, 2), tag(15, 2)]);
const LOG_TAGS = new Set([tag(1, 1), tag(2, 0), tag(6, 2), tag(7, 0), tag(8, 5), tag(10, 2), tag(11, 1), tag(12, 2)]);

/** Writers differ in the order of fields (the Collector writes the last one first), so the first telling one decides. */
function isLogs(bytes: Buffer): boolean {
  for (const entry of fields(bytes, 0, bytes.length)) {
    for (const group of fields(bytes, entry.start, entry.end)) {
      if (group.tag !== tag(2, 2)) continue;
      for (const leaf of fields(bytes, group.start, group.end)) {
        if (leaf.tag !== tag(2, 2)) continue;
        for (const { tag: known } of fields(bytes, leaf.start, leaf.end)) {
          if (LOG_TAGS.has(known)) return true;
          if (SPAN_TAGS.has(known)) return false;
        }
      }
    }
  }
  return false;
}

/** Tags and bounds of the fields of a message, up to the first that is damaged. */
function* fields(bytes: Buffer, from: number, to: number): Generator<{ tag: number; start: number; end: number }> {
  for (let at = from; at < to; ) {
    const [key, start] = varint(bytes, at);
    const wire = key & 7;
    let content = start;
    let end = start;
    if (wire === 0) end = varint(bytes, start)[1];
    else if (wire === 1) end = start + 8;
    else if (wire === 5) end = start + 4;
    else if (wire === 2) {
      const [size, after] = varint(bytes, start);
      content = after;
      end = after + size;
    } else return;
    if (!(end <= to)) return;
    yield { tag: key, start: content, end };
    at = end;
  }
}

/** A varint and where it ends; NaN past the end of the bytes. */
function varint(bytes: Buffer, from: number): [value: number, end: number] {
  let value = 0;
  for (let at = from, scale = 1; at < from + 10; scale *= 128) {
    const byte = bytes[at++];
    if (byte === undefined) break;
    value += (byte & 127) * scale;
    if (byte < 128) return [value, at];
  }
  return [Number.NaN, Number.NaN];
}
