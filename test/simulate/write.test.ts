/** Writing a simulation to a folder. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { simulate } from '../../src/simulate/simulate.ts';
import { writeSimulation } from '../../src/simulate/write.ts';

test('the folder holds the log and the truth', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'nightjar-sim-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const options = { seed: 3, days: 1, start: Date.UTC(2026, 8, 8), people: 8, agents: 3, scale: 0.3 };
  const written = await writeSimulation(join(folder, 'new'), options);
  const text = gunzipSync(await readFile(written.logs)).toString('utf8');
  const lines = text.trimEnd().split('\n');
  assert.equal(lines.length, written.records);
  assert.equal(Buffer.byteLength(text), written.bytes);
  const expected = [...simulate(options)].map((r) => JSON.stringify(r.record));
  assert.deepEqual(lines, expected);
  const truth = JSON.parse(await readFile(written.truth, 'utf8'));
  assert.equal(truth.campaigns.length, written.campaigns);
  for (const c of truth.campaigns) for (const id of c.record_ids) assert.ok(text.includes(`"${id}"`), c.id);
});
