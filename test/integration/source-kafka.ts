/** Shared by the Kafka source tests: unique topics and groups on the real broker, removed afterwards. */
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Admin, Kafka, Producer } from 'kafkajs';
import type { KafkaConfig } from '../../src/config/schema.ts';
import { kafkaClient, producerOptions } from '../../src/source/kafka/client.ts';
import { KafkaSource, type KafkaSourceOptions } from '../../src/source/kafka.ts';

export interface KafkaFixture {
  brokers: string[];
  kafka: Kafka;
  admin: Admin;
  producer: Producer;
  /** Deleted at the end. */
  topics: string[];
  /** A name that nothing else uses. */
  unique(prefix: string): string;
  makeTopic(partitions: number, entries?: Record<string, string>): Promise<string>;
  send(topic: string, partition: number, values: string[]): Promise<void>;
  source(
    topic: string,
    group: string,
    options?: KafkaSourceOptions & Partial<Pick<KafkaConfig, 'from' | 'topics'>> & { session?: number },
  ): KafkaSource;
  /** Deletes the records before these offsets, by partition. */
  deleteBefore(topic: string, offsets: Record<number, number>): Promise<void>;
  /** Committed offset, -1 when none. */
  committed(group: string, topic: string, partition: number): Promise<number>;
}

export async function kafkaFixture(t: TestContext, address: string): Promise<KafkaFixture> {
  const brokers = address.split(',');
  const kafka = kafkaClient({ brokers, clientId: 'nightjar-test', ssl: false });
  const admin = kafka.admin();
  const producer = kafka.producer(producerOptions);
  await admin.connect();
  await producer.connect();
  const topics: string[] = [];
  const unique = (prefix: string) => `${prefix}-${randomBytes(5).toString('hex')}`;
  t.after(async () => {
    await producer.disconnect();
    if (topics.length > 0) await admin.deleteTopics({ topics }).catch(() => {});
    await admin.disconnect();
  });
  return {
    brokers,
    kafka,
    admin,
    producer,
    topics,
    unique,
    async makeTopic(partitions, entries = {}) {
      const topic = unique('test-source');
      topics.push(topic);
      const configEntries = Object.entries(entries).map(([name, value]) => ({ name, value }));
      await admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }], waitForLeaders: true });
      return topic;
    },
    async send(topic, partition, values) {
      await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value, partition })) });
    },
    source: (topic, group, { from = 'earliest', session = 6_000, topics: wanted, ...options } = {}) =>
      new KafkaSource(
        {
          brokers,
          clientId: 'nightjar-test',
          group,
          topics: wanted ?? [{ topic, format: 'auto' }],
          from,
          ssl: false,
          sessionTimeoutMs: session,
        },
        options,
      ),
    async deleteBefore(topic, offsets) {
      // kafkajs finds the leaders only of topics that this admin has asked about before.
      await admin.fetchTopicOffsets(topic);
      const partitions = Object.entries(offsets).map(([n, offset]) => ({
        partition: Number(n),
        offset: String(offset),
      }));
      await admin.deleteTopicRecords({ topic, partitions });
    },
    async committed(groupId, topic, partition) {
      const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
      return Number(found?.partitions.find((p) => p.partition === partition)?.offset ?? -1);
    },
  };
}

export const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => String(from + i));
