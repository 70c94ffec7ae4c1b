/** Writes OTLP/JSON export requests as protobuf, for the tests of the protobuf reader. */

type Json = Record<string, unknown>;

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

const tag = (field: number, wire: number): Buffer => varint(BigInt(field * 8 + wire));
const bytes = (field: number, value: Buffer): Buffer =>
  Buffer.concat([tag(field, 2), varint(BigInt(value.length)), value]);
const text = (field: number, value: unknown): Buffer =>
  typeof value === 'string' && value !== '' ? bytes(field, Buffer.from(value)) : Buffer.alloc(0);
const hex = (field: number, value: unknown): Buffer =>
  typeof value === 'string' ? bytes(field, Buffer.from(value, 'hex')) : Buffer.alloc(0);
const integer = (field: number, value: unknown): Buffer =>
  value === undefined ? Buffer.alloc(0) : Buffer.concat([tag(field, 0), varint(BigInt(value as number))]);

function fixed(field: number, value: unknown): Buffer {
  if (value === undefined) return Buffer.alloc(0);
  const eight = Buffer.alloc(8);
  eight.writeBigUInt64LE(BigInt(value as string));
  return Buffer.concat([tag(field, 1), eight]);
}

const each = (field: number, list: unknown, encode: (item: Json) => Buffer): Buffer =>
  Buffer.concat(((list as Json[]) ?? []).map((item) => bytes(field, encode(item))));

function anyValue(value: Json): Buffer {
  if (value.stringValue !== undefined) return bytes(1, Buffer.from(value.stringValue as string));
  if (value.boolValue !== undefined) return Buffer.concat([tag(2, 0), varint(value.boolValue ? 1n : 0n)]);
  if (value.intValue !== undefined) return Buffer.concat([tag(3, 0), varint(BigInt(value.intValue as string))]);
  if (value.doubleValue !== undefined) {
    const eight = Buffer.alloc(8);
    eight.writeDoubleLE(value.doubleValue as number);
    return Buffer.concat([tag(4, 1), eight]);
  }
  if (value.arrayValue !== undefined) return bytes(5, each(1, (value.arrayValue as Json).values, anyValue));
  if (value.kvlistValue !== undefined) return bytes(6, each(1, (value.kvlistValue as Json).values, keyValue));
  return Buffer.alloc(0);
}

const keyValue = (item: Json): Buffer =>
  Buffer.concat([text(1, item.key), bytes(2, anyValue((item.value as Json) ?? {}))]);
const resource = (item: Json): Buffer => bytes(1, each(1, (item.resource as Json)?.attributes, keyValue));
const scope = (item: Json): Buffer => bytes(1, text(1, (item.scope as Json)?.name));

const span = (item: Json): Buffer =>
  Buffer.concat([
    hex(1, item.traceId),
    hex(2, item.spanId),
    hex(4, item.parentSpanId),
    text(5, item.name),
    integer(6, item.kind),
    fixed(7, item.startTimeUnixNano),
    fixed(8, item.endTimeUnixNano),
    each(9, item.attributes, keyValue),
    integer(10, 3),
    bytes(15, integer(3, (item.status as Json)?.code)),
  ]);

const log = (item: Json): Buffer =>
  Buffer.concat([
    fixed(1, item.timeUnixNano),
    integer(2, 9),
    bytes(5, anyValue((item.body as Json) ?? {})),
    each(6, item.attributes, keyValue),
    hex(9, item.traceId),
    hex(10, item.spanId),
    fixed(11, item.observedTimeUnixNano),
    text(12, item.eventName),
  ]);

/** @param request an OTLP/JSON export request of spans or logs */
export function encodeOtlp(request: Json): Buffer {
  if (request.resourceSpans !== undefined) {
    const group = (item: Json): Buffer => Buffer.concat([scope(item), each(2, item.spans, span)]);
    return each(1, request.resourceSpans, (item) => Buffer.concat([resource(item), each(2, item.scopeSpans, group)]));
  }
  const group = (item: Json): Buffer => Buffer.concat([scope(item), each(2, item.logRecords, log)]);
  return each(1, request.resourceLogs, (item) => Buffer.concat([resource(item), each(2, item.scopeLogs, group)]));
}
