/** OTLP over HTTP: which of its bodies are taken, and its answers in the encoding of the request. */
import { BadBody, jsonValue } from './http-bodies.ts';
import { type ExportPart, splitJson, splitProtobuf } from './http-otlp-split.ts';

/** Path of each signal that is taken. */
export const OTLP_PATHS = { '/v1/traces': 'traces', '/v1/logs': 'logs' } as const;
export type Signal = (typeof OTLP_PATHS)[keyof typeof OTLP_PATHS];

const NAMES = {
  traces: { root: 'resourceSpans', groups: 'scopeSpans', leaves: 'spans' },
  logs: { root: 'resourceLogs', groups: 'scopeLogs', leaves: 'logRecords' },
} as const;
const REJECTED = { traces: 'rejectedSpans', logs: 'rejectedLogRecords' } as const;
const JSON_TYPE = 'application/json';
const PROTOBUF_TYPE = 'application/x-protobuf';
/** gRPC status codes of google.rpc.Status. */
const CODES: Record<number, number> = { 400: 3, 401: 16, 404: 5, 405: 12, 413: 8, 415: 3, 429: 8, 503: 14 };
const UNKNOWN = 2;

/** An answer with its content type. */
export interface OtlpAnswer {
  type: string;
  body: Buffer;
}

/** The signal that the path of this URL is for. */
export function signalOf(url: string): Signal | undefined {
  const path = url.split('?')[0] ?? '';
  return Object.hasOwn(OTLP_PATHS, path) ? OTLP_PATHS[path as keyof typeof OTLP_PATHS] : undefined;
}

/**
 * The export request to keep, as it came or in parts when it is large; none for an export of nothing, which OTLP allows.
 * @throws BadBody 400 for what is no export of this signal, 415 for another content type
 */
export function otlpParts(body: Buffer, contentType: string | undefined, signal: Signal): ExportPart[] {
  const type = bareType(contentType);
  if (type === PROTOBUF_TYPE) {
    if (body.length === 0) return [];
    // An export request has one field. Without this a JSON text of the wrong content type would get through.
    if (body[0] !== 0x0a) throw new BadBody(400, 'the body is not an OTLP export request in protobuf');
    return splitProtobuf(body);
  }
  if (type !== JSON_TYPE) {
    throw new BadBody(415, `content-type ${type} is not supported: use ${PROTOBUF_TYPE} or ${JSON_TYPE}`);
  }
  const value = jsonValue(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadBody(400, 'the body is not an OTLP export request: a JSON object is needed');
  }
  const request = value as Record<string, unknown>;
  return holdsEntries(request, signal) ? splitJson(body, request, NAMES[signal]) : [];
}

/** OTLP ignores unknown fields; entries of the other signal are a mistake that would lose them in silence. */
function holdsEntries(request: Record<string, unknown>, signal: Signal): boolean {
  const { root } = NAMES[signal];
  const other = signal === 'traces' ? 'logs' : 'traces';
  if (request[NAMES[other].root] !== undefined)
    throw new BadBody(400, `the body holds ${other}: post it to /v1/${other}`);
  const entries = request[root];
  if (entries === undefined || entries === null) return false;
  if (!Array.isArray(entries)) throw new BadBody(400, `${root} is not an array`);
  return entries.length > 0;
}

/** The export response: empty when all was taken, else with the partial success that OTLP defines. */
export function exportAnswer(
  contentType: string | undefined,
  signal: Signal,
  rejected = 0,
  errorMessage = '',
): OtlpAnswer {
  if (bareType(contentType) === PROTOBUF_TYPE) {
    const partial = Buffer.concat([integer(1, rejected), text(2, errorMessage)]);
    return { type: PROTOBUF_TYPE, body: rejected > 0 ? bytes(1, partial) : Buffer.alloc(0) };
  }
  // 64-bit integers are decimal text in the JSON form of protobuf.
  const answer = rejected > 0 ? { partialSuccess: { [REJECTED[signal]]: String(rejected), errorMessage } } : {};
  return { type: JSON_TYPE, body: Buffer.from(JSON.stringify(answer)) };
}

/** A google.rpc.Status: the body of every refusal. */
export function statusAnswer(contentType: string | undefined, httpStatus: number, message: string): OtlpAnswer {
  const code = CODES[httpStatus] ?? UNKNOWN;
  if (bareType(contentType) === PROTOBUF_TYPE) {
    return { type: PROTOBUF_TYPE, body: Buffer.concat([integer(1, code), text(2, message)]) };
  }
  return { type: JSON_TYPE, body: Buffer.from(JSON.stringify({ code, message })) };
}

function bareType(contentType: string | undefined): string {
  return (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128);
  out.push(rest);
  return Buffer.from(out);
}

function integer(field: number, value: number): Buffer {
  return Buffer.concat([Buffer.from([field * 8]), varint(value)]);
}

function bytes(field: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([field * 8 + 2]), varint(value.length), value]);
}

function text(field: number, value: string): Buffer {
  return bytes(field, Buffer.from(value));
}
