/** Topics by pattern on a real broker: what fits, in which format, what never fits, and what is made after the start. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KafkaSource } from '../../src/source/kafka.ts';
import { need } from '../services/index.ts';
import { Collector, until } from '../source/collector.ts';
import { kafkaFixture, numbers } from './source-kafka.ts';

test('a pattern reads every topic that fits, later ones from their beginning without a restart; each in the format of its entry', {
  timeout: 120_000,
}, async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const prefix = fixture.unique('llm');
  const make = async (name: string) => {
    fixture.topics.push(name);
    await fixture.admin.createTopics({ topics: [{ topic: name, numPartitions: 2 }], waitForLeaders: true });
  };
  const [named, first, other] = [`${prefix}-named`, `${prefix}-a`, `x-${prefix}-a`];
  const [deadLetterTopic, checkpointTopic] = [`${prefix}-dead`, `${prefix}-checkpoint`];
  for (const topic of [named, first, other, deadLetterTopic, checkpointTopic]) await make(topic);
  for (const topic of [named, first, other, deadLetterTopic, checkpointTopic])
    await fixture.send(topic, 0, [`old of ${topic}`]);
  const lines: string[] = [];
  const source = new KafkaSource(
    {
      brokers: fixture.brokers,
      clientId: 'nightjar-test',
      group: fixture.unique('group'),
      topics: [
        { pattern: `${prefix}-.*`, format: 'otlp' },
        { topic: named, format: 'litellm' },
        { pattern: `${prefix}-never`, format: 'auto' },
      ],
      deadLetterTopic,
      checkpointTopic,
      from: 'latest',
      ssl: false,
      sessionTimeoutMs: 6_000,
    },
    { log: (level, line) => void (level === 'warn' && lines.push(line)) },
  );
  const collector = new Collector();
  collector.positions = collector.next;
  const running = source.run(collector);
  await until(() => collector.caughtUp.size === 4, 'both topics that are there');
  assert.ok(
    lines.some((line) => line.includes(`/${prefix}-never/ does not exist yet`)),
    'a pattern that nothing fits is named',
  );
  const late = [`${prefix}-late-1`, `${prefix}-late-2`];
  for (const topic of late) {
    await make(topic);
    await fixture.send(topic, 0, numbers(0, 30));
    await fixture.send(topic, 1, numbers(30, 50));
    await until(() => collector.all.length >= 50 * (late.indexOf(topic) + 1), `all records of ${topic}`, 40_000);
  }
  await fixture.send(first, 0, ['new of first']);
  await fixture.send(named, 1, ['new of named']);
  await until(() => collector.all.length >= 102, 'records of the topics that were there from the start');
  await source.stop();
  await running;
  assert.deepEqual(
    Object.fromEntries([...collector.values].filter(([, values]) => values.length > 0)),
    {
      [`${late[0]}/0`]: numbers(0, 30),
      [`${late[0]}/1`]: numbers(30, 50),
      [`${late[1]}/0`]: numbers(0, 30),
      [`${late[1]}/1`]: numbers(30, 50),
      [`${first}/0`]: ['new of first'],
      [`${named}/1`]: ['new of named'],
    },
    'each record once, nothing of before the start, nothing of other topics or our own',
  );
  const formats = new Map(collector.batches.map(({ partition, format }) => [partition.replace(/\/\d+$/, ''), format]));
  assert.deepEqual(
    formats,
    new Map([named, first, ...late].map((topic) => [topic, topic === named ? 'litellm' : 'otlp'])),
  );
});

test('a topic that is deleted is forgotten, and the others are read on', { timeout: 120_000 }, async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const prefix = fixture.unique('llm');
  for (const name of [`${prefix}-a`, `${prefix}-b`]) {
    fixture.topics.push(name);
    await fixture.admin.createTopics({ topics: [{ topic: name, numPartitions: 1 }], waitForLeaders: true });
    await fixture.send(name, 0, [name]);
  }
  const collector = new Collector();
  collector.positions = collector.next;
  const topics = [{ pattern: `${prefix}-[ab]`, format: 'auto' }];
  const source = fixture.source('', fixture.unique('group'), { topics });
  const running = source.run(collector);
  await until(() => collector.all.length === 2, 'both');
  await fixture.admin.deleteTopics({ topics: [`${prefix}-b`] });
  fixture.topics.pop();
  await fixture.send(`${prefix}-a`, 0, ['after']);
  await until(() => collector.all.includes('after'), 'the other topic', 40_000);
  await fixture.send(`${prefix}-a`, 0, ['later']);
  await until(() => collector.all.includes('later'), 'the other topic goes on', 40_000);
  await source.stop();
  await running;
});
