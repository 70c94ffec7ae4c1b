/** `nightjar audit verify` as a responder runs it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AuditLog } from '../../src/respond/audit.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const run = (...args: string[]) =>
  spawnSync(process.execPath, ['--import', 'tsx', MAIN, 'audit', 'verify', ...args], { encoding: 'utf8' });

test('a whole audit, one with a changed line, and none', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-audit-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'audit.ndjson');
  const log = await AuditLog.open(file, () => 0);
  for (const step of ['one', 'two', 'three']) await log.append({ who: 'playbook:p', what: { step }, why: {} });
  await log.close();

  const whole = run(file, '--json');
  assert.equal(whole.status, 0, whole.stderr);
  assert.deepEqual(JSON.parse(whole.stdout), { file, ok: true, lines: 3 });

  writeFileSync(file, readFileSync(file, 'utf8').replace('two', 'six'));
  const broken = run(file);
  assert.equal(broken.status, 3);
  assert.match(broken.stdout, /broken at line 2/);

  const none = run(join(folder, 'other.ndjson'));
  assert.equal(none.status, 2);
  assert.match(none.stderr, /^nightjar: .*cannot be read.*\n$/);
});
