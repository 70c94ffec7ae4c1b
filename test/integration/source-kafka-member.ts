/** A member of a group in a process of its own, for tests that kill it: prints each record, commits all that it has read. */
import { KafkaSource } from '../../src/source/kafka.ts';

const [brokers = '', topic = '', group = ''] = process.argv.slice(2);
const source = new KafkaSource({
  brokers: brokers.split(','),
  clientId: 'nightjar-test-member',
  group,
  topics: [{ topic, format: 'auto' }],
  from: 'earliest',
  ssl: false,
  sessionTimeoutMs: 6_000,
});

await source.run({
  assigned: async (partitions) => {
    console.log(`assigned ${partitions.length}`);
    return new Map();
  },
  revoked: async (partitions) => console.log(`revoked ${partitions.length}`),
  batch: async (batch, alive) => {
    for (const { value } of batch.records) {
      await alive();
      // Slow enough to be killed in the middle.
      await new Promise((resolve) => setTimeout(resolve, 2));
      console.log(`record ${value ? Buffer.from(value).toString() : ''}`);
    }
    await source.commit(new Map([[batch.partition, batch.next]]));
  },
});
