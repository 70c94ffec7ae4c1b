/** Queues whose server hangs, goes away or loses a worker: nothing hangs, nothing is lost, work goes on by itself. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPostgresQueues } from '../../src/deliver/queues/postgres.ts';
import { openRedisQueues } from '../../src/deliver/queues/redis.ts';
import { NightjarError } from '../../src/errors.ts';
import type { Queues } from '../../src/ports.ts';
import { eventually } from '../contract/eventually.ts';
import { need } from '../services/index.ts';
import { startRedis } from '../services/redis.ts';
import { startProxy } from '../support/queues-proxy.ts';

const kinds = { redis: openRedisQueues, postgres: openPostgresQueues } as const;

async function timesOut(adding: Promise<void>): Promise<void> {
  const started = Date.now();
  await assert.rejects(adding, (error) => error instanceof NightjarError && error.retriable);
  assert.ok(Date.now() - started < 6_000, `took ${Date.now() - started} ms`);
}

for (const [kind, open] of Object.entries(kinds)) {
  test(`${kind} hangs, then is cut off: add fails within 5 s, and worker and add go on after it`, {
    timeout: 90_000,
  }, async (t) => {
    const servers = need(t, kind as keyof typeof kinds);
    if (!servers) return;
    const url = new URL(servers[kind as keyof typeof kinds]);
    const proxy = await startProxy({ host: url.hostname, port: Number(url.port) });
    url.port = String(proxy.port);
    const warnings: string[] = [];
    const queues = await open({
      url: url.href,
      prefix: `test-${randomUUID()}`,
      warn: (text) => void warnings.push(text),
    });
    try {
      const queue = queues.queue('responses');
      const seen: string[] = [];
      await queues.work('responses', async ({ id }) => void seen.push(id));
      await queue.add([{ id: 'before', data: {} }]);
      await eventually(() => assert.deepEqual(seen, ['before']));

      proxy.freeze();
      await timesOut(queue.add([{ id: 'frozen', data: {} }]));
      await proxy.heal();
      await queue.add([{ id: 'frozen', data: {} }]);
      await eventually(() => assert.deepEqual(seen, ['before', 'frozen']));

      await proxy.cut();
      await timesOut(queue.add([{ id: 'cut', data: {} }]));
      await sleep(6_000);
      await proxy.heal();
      const healed = Date.now();
      await eventually(() => queue.add([{ id: 'cut', data: {} }]), 10_000);
      await eventually(() => assert.deepEqual(seen, ['before', 'frozen', 'cut']));
      assert.ok(Date.now() - healed < 10_000, `took ${Date.now() - healed} ms to go on`);
      assert.ok(warnings.length > 0, 'nobody was told');
    } finally {
      await queues.close();
      await proxy.close();
    }
  });

  test(`${kind}: queues close in time although the server is gone`, { timeout: 60_000 }, async (t) => {
    const servers = need(t, kind as keyof typeof kinds);
    if (!servers) return;
    const url = new URL(servers[kind as keyof typeof kinds]);
    const proxy = await startProxy({ host: url.hostname, port: Number(url.port) });
    url.port = String(proxy.port);
    const queues = await open({ url: url.href, prefix: `test-${randomUUID()}`, warn() {} });
    await queues.work('alerts', async () => {});
    await queues.queue('alerts').add([{ id: 'a', data: {} }]);
    await proxy.cut();
    const started = Date.now();
    await queues.close();
    assert.ok(Date.now() - started < 21_000, `took ${Date.now() - started} ms`);
  });

  test(`${kind}: a job whose worker is killed runs again on another within 15 s`, { timeout: 60_000 }, async (t) => {
    const servers = need(t, kind as keyof typeof kinds);
    if (!servers) return;
    const options = { url: servers[kind as keyof typeof kinds], prefix: `test-${randomUUID()}` };
    const queues = await open({ ...options, warn() {} });
    const child = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        new URL('../support/queues-hanging-worker.ts', import.meta.url).pathname,
        kind,
        JSON.stringify(options),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      await queues.queue('responses').add([{ id: 'revoke-a', data: {} }]);
      const [line] = await once(child.stdout, 'data');
      assert.match(String(line), /revoke-a/);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const killed = Date.now();
      const seen: string[] = [];
      await queues.work('responses', async ({ id }) => void seen.push(id));
      await eventually(() => assert.deepEqual(seen, ['revoke-a']), 20_000);
      assert.ok(Date.now() - killed < 15_000, `took ${Date.now() - killed} ms`);
    } finally {
      child.kill('SIGKILL');
      await queues.close();
    }
  });
}

test('closing gives a stuck handler 10 s, not more', { timeout: 60_000 }, async (t) => {
  const servers = need(t, 'redis');
  if (!servers) return;
  const queues = await openRedisQueues({ url: servers.redis, prefix: `test-${randomUUID()}`, warn() {} });
  let release = () => {};
  let started = false;
  await queues.queue('alerts').add([{ id: 'stuck', data: {} }]);
  await queues.work('alerts', () => {
    started = true;
    return new Promise<void>((resolve) => {
      release = resolve;
    });
  });
  await eventually(() => assert.equal(started, true));
  const from = Date.now();
  await queues.close();
  const took = Date.now() - from;
  release();
  assert.ok(took > 9_000 && took < 12_000, `took ${took} ms`);
});

test('Redis is killed and comes back: accepted jobs are there, the worker goes on', { timeout: 90_000 }, async (t) => {
  if (!need(t, 'redis')) return;
  const redis = await startRedis();
  let again: Awaited<ReturnType<typeof startRedis>> | undefined;
  let queues: Queues | undefined;
  try {
    queues = await openRedisQueues({ url: redis.address, prefix: 'test', warn() {} });
    const seen = new Set<string>();
    const queue = queues.queue('alerts');
    const ids = Array.from({ length: 200 }, (_, i) => `job-${i}`);
    await queue.add(ids.map((id) => ({ id, data: {} })));
    await redis.kill();
    const worker = queues.work('alerts', async ({ id }) => void seen.add(id), { concurrency: 4 });
    await assert.rejects(worker, NightjarError);
    await sleep(1_000);
    again = await startRedis({ port: redis.port, dir: redis.dir });
    const backAt = Date.now();
    await queues.work('alerts', async ({ id }) => void seen.add(id), { concurrency: 4 });
    await eventually(() => assert.equal(seen.size, ids.length), 20_000);
    assert.ok(Date.now() - backAt < 10_000, `took ${Date.now() - backAt} ms`);
  } finally {
    await queues?.close();
    await again?.stop();
    await redis.stop();
  }
});
