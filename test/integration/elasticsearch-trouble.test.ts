/** A real node in trouble: too little memory for what is written, killed in the middle, back again. Nothing is lost, nothing is double. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openElasticsearchStore } from '../../src/deliver/elasticsearch/store.ts';
import { NightjarError } from '../../src/errors.ts';
import { RetryLater } from '../../src/ports.ts';
import { sampleAlert } from '../deliver/sample.ts';
import { startElasticsearch } from '../services/elasticsearch.ts';
import { need } from '../services/index.ts';

test('true 429s and a killed node cost time only', { timeout: 180_000 }, async (t) => {
  if (!need(t, 'elasticsearch')) return;
  const dir = await mkdtemp(join(tmpdir(), 'nightjar-es-trouble-'));
  const settings = { 'indexing_pressure.memory.limit': '64kb' };
  let node = await startElasticsearch({ dir, settings });
  const store = openElasticsearchStore({ node: node.address, namespace: 'trouble' });
  t.after(async () => {
    await store.close();
    await node.stop();
    await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });
  await store.setup();

  const alerts = Array.from({ length: 200 }, (_, n) => sampleAlert({ id: `al_${String(n).padStart(3, '0')}` }));
  let returned = 0;
  /** What a queue does: an alert that has to wait comes again. */
  const persist = async (n: number): Promise<void> => {
    const alert = alerts[n]!;
    for (;;) {
      try {
        return await store.putAlert(alert);
      } catch (error) {
        const waits =
          error instanceof RetryLater || (error instanceof NightjarError && error.code === 'NJ_UNREACHABLE');
        assert.ok(waits, String(error));
        returned++;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  };

  const line = (n: number): string => `{"create":{"_index":"scratch","_id":"${n}"}}\n{"text":"${'x'.repeat(2_000)}"}\n`;
  const tooMuch = await fetch(`${node.address}/_bulk`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: Array.from({ length: 150 }, (_, n) => line(n)).join(''),
  });
  assert.equal(tooMuch.status, 429, 'the node really refuses that much at once');

  await Promise.all(alerts.slice(0, 150).map((_, n) => persist(n)));
  assert.equal((await store.findAlerts({ limit: 500 })).length, 150);
  assert.equal(returned, 0, 'the writer copes with 429s by itself');

  const written = Promise.all(alerts.slice(100).map((_, n) => persist(100 + n)));
  await node.kill();
  await assert.rejects(store.putAlert(alerts[0]!), (error) => {
    return error instanceof NightjarError && error.code === 'NJ_UNREACHABLE' && error.message.includes(node.address);
  });
  node = await startElasticsearch({ dir, settings, port: node.port });
  await written;
  assert.ok(returned > 0, 'the outage was felt');
  const found = (await store.findAlerts({ limit: 500 })).map((alert) => alert.id).sort();
  assert.deepEqual(
    found,
    alerts.map((alert) => alert.id),
  );
});
