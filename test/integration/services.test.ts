/** The real servers of the test run do what the other tests expect of them. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '@elastic/elasticsearch';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { need } from '../services/index.ts';
import { startRedis } from '../services/redis.ts';

test('kafka takes a topic, a record and a consumer group, and makes no topic by itself', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const kafka = new Kafka({ brokers: servers.kafka.split(','), logLevel: logLevel.NOTHING, retry: { retries: 2 } });
  const topic = `services-${randomUUID()}`;
  const admin = kafka.admin();
  const producer = kafka.producer({ allowAutoTopicCreation: true });
  const consumer = kafka.consumer({ groupId: topic });
  await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
  t.after(async () => {
    await admin.deleteTopics({ topics: [topic] });
    await Promise.all([admin.disconnect(), producer.disconnect(), consumer.disconnect()]);
  });
  await assert.rejects(producer.send({ topic: `absent-${topic}`, messages: [{ value: 'x' }] }));
  await admin.createTopics({
    topics: [{ topic, numPartitions: 2, configEntries: [{ name: 'cleanup.policy', value: 'compact' }] }],
  });
  const large = Buffer.alloc(5 * 1024 * 1024, 'x');
  await producer.send({ topic, messages: [{ key: 'k', value: large }] });
  const received = new Promise<number>((resolve) => {
    consumer
      .subscribe({ topic, fromBeginning: true })
      .then(() => consumer.run({ eachMessage: async ({ message }) => resolve(message.value?.length ?? 0) }));
  });
  assert.equal(await received, large.length);
});

test('redis keeps an append-only file and evicts nothing', async (t) => {
  const servers = need(t, 'redis');
  if (!servers) return;
  const redis = new Redis(servers.redis);
  t.after(() => redis.quit());
  assert.equal(await redis.ping(), 'PONG');
  assert.deepEqual(await redis.config('GET', 'appendonly'), ['appendonly', 'yes']);
  assert.deepEqual(await redis.config('GET', 'maxmemory-policy'), ['maxmemory-policy', 'noeviction']);
});

test('postgres answers', async (t) => {
  const servers = need(t, 'postgres');
  if (!servers) return;
  const client = new pg.Client({ connectionString: servers.postgres });
  await client.connect();
  t.after(() => client.end());
  assert.deepEqual((await client.query('select 1 as one')).rows, [{ one: 1 }]);
});

test('elasticsearch indexes and finds', async (t) => {
  const servers = need(t, 'elasticsearch');
  if (!servers) return;
  const client = new Client({ node: servers.elasticsearch });
  const index = `services-${randomUUID()}`;
  t.after(async () => {
    await client.indices.delete({ index, ignore_unavailable: true });
    await client.close();
  });
  await client.index({ index, id: '1', document: { message: 'a bird of the night' }, refresh: true });
  const found = await client.search({ index, query: { match: { message: 'bird' } } });
  assert.equal(found.hits.hits[0]?._id, '1');
});

test('a private redis that was killed comes back on its port and folder with its data', async (t) => {
  if (!need(t, 'redis')) return;
  const dir = mkdtempSync(join(tmpdir(), 'services-test-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const first = await startRedis({ dir });
  const writer = new Redis(first.address, { retryStrategy: () => null });
  writer.on('error', () => {});
  await writer.set('kept', 'yes');
  await first.kill();
  writer.disconnect();
  assert.equal(first.alive(), false);
  const second = await startRedis({ dir, port: first.port });
  t.after(() => second.stop());
  const reader = new Redis(second.address);
  t.after(() => reader.quit());
  assert.equal(await reader.get('kept'), 'yes');
});
