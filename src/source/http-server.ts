/** The HTTP side of the intake: who may send, what is refused with which status, and that a 2xx means durable. */
import { createHash, timingSafeEqual } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { describeError, NightjarError } from '../errors.ts';
import { BadBody, bodyRecords, decodeBody } from './http-bodies.ts';
import {
  exportAnswer,
  OTLP_PATHS,
  type OtlpAnswer,
  otlpParts,
  type Signal,
  signalOf,
  statusAnswer,
} from './http-otlp.ts';
import type { ExportPart } from './http-otlp-split.ts';
import type { Log } from './log.ts';

export interface IntakeServerOptions {
  token: string;
  maxBodyBytes: number;
  /** Format ids that the path may name; `auto` always may. */
  formats: string[];
  /** Resolves when the records are durable. */
  accept: (records: { value: Uint8Array; format: string }[]) => Promise<void>;
  /** Parts of an export that cannot be read; throws NJ_RECORD when none of it can. */
  faults: (value: Uint8Array, format: string) => { reason: string }[];
  /** Why nothing is accepted now; undefined when it is. */
  refusal: () => 'full' | 'stopping' | undefined;
  log: Log;
}

const RETRY_AFTER_S = 5;
const PATH = '/intake';
/** Under pressure, by the format in the path: LiteLLM's logger drops what is answered with 429, and sends it again after a 5xx. */
const BUSY_STATUS: Readonly<Record<string, number>> = { litellm: 503 };
/** The format of what comes in as OTLP, in JSON and protobuf alike. */
const OTLP = 'otlp';

/**
 * Not listening yet. `POST /intake` and `/intake/:format`, answered in JSON; `POST /v1/traces` and `/v1/logs`, answered as OTLP/HTTP
 * says: in the content type of the request, refusals as google.rpc.Status.
 */
export function intakeServer(options: IntakeServerOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: options.maxBodyBytes,
    requestTimeout: 60_000,
    forceCloseConnections: 'idle',
  });
  const expected = digest(options.token);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  // Before the body is read: a stranger must not make us hold 8 MB.
  app.addHook('onRequest', async (request, reply) => {
    if (!sameToken(request, expected)) {
      return refuse(request, reply.header('www-authenticate', 'Bearer'), 401, 'a valid bearer token is needed');
    }
  });
  const take = (request: FastifyRequest, reply: FastifyReply) => receive(options, request, reply);
  app.post(PATH, take);
  app.post(`${PATH}/:format`, take);
  for (const [path, signal] of Object.entries(OTLP_PATHS)) {
    app.post(path, (request, reply) => receiveOtlp(options, signal, request, reply));
  }
  app.setNotFoundHandler((request, reply) => {
    const known = signalOf(request.url) !== undefined || /^\/intake(\/[^/]+)?$/.test(request.url.split('?')[0] ?? '');
    if (known) return refuse(request, reply.header('allow', 'POST'), 405, 'use POST');
    const paths = [PATH, `${PATH}/<format>`, ...Object.keys(OTLP_PATHS)];
    return refuse(request, reply, 404, `unknown path: post to ${paths.join(', ')}`);
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error instanceof BadBody ? error.status : (error.statusCode ?? 500);
    if (status === 413 && !(error instanceof BadBody)) {
      return refuse(request, reply, 413, `the body is larger than ${options.maxBodyBytes} bytes`);
    }
    if (status < 500) return refuse(request, reply, status, error.message);
    options.log('error', `intake: ${describeError(error)}`);
    return refuse(request, reply, 503, 'the records could not be stored: send them again');
  });
  return app;
}

/** Sends a refusal in the form of its path. What may be sent again says when. */
function refuse(request: FastifyRequest, reply: FastifyReply, status: number, message: string): FastifyReply {
  reply.code(status);
  if (status === 429 || status === 503) reply.header('retry-after', String(RETRY_AFTER_S));
  if (signalOf(request.url) === undefined) return reply.send({ error: message });
  return send(reply, statusAnswer(request.headers['content-type'], status, message));
}

/** True when nothing can be taken now; the answer is then sent. */
function refusedNow(options: IntakeServerOptions, request: FastifyRequest, reply: FastifyReply): boolean {
  const refusal = options.refusal();
  if (refusal === 'stopping') {
    refuse(request, reply.header('connection', 'close'), 503, 'shutting down: send it again');
  } else if (refusal === 'full')
    refuse(request, reply, BUSY_STATUS[formatOf(request)] ?? 429, 'too many records are waiting: send it again later');
  return refusal !== undefined;
}

async function receive(
  options: IntakeServerOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (refusedNow(options, request, reply)) return reply;
  const format = formatOf(request);
  const formats = [...new Set(['auto', ...options.formats])];
  if (!formats.includes(format)) return reply.code(404).send({ error: 'unknown format', formats });
  const records = bodyRecords(await bodyOf(options, request), request.headers['content-type']);
  await options.accept(records.map((value) => ({ value, format })));
  return reply.code(202).send({ accepted: records.length });
}

async function receiveOtlp(
  options: IntakeServerOptions,
  signal: Signal,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (refusedNow(options, request, reply)) return reply;
  const type = request.headers['content-type'];
  const parts = otlpParts(await bodyOf(options, request), type, signal);
  if (parts.length === 0) return send(reply, exportAnswer(type, signal));
  const { rejected, reason } = otlpFaults(options, parts);
  // Kept with what cannot be read: that becomes a dead letter with its reason.
  await options.accept(parts.map(({ value }) => ({ value, format: OTLP })));
  return send(reply, exportAnswer(type, signal, rejected, reason));
}

/** How many spans or log records cannot be read, and why the first. @throws BadBody 400 when nothing can be */
function otlpFaults(
  options: IntakeServerOptions,
  parts: ExportPart[],
): { rejected: number; reason: string | undefined } {
  let rejected = 0;
  let lost = 0;
  let reason: string | undefined;
  for (const { value, leaves } of parts) {
    try {
      const faults = options.faults(value, OTLP);
      rejected += faults.length;
      reason ??= faults[0]?.reason;
    } catch (error) {
      if (!(error instanceof NightjarError && error.code === 'NJ_RECORD')) throw error;
      rejected += leaves;
      reason ??= error.message;
      lost++;
    }
  }
  if (lost === parts.length) throw new BadBody(400, reason ?? 'the export cannot be read');
  return { rejected, reason };
}

/** The format that the path names. */
function formatOf(request: FastifyRequest): string {
  return (request.params as { format?: string }).format ?? 'auto';
}

function bodyOf({ maxBodyBytes }: IntakeServerOptions, request: FastifyRequest): Promise<Buffer> {
  const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  return decodeBody(raw, request.headers['content-encoding'], maxBodyBytes);
}

function send(reply: FastifyReply, { type, body }: OtlpAnswer): FastifyReply {
  return reply.header('content-type', type).send(body);
}

/** Compares digests, so that neither content nor length of the token shows in the time it takes. */
function sameToken(request: FastifyRequest, expected: Buffer): boolean {
  const given = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given.trim()), expected);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
