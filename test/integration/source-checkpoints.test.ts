/** Checkpoints on the compacted topic of a real broker: whole or not at all, and old chunks removed. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { CHUNK_BYTES, chunkKey } from '../../src/source/checkpoint-records.ts';
import { PartitionReader } from '../../src/source/kafka/reader.ts';
import { KafkaCheckpoints } from '../../src/source/kafka-checkpoints.ts';
import { need } from '../services/index.ts';
import { type KafkaFixture, kafkaFixture } from './source-kafka.ts';

function open(fixture: KafkaFixture, topic: string): KafkaCheckpoints {
  return new KafkaCheckpoints({ brokers: fixture.brokers, clientId: 'nightjar-test', ssl: false }, topic);
}

/** Newest value per key, as compaction would leave it. */
async function compacted(fixture: KafkaFixture, topic: string): Promise<Map<string, Buffer | null>> {
  const reader = new PartitionReader(fixture.kafka, topic, 0);
  const newest = new Map<string, Buffer | null>();
  const { low, high } = await reader.range();
  for await (const records of reader.read(low, high)) {
    for (const { key, value } of records) newest.set(String(key), value);
  }
  await reader.close();
  return newest;
}

const live = (newest: Map<string, Buffer | null>) =>
  [...newest].filter(([, value]) => value !== null).map(([key]) => key);

test('saves and loads over a restart, makes its topic, keeps shards apart', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = fixture.unique('test-checkpoint');
  fixture.topics.push(topic);
  const first = open(fixture, topic);
  assert.equal(await first.load('s'), undefined);
  const big = randomBytes(3 * CHUNK_BYTES + 17);
  await first.save('s', { positions: new Map([['calls/0', 4]]), version: 3, body: Buffer.from('small') });
  await first.save('s', {
    positions: new Map([
      ['calls/0', 7],
      ['calls/1', 0],
    ]),
    version: 3,
    body: big,
  });
  await first.save('calls/1', { positions: new Map(), version: 1, body: new Uint8Array() });
  await first.close();

  const second = open(fixture, topic);
  t.after(() => second.close());
  const loaded = await second.load('s');
  assert.deepEqual(
    loaded?.positions,
    new Map([
      ['calls/0', 7],
      ['calls/1', 0],
    ]),
  );
  assert.equal(loaded?.version, 3);
  assert.ok(big.equals(Buffer.from(loaded?.body ?? [])));
  assert.deepEqual(await second.load('calls/1'), { positions: new Map(), version: 1, body: Buffer.alloc(0) });
  assert.equal(await second.load('never'), undefined);

  const { resources } = await fixture.admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: 2, name: topic, configNames: ['cleanup.policy'] }],
  });
  assert.equal(resources[0]?.configEntries[0]?.configValue, 'compact');
});

test('a crash between chunks and manifest leaves the old one whole; its chunks are removed by the next save', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = fixture.unique('test-checkpoint');
  fixture.topics.push(topic);
  const before = open(fixture, topic);
  const body = randomBytes(CHUNK_BYTES + 1);
  await before.save('s', { positions: new Map([['calls/0', 10]]), version: 1, body });
  await before.close();
  for (const i of [0, 1]) {
    const messages = [{ key: chunkKey('s', 'crashed', i), value: randomBytes(1000), partition: 0 }];
    await fixture.producer.send({ topic, acks: -1, messages });
  }

  const after = open(fixture, topic);
  t.after(() => after.close());
  const loaded = await after.load('s');
  assert.equal(loaded?.positions.get('calls/0'), 10);
  assert.ok(body.equals(Buffer.from(loaded?.body ?? [])));
  assert.equal(live(await compacted(fixture, topic)).length, 2 + 1 + 2);

  await after.save('s', { positions: new Map([['calls/0', 11]]), version: 1, body: Buffer.from('next') });
  const left = live(await compacted(fixture, topic));
  assert.equal(left.length, 2, `one chunk and the manifest: ${left}`);
  assert.equal((await after.load('s'))?.positions.get('calls/0'), 11);
});

test('a damaged newest one is passed over for the one before', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = fixture.unique('test-checkpoint');
  fixture.topics.push(topic);
  const checkpoints = open(fixture, topic);
  t.after(() => checkpoints.close());
  await checkpoints.save('s', { positions: new Map([['calls/0', 1]]), version: 1, body: Buffer.from('good') });
  const manifest = {
    kind: 'checkpoint',
    seq: 'x',
    chunks: 1,
    first: 0,
    positions: [['calls/0', 2]],
    version: 1,
    sha256: 'no',
    garbage: [],
  };
  await fixture.producer.send({ topic, messages: [{ key: 's', value: JSON.stringify(manifest), partition: 0 }] });
  assert.equal((await checkpoints.load('s'))?.positions.get('calls/0'), 1);
});

test('the newest is found behind thousands of records of other shards, and quickly', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = fixture.unique('test-checkpoint');
  fixture.topics.push(topic);
  const checkpoints = open(fixture, topic);
  t.after(() => checkpoints.close());
  await checkpoints.save('s', { positions: new Map([['calls/0', 5]]), version: 1, body: Buffer.from('state') });
  const messages = Array.from({ length: 5_000 }, (_, i) => ({ key: `other-${i}`, value: 'x', partition: 0 }));
  await fixture.producer.send({ topic, messages });
  const started = performance.now();
  assert.equal((await checkpoints.load('s'))?.positions.get('calls/0'), 5);
  assert.ok(performance.now() - started < 2_000);
});

test('an unreachable broker is one clear error', async () => {
  const checkpoints = new KafkaCheckpoints({ brokers: ['127.0.0.1:1'], clientId: 'nightjar-test', ssl: false }, 'none');
  await assert.rejects(checkpoints.load('s'), { code: 'NJ_UNREACHABLE', message: /127\.0\.0\.1:1/ });
  await checkpoints.close();
});
