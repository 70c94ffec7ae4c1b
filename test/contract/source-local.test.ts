/** Files and HTTP intake as sources. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { FileSource } from '../../src/source/file.ts';
import { HttpSource } from '../../src/source/http.ts';
import { MemorySpool } from '../source/memory-spool.ts';
import { sourceSuite } from './source.ts';

for (const [name, pack] of [
  ['file', (text: string) => text],
  ['gzipped file', (text: string) => gzipSync(text)],
] as const) {
  sourceSuite(name, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'nightjar-source-'));
    const path = join(dir, 'calls.jsonl');
    return {
      open: async () => new FileSource([path]),
      put: (values) => writeFile(path, pack(values.map((value) => `${value}\n`).join(''))),
      remembersCommits: false,
      end: () => rm(dir, { recursive: true, force: true }),
    };
  });
}

sourceSuite('http intake', async () => {
  const spool = new MemorySpool();
  return {
    open: async () => new HttpSource(spool, { port: 0, token: 'secret', maxBodyBytes: 100_000 }),
    put: async (values) => {
      await spool.append(values.map((value) => ({ value: Buffer.from(value), format: 'auto' })));
    },
    remembersCommits: true,
  };
});
