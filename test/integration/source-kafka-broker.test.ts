/** The broker dies and comes back: the source waits, says so, and goes on where it was. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { need } from '../services/index.ts';
import { startKafka } from '../services/kafka.ts';
import { Collector, until } from '../source/collector.ts';
import { kafkaFixture, numbers } from './source-kafka.ts';

test('a broker that is killed and started again: reading goes on within 30 s, nothing lost', {
  timeout: 120_000,
}, async (t) => {
  // Its own broker, since others use the shared one; where that one could be started, so can this.
  if (!need(t, 'kafka')) return;
  const dir = await mkdtemp(join(tmpdir(), 'nightjar-broker-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  let broker = await startKafka({ dir });
  t.after(() => broker.stop());
  const fixture = await kafkaFixture(t, broker.address);
  const topic = await fixture.makeTopic(2);
  await fixture.send(topic, 0, numbers(0, 100));
  const states: string[] = [];
  const warnings: string[] = [];
  const source = fixture.source(topic, fixture.unique('group'), {
    onState: (state) => states.push(state),
    log: (level, line) => void (level === 'warn' && warnings.push(line)),
  });
  const collector = new Collector();
  // Like a pipeline: positions are those of its last checkpoint, here every batch.
  collector.positions = collector.next;
  const running = source.run(collector);
  await until(() => collector.all.length === 100, 'the first hundred');
  await broker.kill();
  await until(() => states.at(-1) === 'disconnected', 'the loss is noticed', 30_000);
  await source.commit(collector.next);
  broker = await startKafka({ dir, port: broker.port });
  const started = performance.now();
  await fixture.send(topic, 1, numbers(100, 200));
  await until(() => collector.all.length >= 200, 'the second hundred', 30_000);
  assert.ok(performance.now() - started < 30_000);
  assert.deepEqual(
    collector.all.map(Number).sort((a, b) => a - b),
    numbers(0, 200).map(Number),
  );
  assert.equal(states.at(-1), 'connected');
  assert.ok(
    warnings.some((line) => line.includes('trying again')),
    warnings.join('\n'),
  );
  await source.stop();
  await running;
});
