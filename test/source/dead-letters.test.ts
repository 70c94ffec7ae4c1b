/** The file of dead letters: what only a file can suffer. */
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FileDeadLetters } from '../../src/source/dead-letters.ts';

test('a repeated letter is written once, also after reopening; a torn last line does not spoil the next', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'nightjar-dead-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const path = join(dir, 'dead.ndjson');
  const letter = (position: number) => ({ partition: 'calls/0', position, reason: 'not JSON', shape: 'x', bytes: 1 });
  const first = await FileDeadLetters.open(path);
  await Promise.all([first.put([letter(1), letter(1)]), first.put([letter(1), letter(2)])]);
  await first.close();
  await appendFile(path, '{"partition":"calls/0","posi');
  const second = await FileDeadLetters.open(path);
  await second.put([letter(2), letter(3)]);
  await second.close();
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  assert.equal(lines.length, 4);
  assert.deepEqual(
    [0, 1, 3].map((i) => JSON.parse(lines[i] ?? '').position),
    [1, 2, 3],
  );
});

test('a folder that does not exist is one clear line', async () => {
  await assert.rejects(FileDeadLetters.open('/nowhere/at/all'), { code: 'NJ_INPUT', message: /\/nowhere\/at\/all/ });
});
