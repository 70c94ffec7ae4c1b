/** Dead letters in a file. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeadLetter } from '../../src/ports.ts';
import { FileDeadLetters } from '../../src/source/dead-letters.ts';
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
