/** The audit log: the chain, what tampering looks like, and a line that a crash has torn. */
import assert from 'node:assert/strict';
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { AuditLog, verifyAudit } from '../../src/respond/audit.ts';
import { START, tempFolder } from './helpers.ts';

const entry = (n: number) => ({
  who: 'playbook:p',
  what: { event: 'done', n: String(n) },
  why: { alert: 'al_1', reason: null },
});

async function written(t: TestContext, count: number): Promise<string> {
  const path = join(await tempFolder(t), 'audit.ndjson');
  const log = await AuditLog.open(path, () => START);
  await Promise.all(Array.from({ length: count }, (_, i) => log.append(entry(i))));
  await log.close();
  return path;
}

const linesOf = async (path: string) => (await readFile(path, 'utf8')).trimEnd().split('\n');

test('lines are numbered, timed, chained and private; the chain goes on over a restart', async (t) => {
  const path = await written(t, 3);
  const log = await AuditLog.open(path, () => START + 1000);
  await log.append(entry(3));
  await log.close();
  const lines = (await linesOf(path)).map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ seq, what }) => [seq, what.n]),
    [
      [1, '0'],
      [2, '1'],
      [3, '2'],
      [4, '3'],
    ],
  );
  assert.equal(lines[3].time, '2026-11-23T10:00:01.000Z');
  assert.equal(lines[3].prev, lines[2].hash);
  assert.deepEqual(lines[0].why, { alert: 'al_1', reason: null });
  assert.deepEqual(await verifyAudit(path), { ok: true, lines: 4 });
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('an empty log is sound; a missing one is an error', async (t) => {
  const path = await written(t, 0);
  assert.deepEqual(await verifyAudit(path), { ok: true, lines: 0 });
  await assert.rejects(verifyAudit(`${path}.missing`), { code: 'NJ_INPUT' });
});

test('the first line that was changed, taken out, put in or moved is named', async (t) => {
  const path = await written(t, 5);
  const lines = await linesOf(path);
  const check = async (changed: (string | undefined)[]) => {
    await writeFile(path, `${changed.join('\n')}\n`);
    const result = await verifyAudit(path);
    return result.ok ? 'ok' : result.line;
  };
  const [a, b, c, d, e] = lines;
  assert.equal(await check([a, b, c?.replace('al_1', 'al_2'), d, e]), 3);
  assert.equal(await check([a, c, d, e]), 2);
  assert.equal(await check([a, b, b, c, d, e]), 3);
  assert.equal(await check([b, a, c, d, e]), 1);
  assert.equal(await check([a, b, '', c, d, e]), 3);
  assert.equal(await check([a, b, c, d, 'not json']), 5);
  assert.equal(await check([a, b, c, d, e]), 'ok');
});

test('a changed line whose own hash was made to fit breaks the chain at the next one', async (t) => {
  const path = await written(t, 3);
  const other = await written(t, 1);
  const forged = await AuditLog.open(other, () => START);
  await forged.append({ ...entry(1), why: { alert: 'forged', reason: null } });
  await forged.close();
  const [a, , c] = await linesOf(path);
  await writeFile(path, `${[a, (await linesOf(other))[1], c].join('\n')}\n`);
  assert.deepEqual(await verifyAudit(path), {
    ok: false,
    line: 3,
    reason: 'the line does not follow the one before it',
  });
});

test('a torn last line is cut off with a note, wherever the crash cut it', async (t) => {
  const path = await written(t, 3);
  const whole = await readFile(path);
  const start = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
  for (const cut of [start + 1, start + 40, whole.length - 2, whole.length - 1]) {
    await writeFile(path, whole.subarray(0, cut));
    const log = await AuditLog.open(path, () => START);
    await log.append(entry(9));
    await log.close();
    assert.deepEqual(await verifyAudit(path), { ok: true, lines: 4 });
    const lines = (await linesOf(path)).map((line) => JSON.parse(line));
    assert.equal(lines[2].what.event, 'audit-healed');
    assert.equal(lines[2].what.bytes, String(cut - start));
  }
});

test('a first line that is torn leaves only the note', async (t) => {
  const path = join(await tempFolder(t), 'audit.ndjson');
  await writeFile(path, '{"seq":1,"ti');
  await (await AuditLog.open(path, () => START)).close();
  assert.deepEqual(await verifyAudit(path), { ok: true, lines: 1 });
});

test('a whole last line that does not match its hash is not built on', async (t) => {
  const path = await written(t, 2);
  await writeFile(path, (await readFile(path, 'utf8')).replaceAll('al_1', 'al_2'));
  await assert.rejects(
    AuditLog.open(path, () => START),
    { code: 'NJ_INPUT', message: /last line of the audit log/ },
  );
  await appendFile(path, '\n');
  await assert.rejects(
    AuditLog.open(path, () => START),
    { code: 'NJ_INPUT' },
  );
});

test('an attacker chosen id stays on its line, in ASCII, and can be read back', async (t) => {
  const path = join(await tempFolder(t), 'audit.ndjson');
  const id = 'evil\u202e\n{"seq":9}\u2028\u0007é😀","prev":"x"},"hash":"y"}';
  const log = await AuditLog.open(path, () => START);
  await log.append({ who: 'playbook:p', what: { target: id }, why: {} });
  await log.append(entry(1));
  await log.close();
  const text = await readFile(path, 'latin1');
  assert.match(text, /^[\x20-\x7e\n]+$/);
  assert.equal(JSON.parse((await linesOf(path))[0] ?? '').what.target, id);
  assert.deepEqual(await verifyAudit(path), { ok: true, lines: 2 });
});
