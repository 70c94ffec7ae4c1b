/** Checkpoints on a compacted Kafka topic. The manifest is the switch: until it is written the earlier checkpoint is the valid one. */
import { randomBytes } from 'node:crypto';
import type { Kafka, Message, Producer } from 'kafkajs';
import type { Checkpoint, Checkpoints } from '../ports.ts';
import {
  assemble,
  chunkKey,
  type Group,
  groupKeys,
  type Manifest,
  parseManifest,
  sha256,
  split,
} from './checkpoint-records.ts';
import { type KafkaConnection, kafkaClient, producerOptions } from './kafka/client.ts';
import { kafkaError } from './kafka/errors.ts';
import { PartitionReader, type ReadRecord } from './kafka/reader.ts';
import { ensureTopic } from './kafka/topics.ts';
import { type Log, silent } from './log.ts';

/** Records looked through first when searching backwards for the newest manifest; grows fourfold each time. */
const FIRST_WINDOW = 64;
/** The topic has one partition: what a save writes is in one order. */
const PARTITION = 0;
/** Small segments, so that the superseded chunks are compacted away within minutes. */
const TOPIC_SETTINGS = {
  'cleanup.policy': 'compact',
  'segment.bytes': String(32 * 1024 * 1024),
  'segment.ms': String(10 * 60_000),
  'min.cleanable.dirty.ratio': '0.1',
  'delete.retention.ms': String(60 * 60_000),
};

/**
 * Each save writes the chunks of the body, then the manifest, then tombstones for what it made useless; every write waits for all
 * in-sync replicas. Connects and makes the topic on first use.
 */
export class KafkaCheckpoints implements Checkpoints {
  readonly #connection: KafkaConnection;
  readonly #topic: string;
  readonly #log: Log;
  readonly #kafka: Kafka;
  readonly #reader: PartitionReader;
  #producer: Promise<Producer> | undefined;
  /** Per shard, chunks that the next save makes useless. */
  readonly #garbage = new Map<string, Group[]>();

  constructor(connection: KafkaConnection, topic: string, log: Log = silent) {
    this.#connection = connection;
    this.#topic = topic;
    this.#log = log;
    this.#kafka = kafkaClient(connection, log);
    this.#reader = new PartitionReader(this.#kafka, topic, PARTITION);
  }

  /** @throws NightjarError `NJ_UNREACHABLE`, `NJ_REFUSED` */
  async load(shard: string): Promise<Checkpoint | undefined> {
    try {
      await this.#connected();
      return await this.#load(shard);
    } catch (error) {
      throw kafkaError(error, `loading the checkpoint of ${shard}`, this.#connection.brokers);
    }
  }

  /** @throws NightjarError `NJ_UNREACHABLE`, `NJ_REFUSED` */
  async save(shard: string, checkpoint: Checkpoint): Promise<void> {
    const seq = `${Date.now().toString(36)}-${randomBytes(4).toString('hex')}`;
    const chunks = split(checkpoint.body);
    const garbage = this.#garbage.get(shard) ?? [];
    // Should this save fail half-way, its chunks are garbage for the next one.
    this.#garbage.set(shard, [...garbage, { seq, chunks: chunks.length }]);
    try {
      let first = -1;
      for (const [i, chunk] of chunks.entries()) {
        // One request each: the broker limits the size of a whole batch.
        const offset = await this.#send([{ key: chunkKey(shard, seq, i), value: asBuffer(chunk) }]);
        if (i === 0) first = offset;
      }
      const manifest: Manifest = {
        kind: 'checkpoint',
        seq,
        chunks: chunks.length,
        first,
        positions: [...checkpoint.positions],
        version: checkpoint.version,
        sha256: sha256(checkpoint.body),
        garbage,
      };
      await this.#send([{ key: shard, value: JSON.stringify(manifest) }]);
      this.#garbage.set(shard, [{ seq, chunks: chunks.length }]);
    } catch (error) {
      throw kafkaError(error, `saving the checkpoint of ${shard}`, this.#connection.brokers);
    }
    await this.#forget(shard, garbage);
  }

  async close(): Promise<void> {
    const producer = await this.#producer?.catch(() => undefined);
    await producer?.disconnect();
    await this.#reader.close();
  }

  async #load(shard: string): Promise<Checkpoint | undefined> {
    const { low, high } = await this.#reader.range();
    const orphans = new Map<string, number>();
    let end = high;
    for (let window = FIRST_WINDOW; end > low; window *= 4) {
      const start = Math.max(low, end - window);
      for (const { manifest, offset } of await this.#manifests(shard, start, end, orphans)) {
        const checkpoint = await this.#body(shard, manifest, offset);
        if (checkpoint) {
          orphans.delete(manifest.seq);
          const left = [...orphans].map(([seq, chunks]) => ({ seq, chunks }));
          this.#garbage.set(shard, [{ seq: manifest.seq, chunks: manifest.chunks }, ...manifest.garbage, ...left]);
          return checkpoint;
        }
        this.#log('error', `checkpoint ${manifest.seq} of ${shard} is incomplete; looking for an earlier one`);
      }
      end = start;
    }
    return undefined;
  }

  /** Manifests of the shard within [start, end), newest first. Notes chunks of the shard on the way: some belong to no manifest. */
  async #manifests(shard: string, start: number, end: number, orphans: Map<string, number>) {
    const found: { manifest: Manifest; offset: number }[] = [];
    for await (const records of this.#reader.read(start, end)) {
      for (const { key, value, offset } of records) {
        const name = key?.toString('utf8') ?? '';
        if (name === shard && value) {
          const manifest = parseManifest(value);
          if (manifest) found.unshift({ manifest, offset });
        } else if (name.startsWith(`${shard}/`)) {
          noteChunk(name.slice(shard.length + 1), value, orphans);
        }
      }
    }
    return found;
  }

  async #body(shard: string, manifest: Manifest, offset: number): Promise<Checkpoint | undefined> {
    const chunks = new Map<string, Buffer>();
    if (manifest.chunks > 0) {
      for await (const records of this.#reader.read(manifest.first, offset)) keepChunks(records, `${shard}/`, chunks);
    }
    return assemble(shard, manifest, chunks);
  }

  /** Marks chunks for compaction. They only cost space, so a failure is left to the next save. */
  async #forget(shard: string, groups: Group[]): Promise<void> {
    const keys = groupKeys(shard, groups);
    if (keys.length === 0) return;
    try {
      await this.#send(keys.map((key) => ({ key, value: null })));
    } catch (error) {
      this.#garbage.set(shard, [...(this.#garbage.get(shard) ?? []), ...groups]);
      this.#log('warn', `could not remove old chunks of the checkpoint of ${shard}: ${String(error)}`);
    }
  }

  async #send(messages: Message[]): Promise<number> {
    const producer = await this.#connected();
    const placed = messages.map((message) => ({ ...message, partition: PARTITION }));
    const [result] = await producer.send({ topic: this.#topic, acks: -1, messages: placed });
    return Number(result?.baseOffset ?? -1);
  }

  #connected(): Promise<Producer> {
    this.#producer ??= this.#connect().catch((error) => {
      this.#producer = undefined;
      throw error;
    });
    return this.#producer;
  }

  async #connect(): Promise<Producer> {
    const admin = this.#kafka.admin();
    const producer = this.#kafka.producer(producerOptions);
    try {
      await admin.connect();
      const configEntries = Object.entries(TOPIC_SETTINGS).map(([name, value]) => ({ name, value }));
      await ensureTopic(admin, { topic: this.#topic, numPartitions: 1, configEntries });
      await producer.connect();
      return producer;
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }
}

function keepChunks(records: ReadRecord[], prefix: string, chunks: Map<string, Buffer>): void {
  for (const { key, value } of records) {
    const name = key?.toString('utf8') ?? '';
    if (value && name.startsWith(prefix)) chunks.set(name, value);
  }
}

/** Counts chunks per save from `seq/i`; a tombstone means that they are dealt with. */
function noteChunk(rest: string, value: Buffer | null, orphans: Map<string, number>): void {
  const [seq, index] = rest.split('/');
  if (!seq || index === undefined) return;
  if (value) orphans.set(seq, Math.max(orphans.get(seq) ?? 0, Number(index) + 1));
  else orphans.delete(seq);
}

function asBuffer(part: Uint8Array): Buffer {
  return Buffer.from(part.buffer, part.byteOffset, part.length);
}
