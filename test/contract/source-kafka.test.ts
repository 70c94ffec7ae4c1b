/** Kafka as a source, on a real broker. */
import { randomBytes } from 'node:crypto';
import { kafkaClient, producerOptions } from '../../src/source/kafka/client.ts';
import { KafkaSource } from '../../src/source/kafka.ts';
import { need } from '../services/index.ts';
import { sourceSuite } from './source.ts';

sourceSuite('kafka', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return undefined;
  const connection = { brokers: servers.kafka.split(','), clientId: 'nightjar-test', ssl: false };
  const name = `test-source-${randomBytes(5).toString('hex')}`;
  const kafka = kafkaClient(connection);
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: name, numPartitions: 1 }], waitForLeaders: true });
  const config = {
    ...connection,
    group: name,
    topics: [{ topic: name, format: 'auto' }],
    from: 'earliest' as const,
    sessionTimeoutMs: 6_000,
  };
  return {
    open: async () => new KafkaSource(config),
    async put(values) {
      const producer = kafka.producer(producerOptions);
      await producer.connect();
      if (values.length > 0) await producer.send({ topic: name, messages: values.map((value) => ({ value })) });
      await producer.disconnect();
    },
    remembersCommits: true,
    async end() {
      await admin.deleteTopics({ topics: [name] });
      await admin.disconnect();
    },
  };
});
