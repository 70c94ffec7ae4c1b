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

/** A span begins with field 1 as bytes (its trace id); a log record has field 1 as fixed64 or begins with a later field. */
function isLogs(bytes: Buffer): boolean {
  // Three levels down (entry, group, span), each found as the first field 2.
  let from = 0;
  let to = bytes.length;
  for (const wanted of [1, 2, 2]) {
    const found = findField(bytes, from, to, wanted);
    if (found === undefined) return false;
    [from, to] = found;
  }
  return from < to && bytes[from] !== 0x0a && bytes[from] !== 0x12;
}

/** Bounds of the first length-delimited field with this number. */
function findField(bytes: Buffer, from: number, to: number, wanted: number): [number, number] | undefined {
  let at = from;
  while (at < to) {
    const tag = bytes[at++] as number;
    if ((tag & 7) !== 2 || tag >= 128) return undefined;
    let size = 0;
    for (let scale = 1, more = true; more; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || scale > 2 ** 28) return undefined;
      size += (byte & 127) * scale;
      more = byte >= 128;
    }
    if (tag >> 3 === wanted) return at + size <= to ? [at, at + size] : undefined;
    at += size;
  }
  return undefined;
}
