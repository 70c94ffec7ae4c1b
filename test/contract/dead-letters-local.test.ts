/** Dead letters in a file and on a stream. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { DeadLetter } from '../../src/ports.ts';
import { FileDeadLetters, StreamDeadLetters } from '../../src/source/dead-letters.ts';
import { deadLettersSuite } from './dead-letters.ts';

function parse(text: string): DeadLetter[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const { dead_letter: _, ...letter } = JSON.parse(line);
    return letter;
  });
}

deadLettersSuite('a file', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'nightjar-dead-'));
  const path = join(dir, 'dead.ndjson');
  return {
    open: () => FileDeadLetters.open(path),
    read: async () => parse(await readFile(path, 'utf8')),
    remembers: true,
    end: () => rm(dir, { recursive: true, force: true }),
  };
});

deadLettersSuite('a stream', async () => {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  return { open: async () => new StreamDeadLetters(stream), read: async () => parse(text), remembers: false };
});
