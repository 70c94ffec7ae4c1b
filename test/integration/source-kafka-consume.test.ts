/** The Kafka source on a real broker: reading, committing, resuming, idle partitions, gaps, refusal by the pipeline. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NightjarError } from '../../src/errors.ts';
import { need } from '../services/index.ts';
import { Collector, runUntil, until } from '../source/collector.ts';
import { kafkaFixture, numbers } from './source-kafka.ts';

test('reads from the beginning, commits, and resumes behind the commit', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(2);
  const group = fixture.unique('group');
  await fixture.send(topic, 0, numbers(0, 50));
  await fixture.send(topic, 1, numbers(100, 150));

  const first = new Collector();
  const source = fixture.source(topic, group);
  const running = source.run(first);
  await until(() => first.all.length === 100, 'all 100 records');
  assert.deepEqual(first.values.get(`${topic}/0`), numbers(0, 50));
  assert.deepEqual(first.values.get(`${topic}/1`), numbers(100, 150));
  await source.commit(
    new Map([
      [`${topic}/0`, 30],
      [`${topic}/1`, 50],
      ['elsewhere/7', 3],
    ]),
  );
  assert.equal(await fixture.committed(group, topic, 0), 30);
  await source.stop();
  await running;
  assert.deepEqual(first.revocations.flat().sort(), [`${topic}/0`, `${topic}/1`]);

  const second = new Collector();
  await runUntil(fixture.source(topic, group), second, () => second.caughtUp.size === 2, 'both caught up');
  assert.deepEqual(second.all, numbers(30, 50));
});

test('what the pipeline commits while it hands back at the stop is kept', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(1);
  const group = fixture.unique('group');
  await fixture.send(topic, 0, numbers(0, 10));
  const collector = new Collector();
  const source = fixture.source(topic, group);
  collector.revoked = async () => source.commit(collector.next);
  await runUntil(source, collector, () => collector.all.length === 10, 'all');
  assert.equal(await fixture.committed(group, topic, 0), 10);
});

test('a checkpoint position wins over the committed offset', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(1);
  const group = fixture.unique('group');
  await fixture.send(topic, 0, numbers(0, 20));
  const first = new Collector();
  const source = fixture.source(topic, group);
  const running = source.run(first);
  await until(() => first.all.length === 20, 'all');
  await source.commit(new Map([[`${topic}/0`, 20]]));
  await source.stop();
  await running;

  const second = new Collector();
  second.positions.set(`${topic}/0`, 7);
  await runUntil(fixture.source(topic, group), second, () => second.caughtUp.size === 1, 'caught up');
  assert.deepEqual(second.all, numbers(7, 20));
});

test('empty partitions are reported as caught up, and one that waits does not block the others', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(4);
  const big = 'x'.repeat(20_000);
  // Several fetches for each of the two, so that one of them can only go on while the other waits in the pipeline.
  for (let i = 0; i < 15; i++) {
    await fixture.send(
      topic,
      0,
      Array.from({ length: 20 }, () => big),
    );
    await fixture.send(
      topic,
      1,
      Array.from({ length: 20 }, () => big),
    );
  }
  const collector = new Collector();
  collector.onBatch = async (batch, alive) => {
    if (batch.partition !== `${topic}/0`) return;
    while (!['1', '2', '3'].every((n) => collector.caughtUp.has(`${topic}/${n}`))) {
      await alive();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const started = performance.now();
  await runUntil(
    fixture.source(topic, fixture.unique('group')),
    collector,
    () => collector.caughtUp.size === 4,
    'all four caught up',
  );
  assert.equal(collector.values.get(`${topic}/0`)?.length, 300);
  assert.equal(collector.values.get(`${topic}/1`)?.length, 300);
  assert.equal(collector.values.get(`${topic}/2`)?.length, 0);
  assert.ok(performance.now() - started < 15_000);
});

test('from latest skips what was there, once: a restart before any checkpoint loses nothing', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(1);
  const group = fixture.unique('group');
  await fixture.send(topic, 0, numbers(0, 10));
  const first = new Collector();
  await runUntil(fixture.source(topic, group, { from: 'latest' }), first, () => first.caughtUp.size === 1, 'caught up');
  assert.deepEqual(first.all, []);
  await fixture.send(topic, 0, numbers(10, 15));
  const second = new Collector();
  await runUntil(fixture.source(topic, group, { from: 'latest' }), second, () => second.all.length === 5, 'the five');
  assert.deepEqual(second.all, numbers(10, 15));
});

test('records deleted before they were read are counted as a gap', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(2);
  await fixture.send(topic, 0, numbers(0, 30));
  await fixture.send(topic, 1, numbers(0, 30));
  await fixture.deleteBefore(topic, { 0: 12, 1: 30 });
  const collector = new Collector();
  collector.positions = new Map([
    [`${topic}/0`, 5],
    [`${topic}/1`, 10],
  ]);
  await runUntil(
    fixture.source(topic, fixture.unique('group')),
    collector,
    () => collector.caughtUp.size === 2,
    'caught up',
  );
  assert.deepEqual(collector.all, numbers(12, 30));
  assert.equal(collector.skipped, 7 + 20);
});

test('a gap that opens while reading is counted', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(1);
  const big = 'y'.repeat(100_000);
  const count = 200;
  for (let i = 0; i < count; i += 5)
    await fixture.send(
      topic,
      0,
      Array.from({ length: 5 }, () => big),
    );
  const collector = new Collector();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  collector.onBatch = () => held;
  const source = fixture.source(topic, fixture.unique('group'));
  const running = source.run(collector);
  // The lane fills (4 MB) and is paused, far from the end of 20 MB; then the rest is taken away.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await fixture.deleteBefore(topic, { 0: count - 10 });
  release();
  await until(() => collector.caughtUp.size === 1, 'caught up');
  await source.stop();
  await running;
  assert.ok(collector.skipped > 50, `skipped ${collector.skipped}`);
  assert.equal(collector.all.length + collector.skipped, count);
});

test('transactions: markers and aborted records are no gap, and the end is reported', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(1);
  const producer = fixture.kafka.producer({
    transactionalId: fixture.unique('tx'),
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  t.after(() => producer.disconnect());
  const collector = new Collector();
  const source = fixture.source(topic, fixture.unique('group'));
  const running = source.run(collector);
  for (const [value, commit] of [
    ['a', true],
    ['b', false],
    ['c', true],
  ] as const) {
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ value }] });
    if (commit) await transaction.commit();
    else await transaction.abort();
  }
  await until(
    () => collector.all.length === 2 && collector.next.get(`${topic}/0`) === 6,
    'position behind the last marker',
  );
  assert.ok(collector.caughtUp.has(`${topic}/0`));
  await source.stop();
  await running;
  assert.deepEqual(collector.all, ['a', 'c']);
  assert.equal(collector.skipped, 0);
});

test('a pipeline that throws is given the records again from its checkpoint; every kind of error; the source stays alive', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(1);
  await fixture.send(topic, 0, numbers(0, 10));
  const collector = new Collector();
  collector.positions.set(`${topic}/0`, 4);
  const errors = [
    new TypeError('x is undefined'),
    new RangeError('deep'),
    new Error('plain'),
    new NightjarError('NJ_TIMEOUT', 'queue'),
  ];
  let calls = 0;
  collector.onBatch = async (batch) => {
    if (batch.records.length === 0) return;
    const error = errors[calls++];
    if (error) throw error;
  };
  await runUntil(
    fixture.source(topic, fixture.unique('group')),
    collector,
    () => collector.all.length === 6,
    'the six',
    30_000,
  );
  assert.deepEqual(collector.all, numbers(4, 10));
  assert.equal(calls, 5);
  assert.equal(collector.assignments.length, 5);
  assert.equal(collector.revocations.length, 5);
});

test('a pipeline that always fails ends the source with NJ_SOURCE_DEAD; so does one that hangs', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(1);
  await fixture.send(topic, 0, ['poison']);
  const failing = new Collector();
  failing.onBatch = async () => {
    throw new TypeError('broken detector');
  };
  await assert.rejects(fixture.source(topic, fixture.unique('group')).run(failing), (error: NightjarError) => {
    assert.equal(error.code, 'NJ_SOURCE_DEAD');
    assert.match(error.message, /broken detector/);
    return true;
  });
  const hanging = new Collector();
  let release = () => {};
  hanging.onBatch = () =>
    new Promise((resolve) => {
      release = resolve;
    });
  const dying = fixture.source(topic, fixture.unique('group'), { stallMs: 1_500 }).run(hanging);
  await assert.rejects(dying, { code: 'NJ_SOURCE_DEAD' });
  release();
});

test('a topic that does not exist yet is waited for, with a warning that names it', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = fixture.unique('test-source-late');
  const lines: string[] = [];
  const source = fixture.source(topic, fixture.unique('group'), {
    log: (level, message) => void (level === 'warn' && lines.push(message)),
  });
  const collector = new Collector();
  const running = source.run(collector);
  await until(() => lines.length > 0, 'a warning');
  assert.match(lines[0] ?? '', new RegExp(topic));
  await fixture.admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
  fixture.topics.push(topic);
  await fixture.send(topic, 0, ['hello']);
  await until(() => collector.all.length === 1, 'the record');
  await source.stop();
  await running;
});

test('the lag is what the pipeline has not taken in, by topic: it stands while the pipeline does, and goes to nothing', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const [slow, quick] = [await fixture.makeTopic(2), await fixture.makeTopic(1)];
  await fixture.send(slow, 0, numbers(0, 30));
  await fixture.send(slow, 1, numbers(30, 40));
  await fixture.send(quick, 0, numbers(0, 5));
  const collector = new Collector();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  collector.onBatch = async ({ partition }) => {
    if (partition.startsWith(slow)) await held;
  };
  const told: Record<string, number>[] = [];
  const source = fixture.source(slow, fixture.unique('group'), {
    topics: [slow, quick].map((topic) => ({ topic, format: 'auto' })),
    onLag: (lag) => void told.push(Object.fromEntries(lag)),
  });
  const running = source.run(collector);
  await until(() => told.at(-1)?.[slow] === 40 && told.at(-1)?.[quick] === 0, 'the lag of a pipeline that stands');
  await fixture.send(slow, 1, numbers(40, 43));
  await until(() => told.at(-1)?.[slow] === 43, 'what came since counts');
  release();
  await until(() => told.at(-1)?.[slow] === 0, 'nothing is left');
  await source.stop();
  await running;
});
