/** Dead letters on a topic of a real broker. */
import { randomBytes } from 'node:crypto';
import type { DeadLetter } from '../../src/ports.ts';
import { kafkaClient } from '../../src/source/kafka/client.ts';
import { PartitionReader } from '../../src/source/kafka/reader.ts';
import { type DeadLetterValue, KafkaDeadLetters } from '../../src/source/kafka-dead-letters.ts';
import { need } from '../services/index.ts';
import { deadLettersSuite } from './dead-letters.ts';

deadLettersSuite('Kafka', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return undefined;
  const connection = { brokers: servers.kafka.split(','), clientId: 'nightjar-test', ssl: false };
  const topic = `test-dead-${randomBytes(5).toString('hex')}`;
  const kafka = kafkaClient(connection);
  return {
    open: async () => new KafkaDeadLetters(connection, topic),
    async read() {
      const reader = new PartitionReader(kafka, topic, 0);
      const { low, high } = await reader.range();
      // The newest per key: what is left once the broker has compacted the topic.
      const byKey = new Map<string, DeadLetter>();
      for await (const records of reader.read(low, high)) {
        for (const { key, value } of records) byKey.set(String(key), toLetter(JSON.parse(String(value))));
      }
      await reader.close();
      return [...byKey.values()];
    },
    remembers: true,
    async end() {
      const admin = kafka.admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [topic] });
      await admin.disconnect();
    },
  };
});

function toLetter({ topic, partition, offset, reason, shape, bytes }: DeadLetterValue): DeadLetter {
  return { partition: partition === null ? topic : `${topic}/${partition}`, position: offset, reason, shape, bytes };
}
