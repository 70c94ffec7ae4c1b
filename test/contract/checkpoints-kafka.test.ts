/** Checkpoints on a topic of a real broker. */
import { randomBytes } from 'node:crypto';
import { kafkaClient } from '../../src/source/kafka/client.ts';
import { KafkaCheckpoints } from '../../src/source/kafka-checkpoints.ts';
import { need } from '../services/index.ts';
import { checkpointsSuite } from './checkpoints.ts';

checkpointsSuite('Kafka', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return undefined;
  const connection = { brokers: servers.kafka.split(','), clientId: 'nightjar-test', ssl: false };
  const topic = `test-checkpoint-${randomBytes(5).toString('hex')}`;
  return {
    open: async () => new KafkaCheckpoints(connection, topic),
    async end() {
      const admin = kafkaClient(connection).admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [topic] });
      await admin.disconnect();
    },
  };
});
