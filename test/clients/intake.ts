/** An intake on a free port whose kept records a test can decode, for real clients to post to. */
import type { TestContext } from 'node:test';
import { type Decoded, decode } from '../../src/format/decode.ts';
import { HttpSource } from '../../src/source/http.ts';
import { MemorySpool } from '../source/memory-spool.ts';

export const TOKEN = 'token-of-the-test';

export interface Intake {
  /** `http://127.0.0.1:port`. */
  origin: string;
  spool: MemorySpool;
  /** What the kept records decode to, in order of arrival. */
  decoded(): Decoded;
}

export async function openIntake(t: TestContext): Promise<Intake> {
  const spool = new MemorySpool();
  const read = (value: Uint8Array, format: string) => decode(value, { format, tenant: 'default' });
  const source = new HttpSource(spool, {
    port: 0,
    token: TOKEN,
    maxBodyBytes: 8_000_000,
    formats: ['litellm'],
    faults: (value, format) => read(value, format).errors,
  });
  const { origin } = new URL(await source.listen());
  t.after(() => source.stop());
  return {
    origin,
    spool,
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
