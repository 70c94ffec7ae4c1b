/**
 * One assigned partition: a bounded queue between the fetch loop and the pipeline, and the loop that hands batches on, one at a time.
 * kafkajs fetches again only when all handlers of the last fetch have returned, so a handler that waited there for another
 * partition would wait for ever. Here only the lane waits; its partition is paused while the queue is full.
 */
import type { RecordBatch, SourceHandler } from '../../ports.ts';
import { pacer } from '../timing.ts';
import type { TopicPartition } from './names.ts';

/** Thrown by `alive` when the partition is not ours any more. Never reaches a user. */
export class NotOurs extends Error {
  constructor(name: string) {
    super(`${name} is no longer assigned to us`);
    this.name = 'NotOurs';
  }
}

export interface LaneOptions {
  name: string;
  at: TopicPartition;
  format: string;
  /** Position of the first record to hand on. */
  start: number;
  /** Pause fetching above this many queued bytes. */
  maxQueuedBytes: number;
  handle: SourceHandler['batch'];
  /** Called when the queue was full and has room again. */
  onRoom: () => void;
  /** Called once when the pipeline refused a batch; the lane has ended. */
  onFailure: (error: unknown) => void;
  onDone: () => void;
}

export class Lane {
  readonly name: string;
  readonly at: TopicPartition;
  /** Offset that the next fetch of this partition should begin at. */
  fetchNext: number;
  /** Position behind the last batch that the pipeline has taken in. */
  handled: number;
  /** The last batch queued reached the end of the log. */
  caughtUp = false;
  /** Last sign of life: fetched, handed on, or `alive` called. Milliseconds of `performance.now`. */
  lastActive = performance.now();
  paused = false;
  #queue: { batch: RecordBatch; bytes: number }[] = [];
  #queuedBytes = 0;
  #ended = false;
  #running: Promise<void> | undefined;
  readonly #options: LaneOptions;
  readonly #pace = pacer();

  constructor(options: LaneOptions) {
    this.#options = options;
    this.name = options.name;
    this.at = options.at;
    this.fetchNext = options.start;
    this.handled = options.start;
  }

  /** True while a batch is in the pipeline. */
  get busy(): boolean {
    return this.#running !== undefined;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get full(): boolean {
    return this.#queuedBytes >= this.#options.maxQueuedBytes;
  }

  push(batch: Omit<RecordBatch, 'partition' | 'format'>, bytes = 0): void {
    if (this.#ended) return;
    this.fetchNext = batch.next;
    this.caughtUp = batch.caughtUp;
    this.lastActive = performance.now();
    this.#queue.push({ batch: { partition: this.name, format: this.#options.format, ...batch }, bytes });
    this.#queuedBytes += bytes;
    this.#running ??= this.#drain();
  }

  /** From now on `alive` throws and queued batches are dropped. Resolves when the pipeline has let go of the batch in hand. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#queue = [];
    await this.#running;
  }

  async #drain(): Promise<void> {
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
        this.lastActive = performance.now();
        await this.#options.handle(next.batch, this.#alive);
        this.handled = next.batch.next;
        this.#queuedBytes -= next.bytes;
        this.lastActive = performance.now();
        if (this.#ended) return;
        this.#options.onDone();
        if (this.paused && this.#queuedBytes <= this.#options.maxQueuedBytes / 2) this.#options.onRoom();
      }
    } catch (error) {
      if (this.#ended) return;
      this.#ended = true;
      this.#queue = [];
      this.#options.onFailure(error);
    } finally {
      this.#running = undefined;
    }
  }

  readonly #alive = async (): Promise<void> => {
    this.lastActive = performance.now();
    if (this.#ended) throw new NotOurs(this.name);
    await this.#pace();
    if (this.#ended) throw new NotOurs(this.name);
  };
}
