/** The service with no server at all: records over HTTP, state and queue in the embedded database, kept through kill -9. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { openDatabase } from '../../src/deliver/embedded/database.ts';
import { embeddedStore } from '../../src/deliver/embedded/store.ts';
import { hijackedCall } from '../support/hijacked-call.ts';
import { eventually, type Running, start, tempFolder } from '../support/nightjar.ts';

const SECRET = 'canary-7f3a-this-prompt-must-not-appear';

const call = (n: number, hijacked: boolean) => hijackedCall(n, hijacked, `What is new? ${SECRET}`);

async function startService(folder: string): Promise<{ running: Running; url: string; token: string }> {
  const running = start(['run', '--config', join(folder, 'n.json')]);
  const { intake, tokenFile } = JSON.parse(await running.line(/nightjar runs/));
  return { running, url: intake, token: readFileSync(tokenFile, 'utf8').trim() };
}

it('takes records over HTTP, stores alerts once, and loses none when killed right after the answer', {
  timeout: 120_000,
}, async (t) => {
  const folder = tempFolder(t);
  writeFileSync(
    join(folder, 'n.json'),
    JSON.stringify({ data: 'd', source: { http: { port: 0 } }, metrics: { port: 0 } }),
  );
  const first = await startService(folder);
  t.after(() => first.running.kill());

  const refused = await fetch(first.url, { method: 'POST', body: call(0, true) });
  assert.equal(refused.status, 401);
  const wrong = await fetch(first.url, {
    method: 'POST',
    body: call(0, true),
    headers: { authorization: 'Bearer wrong' },
  });
  assert.equal(wrong.status, 401);

  const lines = Array.from({ length: 40 }, (_, n) => call(n, n % 4 === 0));
  const bad = [
    'not json',
    `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    '{"__proto__":{"admin":true},"id":"x"}',
  ];
  const body = [...lines.slice(0, 20), ...bad, ...lines.slice(20)].join('\n');
  const accepted = await fetch(first.url, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${first.token}` },
  });
  assert.equal(accepted.status, 202);
  await first.running.kill();

  const second = await startService(folder);
  await eventually(async () => {
    const letters = readFileSync(join(folder, 'd/dead-letters.ndjson'), 'utf8').trim().split('\n');
    assert.equal(letters.length, bad.length);
  });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const { code, stderr } = await second.running.stop();
  assert.equal(code, 0, stderr);

  const letters = readFileSync(join(folder, 'd/dead-letters.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(letters.length, bad.length);
  for (const letter of letters) assert.ok(letter.reason, 'a reason');
  const database = await openDatabase(join(folder, 'd'));
  const alerts = await embeddedStore(database).findAlerts({ detector: 'toxic-flow', limit: 1_000 });
  await database.close();
  assert.deepEqual(
    alerts.map((alert) => alert.event_ids.at(-1)).sort(),
    lines.flatMap((_, n) => (n % 4 === 0 ? [`call-${n}`] : [])).sort(),
  );
  for (const text of [stderr, first.running.stderr(), JSON.stringify(alerts)])
    assert.ok(!text.includes(SECRET), 'no prompt in log or store');
});
