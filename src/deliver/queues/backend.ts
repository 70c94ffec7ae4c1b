/** What the queues ask of the server behind them. */
import type { BackendFactory, ConnectionOptions } from 'bullmq';

export type QueueName = 'alerts' | 'responses';

/** What BullMQ needs to reach one kind of server. */
export interface Backend {
  /** For messages: `redis at localhost:6379`. */
  where: string;
  /** The queue's name on that server. */
  nameOf(queue: QueueName): string;
  /** A connection for one queue or worker, and what ends it. */
  connect(use: 'queue' | 'worker'): { connection: ConnectionOptions; prefix?: string; end(): void };
  // biome-ignore lint/suspicious/noExplicitAny: BullMQ types a factory by its connection, which differs per server
  factory: BackendFactory<any, any>;
  warn(message: string): void;
  close(): Promise<void>;
}

/** Tries before a job has failed for good. */
export const DEFAULT_ATTEMPTS = 8;
