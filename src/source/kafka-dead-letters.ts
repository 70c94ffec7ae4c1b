/** Dead letters on a Kafka topic, keyed by where the record was, so that a repeated one replaces itself when the log is compacted. */
import type { Kafka, Producer } from 'kafkajs';
import type { DeadLetter, DeadLetters } from '../ports.ts';
import { letterKey } from './dead-letters.ts';
import { type KafkaConnection, kafkaClient, producerOptions } from './kafka/client.ts';
import { kafkaError } from './kafka/errors.ts';
import { parsePartitionName } from './kafka/names.ts';
import { ensureTopic } from './kafka/topics.ts';
import { type Log, silent } from './log.ts';

const RETENTION_MS = 30 * 24 * 3_600_000;
/** Per request: far below the size that a broker takes (a letter has at most about 2 KB). */
const LETTERS_PER_SEND = 200;

/** What the topic holds per letter. `offset` is the position in its partition; `shape` shows no content. */
export interface DeadLetterValue {
  topic: string;
  /** Null for a source without numbered partitions. */
  partition: number | null;
  offset: number;
  reason: string;
  shape: string;
  bytes: number;
}

/**
 * Connects on the first letter and makes the topic when it is missing (kept 30 days, compacted).
 * `put` resolves when all in-sync replicas have the letters.
 */
export class KafkaDeadLetters implements DeadLetters {
  readonly #connection: KafkaConnection;
  readonly #topic: string;
  readonly #kafka: Kafka;
  #producer: Promise<Producer> | undefined;

  constructor(connection: KafkaConnection, topic: string, log: Log = silent) {
    this.#connection = connection;
    this.#topic = topic;
    this.#kafka = kafkaClient(connection, log);
  }

  /** @throws NightjarError `NJ_UNREACHABLE`, `NJ_REFUSED` */
  async put(letters: DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    try {
      this.#producer ??= this.#connect();
      const producer = await this.#producer;
      for (let i = 0; i < letters.length; i += LETTERS_PER_SEND) {
        const messages = letters.slice(i, i + LETTERS_PER_SEND).map(toMessage);
        await producer.send({ topic: this.#topic, acks: -1, messages });
      }
    } catch (error) {
      throw kafkaError(error, `writing dead letters to topic ${this.#topic}`, this.#connection.brokers);
    }
  }

  async close(): Promise<void> {
    const producer = await this.#producer?.catch(() => undefined);
    await producer?.disconnect();
  }

  async #connect(): Promise<Producer> {
    const admin = this.#kafka.admin();
    const producer = this.#kafka.producer(producerOptions);
    try {
      await admin.connect();
      await ensureTopic(admin, {
        topic: this.#topic,
        configEntries: [
          { name: 'cleanup.policy', value: 'compact,delete' },
          { name: 'retention.ms', value: String(RETENTION_MS) },
        ],
      });
      await producer.connect();
      return producer;
    } catch (error) {
      this.#producer = undefined;
      throw error;
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }
}

function toMessage(letter: DeadLetter): { key: string; value: string } {
  const at = parsePartitionName(letter.partition);
  const value: DeadLetterValue = {
    topic: at?.topic ?? letter.partition,
    partition: at?.partition ?? null,
    offset: letter.position,
    reason: letter.reason,
    shape: letter.shape,
    bytes: letter.bytes,
  };
  return { key: letterKey(letter), value: JSON.stringify(value) };
}
