/**
 * Reads a range of one partition directly, without a consumer group: joining a group takes seconds on a default broker, and a
 * checkpoint is read while the partitions of a whole process wait. kafkajs offers this only inside, so this file alone reaches
 * in, through the one factory that its client keeps under a private symbol; the version of kafkajs is pinned by the lock file.
 */
import type { Kafka } from 'kafkajs';
import { NightjarError } from '../../errors.ts';
import { fetchBegins } from './codecs.ts';

/** A record as read: offsets as numbers, no headers. */
export interface ReadRecord {
  offset: number;
  key: Buffer | null;
  value: Buffer | null;
}

interface FetchedMessage {
  offset: string;
  key: Buffer | null;
  value: Buffer | null;
  isControlRecord: boolean;
}

interface Broker {
  fetch(request: {
    maxWaitTime: number;
    minBytes: number;
    maxBytes: number;
    isolationLevel: number;
    topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[];
    rackId: string;
  }): Promise<{ responses: { partitions: { messages: FetchedMessage[] }[] }[] }>;
}

interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>;
  findBroker(at: { nodeId: string }): Promise<Broker>;
  fetchTopicsOffset(
    topics: { topic: string; fromBeginning: boolean; partitions: { partition: number }[] }[],
  ): Promise<{ partitions: { partition: number; offset: string }[] }[]>;
}

const READ_COMMITTED = 1;
const FETCH_BYTES = 8 * 1024 * 1024;
const ATTEMPTS = 4;

/** One partition of one topic, read by offset. Connects on first use. */
export class PartitionReader {
  readonly #cluster: Cluster;
  readonly #topic: string;
  readonly #partition: number;
  #connected = false;

  constructor(kafka: Kafka, topic: string, partition: number) {
    this.#cluster = createCluster(kafka);
    this.#topic = topic;
    this.#partition = partition;
  }

  /** First offset, and the one behind the last. */
  async range(): Promise<{ low: number; high: number }> {
    return this.#retry(async () => {
      const ask = async (fromBeginning: boolean) => {
        const partitions = [{ partition: this.#partition }];
        const [found] = await this.#cluster.fetchTopicsOffset([{ topic: this.#topic, fromBeginning, partitions }]);
        return Number(found?.partitions[0]?.offset ?? 0);
      };
      return { low: await ask(true), high: await ask(false) };
    });
  }

  /** Records of [from, to) in order, as they are fetched. Offsets may be missing; it ends at `to` all the same. */
  async *read(from: number, to: number): AsyncGenerator<ReadRecord[]> {
    let next = from;
    while (next < to) {
      const messages = await this.#retry(() => this.#fetch(next));
      const last = messages.at(-1);
      // Nothing at all: what is left of the range holds no records (compaction took the last ones).
      if (!last) return;
      const records = messages.filter(({ offset, isControlRecord }) => {
        const at = Number(offset);
        return !isControlRecord && at >= next && at < to;
      });
      yield records.map(({ offset, key, value }) => ({ offset: Number(offset), key, value }));
      next = Math.max(Number(last.offset) + 1, next + 1);
    }
  }

  async close(): Promise<void> {
    if (this.#connected) await this.#cluster.disconnect();
    this.#connected = false;
  }

  async #fetch(offset: number): Promise<FetchedMessage[]> {
    const leader = Object.keys(this.#cluster.findLeaderForPartitions(this.#topic, [this.#partition]))[0];
    const broker = await this.#cluster.findBroker({ nodeId: leader ?? '' });
    fetchBegins();
    const partitions = [{ partition: this.#partition, fetchOffset: String(offset), maxBytes: FETCH_BYTES }];
    const { responses } = await broker.fetch({
      maxWaitTime: 100,
      minBytes: 1,
      maxBytes: FETCH_BYTES,
      isolationLevel: READ_COMMITTED,
      topics: [{ topic: this.#topic, partitions }],
      rackId: '',
    });
    return responses[0]?.partitions[0]?.messages ?? [];
  }

  /** A leader moves, a connection drops: the second attempt asks for the metadata anew. */
  async #retry<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        if (!this.#connected) {
          await this.#cluster.connect();
          this.#connected = true;
          await this.#cluster.addTargetTopic(this.#topic);
        }
        return await work();
      } catch (error) {
        if (attempt >= ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200 * attempt));
        await this.#cluster.refreshMetadata().catch(() => {});
      }
    }
  }
}

function createCluster(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find((s) => s.description === 'private:Kafka:createCluster');
  const create = symbol && (kafka as unknown as Record<symbol, unknown>)[symbol];
  if (typeof create !== 'function') {
    throw new NightjarError('NJ_INTERNAL', 'this version of kafkajs cannot read a partition directly', {
      hint: 'install the version in package-lock.json: npm ci',
    });
  }
  return create({ metadataMaxAge: 300_000, allowAutoTopicCreation: false }) as Cluster;
}
