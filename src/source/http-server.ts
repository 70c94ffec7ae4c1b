/** The HTTP side of the intake: who may send, what is refused with which status, and that a 202 means durable. */
import { createHash, timingSafeEqual } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { describeError } from '../errors.ts';
import { BadBody, bodyRecords, decodeBody } from './http-bodies.ts';
import type { Log } from './log.ts';

export interface IntakeServerOptions {
  token: string;
  maxBodyBytes: number;
  /** Format ids that the path may name; `auto` always may. */
  formats: string[];
  /** Resolves when the records are durable. */
  accept: (records: { value: Uint8Array; format: string }[]) => Promise<void>;
  /** Why nothing is accepted now; undefined when it is. */
  refusal: () => 'full' | 'stopping' | undefined;
  log: Log;
}

const RETRY_AFTER_S = 5;
const PATH = '/intake';

/** Not listening yet. `POST /intake` and `/intake/:format`; every answer is JSON. */
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
      return reply.header('www-authenticate', 'Bearer').code(401).send({ error: 'a valid bearer token is needed' });
    }
  });
  const take = (request: FastifyRequest, reply: FastifyReply) => receive(options, request, reply);
  app.post(PATH, take);
  app.post(`${PATH}/:format`, take);
  app.setNotFoundHandler((request, reply) => {
    const known = /^\/intake(\/[^/]+)?$/.test(request.url.split('?')[0] ?? '');
    if (known) return reply.header('allow', 'POST').code(405).send({ error: 'use POST' });
    return reply.code(404).send({ error: `unknown path: post to ${PATH} or ${PATH}/<format>` });
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error instanceof BadBody ? error.status : (error.statusCode ?? 500);
    if (status === 413 && !(error instanceof BadBody)) {
      return reply.code(413).send({ error: `the body is larger than ${options.maxBodyBytes} bytes` });
    }
    if (status < 500) return reply.code(status).send({ error: error.message });
    options.log('error', `intake: ${describeError(error)}`);
    return reply
      .code(503)
      .header('retry-after', String(RETRY_AFTER_S))
      .send({ error: 'the records could not be stored: send them again' });
  });
  return app;
}

async function receive(
  options: IntakeServerOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const refusal = options.refusal();
  if (refusal === 'stopping')
    return reply.header('connection', 'close').code(503).send({ error: 'shutting down: send it again' });
  if (refusal === 'full') {
    return reply
      .header('retry-after', String(RETRY_AFTER_S))
      .code(429)
      .send({ error: 'too many records are waiting: send it again later' });
  }
  const { format = 'auto' } = request.params as { format?: string };
  if (format !== 'auto' && !options.formats.includes(format)) {
    return reply.code(404).send({ error: 'unknown format', formats: ['auto', ...options.formats] });
  }
  const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const body = await decodeBody(raw, request.headers['content-encoding'], options.maxBodyBytes);
  const records = bodyRecords(body, request.headers['content-type']);
  await options.accept(records.map((value) => ({ value, format })));
  return reply.code(202).send({ accepted: records.length });
}

/** Compares digests, so that neither content nor length of the token shows in the time it takes. */
function sameToken(request: FastifyRequest, expected: Buffer): boolean {
  const given = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given.trim()), expected);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
