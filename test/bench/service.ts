/** The reading and detecting half of the service on real servers, and the plain consumer that it is compared with. */
import { randomBytes } from 'node:crypto';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { configSchema, type KafkaConfig } from '../../src/config/schema.ts';
import { alertJobs } from '../../src/deliver/alerts-worker.ts';
import { openRedisQueues } from '../../src/deliver/queues/redis.ts';
import { loadDetectors } from '../../src/detect/registry.ts';
import type { Installed, Raised } from '../../src/engine.ts';
import { Pipeline } from '../../src/pipeline.ts';
import { DETECTORS } from '../../src/replay.ts';
import { PUBLIC_TEST_KEY } from '../../src/scan/fingerprint.ts';
import { createScanner } from '../../src/scan/scan.ts';
import { KafkaSource } from '../../src/source/kafka.ts';
import { KafkaCheckpoints } from '../../src/source/kafka-checkpoints.ts';
import { KafkaDeadLetters } from '../../src/source/kafka-dead-letters.ts';
import type { Servers } from './servers.ts';
import { cpuMs } from './timing.ts';

const PARTITIONS = 2;
const SINKS = ['store'];

/** What a consumer of a topic took, from its first record to its last. */
export interface Taken {
  cpuMs: number;
  wallMs: number;
}

/** A topic of its own, with the records in it. */
export async function fill(servers: Servers, records: readonly Buffer[]): Promise<string> {
  const topic = `bench-${randomBytes(4).toString('hex')}`;
  const kafka = client(servers);
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: true });
  await admin.disconnect();
  const producer = kafka.producer();
  await producer.connect();
  for (let i = 0; i < records.length; i += 100)
    await producer.send({
      topic,
      messages: records.slice(i, i + 100).map((value, j) => ({ value, partition: (i + j) % PARTITIONS })),
    });
  await producer.disconnect();
  return topic;
}

export function client({ kafka }: Servers): Kafka {
  return new Kafka({ brokers: kafka.split(','), logLevel: logLevel.NOTHING });
}

export async function connectedProducer(servers: Servers): Promise<Producer> {
  const producer = client(servers).producer();
  await producer.connect();
  return producer;
}

/** A running consumer of a topic. */
export interface Running {
  stop(): Promise<void>;
}

/** Plain kafkajs: parses every record; `taken` is told of them before the batch counts as done. */
export async function startPlain(
  servers: Servers,
  topic: string,
  hooks: { begin?(): void; taken(parsed: unknown[]): Promise<void> | void },
): Promise<Running> {
  const consumer = client(servers).consumer({ groupId: `plain-${randomBytes(4).toString('hex')}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachBatch: async ({ batch }) => {
      hooks.begin?.();
      await hooks.taken(batch.messages.map(({ value }) => JSON.parse((value as Buffer).toString())));
    },
  });
  return { stop: () => consumer.disconnect() };
}

export interface ServiceHooks {
  /** A batch comes in. */
  begin?(): void;
  /** All outputs of so many records are accepted. */
  done?(records: number): void;
  /** The queue has accepted these. */
  accepted?(raised: Raised[]): void;
  /** Beside those that ship. */
  detector?: Installed;
}

/** Kafka source, pipeline with all detectors, jobs on BullMQ in Redis, checkpoints on Kafka: as `nightjar run` puts them together. */
export async function startService(servers: Servers, topic: string, hooks: ServiceHooks): Promise<Running> {
  const name = `bench-${randomBytes(4).toString('hex')}`;
  const config = configSchema.parse({
    source: { kafka: { brokers: servers.kafka.split(','), clientId: name, group: name, topics: [{ topic }] } },
  });
  const kafka = config.source.kafka as KafkaConfig;
  const queues = await openRedisQueues({ url: servers.redis, prefix: name });
  const alerts = queues.queue('alerts');
  const source = new KafkaSource(kafka);
  const checkpoints = new KafkaCheckpoints(kafka, `${name}.checkpoint`);
  const deadLetters = new KafkaDeadLetters(kafka, `${name}.dead`);
  const installed = await loadDetectors(DETECTORS);
  const pipeline = new Pipeline({
    tenant: config.tenant,
    installed: hooks.detector ? [...installed, hooks.detector] : installed,
    scanner: createScanner(PUBLIC_TEST_KEY),
    latenessMs: config.detect.allowedLatenessMs,
    checkpointEveryMs: config.detect.checkpointEveryMs,
    checkpoints,
    deadLetters,
    send: async (raised) => {
      await alerts.add(raised.flatMap(({ alert, incident }) => alertJobs(alert, incident, SINKS)));
      hooks.accepted?.(raised);
    },
    commit: (positions) => source.commit(positions),
  });
  const running = source.run({
    assigned: (partitions) => pipeline.assigned(partitions),
    revoked: () => pipeline.revoked(),
    async batch(batch, alive) {
      hooks.begin?.();
      await pipeline.batch(batch, alive);
      hooks.done?.(batch.records.length);
    },
  });
  return {
    async stop() {
      await source.stop();
      await running.catch(() => undefined);
      for (const part of [deadLetters, checkpoints, queues]) await part.close();
    },
  };
}

/** Waits for `count` records and says what they took, from the first batch on. */
export class Meter {
  #begin: Taken | undefined;
  #left: number;
  #done: (taken: Taken) => void = () => {};
  readonly taken = new Promise<Taken>((resolve) => {
    this.#done = resolve;
  });

  constructor(count: number) {
    this.#left = count;
  }

  /** To be called when a batch comes in. */
  begin(): void {
    this.#begin ??= { cpuMs: cpuMs(), wallMs: performance.now() };
  }

  /** To be called when records are done with. */
  done(records: number): void {
    this.#left -= records;
    if (this.#left > 0 || this.#begin === undefined) return;
    this.#done({ cpuMs: cpuMs() - this.#begin.cpuMs, wallMs: performance.now() - this.#begin.wallMs });
  }
}
