/** OTLP/JSON export requests: spans and log records with their attributes as plain values. */
import { ident } from './identity.ts';
import { arr, isObj, newFields, num, type Obj, obj, str } from './read.ts';
import { timeOf } from './time.ts';

/** Attributes by name: no prototype, so that any name is only a name. */
export type Attributes = Obj;

export interface Span extends Obj {
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly spanKind: number;
  /** Epoch milliseconds. */
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly attributes: Attributes;
  readonly resource: Attributes;
  readonly scope: string;
  /** 2 is an error. */
  readonly statusCode: number;
  /** Events on the span, attributes as plain values. */
  readonly events: readonly SpanEvent[];
}

export interface SpanEvent {
  name: string;
  attributes: Attributes;
}

export interface LogRecord extends Obj {
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly eventName: string;
  /** Epoch milliseconds: the record's own, else when it was observed. */
  readonly time: number | undefined;
  readonly body: unknown;
  readonly attributes: Attributes;
  readonly resource: Attributes;
  readonly scope: string;
}

/** Spans of a `resourceSpans[]` entry. */
export function* spansOf(entry: unknown): Generator<Span> {
  const holder = obj(entry);
  const resource = attributesOf(obj(holder.resource).attributes);
  for (const group of arr(holder.scopeSpans ?? holder.instrumentationLibrarySpans)) {
    const scope = str(obj(obj(group).scope).name) ?? '';
    for (const span of arr(obj(group).spans)) yield toSpan(obj(span), resource, scope);
  }
}

/** Log records of a `resourceLogs[]` entry. */
export function* logsOf(entry: unknown): Generator<LogRecord> {
  const holder = obj(entry);
  const resource = attributesOf(obj(holder.resource).attributes);
  for (const group of arr(holder.scopeLogs ?? holder.instrumentationLibraryLogs)) {
    const scope = str(obj(obj(group).scope).name) ?? '';
    for (const record of arr(obj(group).logRecords)) yield toLog(obj(record), resource, scope);
  }
}

function toSpan(span: Obj, resource: Attributes, scope: string): Span {
  return {
    traceId: hexId(span.traceId),
    spanId: hexId(span.spanId),
    parentSpanId: hexId(span.parentSpanId),
    name: str(span.name) ?? '',
    spanKind: typeof span.kind === 'number' ? span.kind : 0,
    start: timeOf(span.startTimeUnixNano),
    end: timeOf(span.endTimeUnixNano),
    attributes: attributesOf(span.attributes),
    resource,
    scope,
    statusCode: obj(span.status).code === 2 || obj(span.status).code === 'STATUS_CODE_ERROR' ? 2 : 0,
    events: arr(span.events).map((event) => ({
      name: str(obj(event).name) ?? '',
      attributes: attributesOf(obj(event).attributes),
    })),
  };
}

function toLog(record: Obj, resource: Attributes, scope: string): LogRecord {
  const attributes = attributesOf(record.attributes);
  return {
    traceId: hexId(record.traceId),
    spanId: hexId(record.spanId),
    // Before events had a name of their own it was an attribute.
    eventName: str(record.eventName) ?? str(attributes['event.name']) ?? '',
    time: timeOf(record.timeUnixNano) ?? timeOf(record.observedTimeUnixNano),
    body: isObj(record.body) ? anyValue(record.body) : record.body,
    attributes,
    resource,
    scope,
  };
}

/** Hex ids in lower case; all zeros means none. */
function hexId(value: unknown): string | undefined {
  const id = ident(value)?.toLowerCase();
  return id === undefined || /^0+$/.test(id) ? undefined : id;
}

/** Attributes of a `[{key, value}]` list; a later one of the same name wins. */
export function attributesOf(list: unknown): Attributes {
  const attributes = newFields();
  for (const entry of arr(list)) {
    if (!isObj(entry) || typeof entry.key !== 'string') continue;
    attributes[entry.key] = anyValue(entry.value);
  }
  return attributes;
}

/** Plain value of an AnyValue; undefined for an empty one. The parser has bounded its depth. */
export function anyValue(value: unknown): unknown {
  if (!isObj(value)) return undefined;
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.intValue !== undefined) {
    const parsed = num(value.intValue);
    return Number.isSafeInteger(parsed) ? parsed : value.intValue;
  }
  if (value.doubleValue !== undefined) return value.doubleValue;
  if (value.arrayValue !== undefined) return arr(obj(value.arrayValue).values).map(anyValue);
  if (value.kvlistValue !== undefined) return attributesOf(obj(value.kvlistValue).values);
  return value.bytesValue;
}
