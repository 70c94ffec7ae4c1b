/** Where reading begins on a real broker: at a time, at the end, and at the beginning of what was made later. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { need } from '../services/index.ts';
import { Collector, runUntil, until } from '../source/collector.ts';
import { type KafkaFixture, kafkaFixture, numbers } from './source-kafka.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 5, 1);

/** One record an hour, named by its hour. */
async function sendHourly(fixture: KafkaFixture, topic: string, partition: number, from: number, to: number) {
  const messages = numbers(from, to).map((value) => ({
    value,
    partition,
    timestamp: String(START + Number(value) * HOUR),
  }));
  await fixture.producer.send({ topic, acks: -1, messages });
}

test('from a time: the first record that is not older, in each partition; a committed offset and a checkpoint win over it', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(4);
  const group = fixture.unique('group');
  await sendHourly(fixture, topic, 0, 0, 10);
  await sendHourly(fixture, topic, 1, 20, 25);
  await sendHourly(fixture, topic, 2, 0, 3);
  // Between the records of hours 4 and 5.
  const from = START + 4.5 * HOUR;

  const first = new Collector();
  const source = fixture.source(topic, group, { from });
  const running = source.run(first);
  await until(() => first.caughtUp.size === 4, 'all caught up');
  assert.deepEqual(first.values.get(`${topic}/0`), numbers(5, 10));
  assert.deepEqual(first.values.get(`${topic}/1`), numbers(20, 25));
  assert.deepEqual(first.values.get(`${topic}/2`), [], 'all of it is older');
  assert.equal(first.skipped, 0, 'what was left out on purpose is no gap');
  await sendHourly(fixture, topic, 3, 30, 31);
  await until(() => first.all.includes('30'), 'a partition that was empty');
  await source.commit(new Map([[`${topic}/0`, 8]]));
  await source.stop();
  await running;

  const second = new Collector();
  second.positions.set(`${topic}/1`, 2);
  await runUntil(fixture.source(topic, group, { from }), second, () => second.caughtUp.size === 4, 'caught up again');
  assert.deepEqual(second.values.get(`${topic}/0`), numbers(8, 10), 'from the committed offset');
  assert.deepEqual(second.values.get(`${topic}/1`), numbers(22, 25), 'from the checkpoint');
  assert.deepEqual(second.values.get(`${topic}/3`), ['30'], 'from the remembered start');
});

test('exactly at the time of a record that record is read', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(1);
  await sendHourly(fixture, topic, 0, 0, 6);
  const collector = new Collector();
  const source = fixture.source(topic, fixture.unique('group'), { from: START + 4 * HOUR });
  await runUntil(source, collector, () => collector.caughtUp.size === 1, 'caught up');
  assert.deepEqual(collector.all, numbers(4, 6));
});

test('from latest: a partition that is added later is read from its beginning, also when it was added while we were down', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(1);
  const group = fixture.unique('group');
  await fixture.send(topic, 0, ['old']);
  const first = new Collector();
  await runUntil(fixture.source(topic, group, { from: 'latest' }), first, () => first.caughtUp.size === 1, 'caught up');
  await fixture.admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] });
  await until(async () => (await fixture.admin.fetchTopicOffsets(topic)).length === 2, 'the second partition');
  // A producer that knows the topic from before drops what goes to the new partition.
  await (await kafkaFixture(t, servers.kafka)).send(topic, 1, ['new']);
  const second = new Collector();
  await runUntil(fixture.source(topic, group, { from: 'latest' }), second, () => second.all.length > 0, 'the record');
  assert.deepEqual(second.all, ['new']);
});

test('a named topic that is made after the start is read from its beginning, from latest too', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const early = await fixture.makeTopic(1);
  const late = fixture.unique('test-source');
  await fixture.send(early, 0, ['old']);
  const collector = new Collector();
  const topics = [early, late].map((topic) => ({ topic, format: 'auto' }));
  const source = fixture.source(early, fixture.unique('group'), { from: 'latest', topics });
  const running = source.run(collector);
  await until(() => collector.caughtUp.size === 1, 'the first topic');
  fixture.topics.push(late);
  await fixture.admin.createTopics({ topics: [{ topic: late, numPartitions: 1 }], waitForLeaders: true });
  // Written before it can have been noticed.
  await fixture.send(late, 0, numbers(0, 20));
  await until(() => collector.all.length >= 20, 'all records of the late topic', 30_000);
  await source.stop();
  await running;
  assert.deepEqual(collector.all, numbers(0, 20));
});
