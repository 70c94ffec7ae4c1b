/** An intake on a free port whose kept records a test can decode, for real clients to post to. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { type Decoded, decode } from '../../src/format/decode.ts';
import { HttpSource, type HttpSourceOptions } from '../../src/source/http.ts';
import { MemorySpool } from '../source/memory-spool.ts';

export const TOKEN = 'token-of-the-test';

export interface Intake {
  /** `http://127.0.0.1:port`. */
  origin: string;
  spool: MemorySpool;
  source: HttpSource;
  /** Status of each answer that refused a request. */
  refused: number[];
  /** What the kept records decode to, in order of arrival. */
  decoded(): Decoded;
}

export async function openIntake(t: TestContext, options: Partial<HttpSourceOptions> = {}): Promise<Intake> {
  const spool = new MemorySpool();
  const read = (value: Uint8Array, format: string) => decode(value, { format, tenant: 'default' });
  const source = new HttpSource(spool, {
    port: 0,
    token: TOKEN,
    maxBodyBytes: 8_000_000,
    formats: ['litellm'],
    faults: (value, format) => read(value, format).errors,
    ...options,
  });
  const { origin } = new URL(await source.listen());
  const refused: number[] = [];
  const watch = (message: unknown) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (request.headers.host !== new URL(origin).host) return;
    if (response.statusCode >= 400) refused.push(response.statusCode);
  };
  subscribe('http.server.response.finish', watch);
  t.after(async () => {
    unsubscribe('http.server.response.finish', watch);
    await source.stop();
  });
  return {
    origin,
    spool,
    source,
    refused,
    decoded: () => {
      const all: Decoded = { events: [], notCalls: 0, errors: [] };
      for (const { value, format } of spool.records) {
        const { events, notCalls, errors } = read(value, format);
        all.events.push(...events);
        all.errors.push(...errors);
        all.notCalls += notCalls;
      }
      return all;
    },
  };
}
