/** Gathers single writes into bulk requests, retries the items that may pass, and settles each write by its own item. */
import { setTimeout as sleep } from 'node:timers/promises';
import { RetryLater } from '../../ports.ts';
import type { ItemOutcome } from './failures.ts';

export interface BulkItem {
  /** The action line of the bulk format. */
  action: { create: object } | { index: object };
  /** The document as JSON text. */
  document: string;
}

/** `split`: the request was refused as a whole for its size or for one item in it; smaller ones find out which. */
export type BulkReply = ItemOutcome[] | 'split';

export interface BulkWriterOptions {
  /** Sends one request; resolves with one outcome per item in order, rejects when the request failed as a whole. */
  send: (items: BulkItem[]) => Promise<BulkReply>;
  /** How long the first write of a batch waits for company; default 5 ms. */
  lingerMs?: number;
  /** First pause after a busy answer, doubled each time, with jitter; default 200 ms. */
  pauseMs?: number;
}

interface Pending {
  item: BulkItem;
  tries: number;
  settle: (error?: Error) => void;
}

const MAX_ITEMS = 500;
const MAX_BYTES = 5 * 1024 * 1024;
/** Tries within the writer (about 3 s); then the job goes back to its queue, which waits longer than a writer should. */
const MAX_TRIES = 5;
const BUSY_WAIT_MS = 10_000;

/**
 * One request is in flight at a time; what arrives meanwhile goes together into the next. After a busy answer batches are halved
 * and the writer pauses; with each success they grow again, slowly.
 */
export class BulkWriter {
  readonly #options: Required<BulkWriterOptions>;
  #pending: Pending[] = [];
  #running: Promise<void> | undefined;
  #room = MAX_ITEMS;

  constructor(options: BulkWriterOptions) {
    this.#options = { lingerMs: 5, pauseMs: 200, ...options };
  }

  /** Resolves when the item is written; rejects with its own failure, or with that of the whole request. */
  put(item: BulkItem): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ item, tries: 0, settle: (error) => (error ? reject(error) : resolve()) });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when everything that was put is settled. */
  async drain(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    await sleep(this.#options.lingerMs);
    while (this.#pending.length > 0) {
      const batch = this.#take();
      const tries = await this.#deliver(batch);
      if (tries > 0) await sleep(this.#options.pauseMs * 2 ** (tries - 1) * (0.5 + Math.random()));
    }
    // In the same turn as the last look at the list: a write that comes later must start a new run.
    this.#running = undefined;
  }

  #take(): Pending[] {
    let bytes = 0;
    let count = 0;
    while (count < Math.min(this.#room, this.#pending.length)) {
      bytes += Buffer.byteLength((this.#pending[count] as Pending).item.document);
      if (count > 0 && bytes > MAX_BYTES) break;
      count++;
    }
    return this.#pending.splice(0, count);
  }

  /** Sends a batch and settles it. Returns how often its most tried remaining item was tried; 0 when nothing is left of it. */
  async #deliver(batch: Pending[]): Promise<number> {
    let reply: BulkReply;
    try {
      reply = await this.#options.send(batch.map((pending) => pending.item));
    } catch (error) {
      for (const pending of batch) pending.settle(error instanceof Error ? error : new Error(String(error)));
      return 0;
    }
    if (reply === 'split') {
      this.#room = Math.max(1, batch.length >> 1);
      this.#pending.unshift(...batch);
      return 0;
    }
    const again = this.#settle(batch, reply);
    this.#room =
      again.length > 0 ? Math.max(1, batch.length >> 1) : Math.min(MAX_ITEMS, this.#room + 1 + (this.#room >> 3));
    this.#pending.unshift(...again);
    return again.reduce((most, pending) => Math.max(most, pending.tries), 0);
  }

  /** Settles what is decided and returns the items to send again. */
  #settle(batch: Pending[], outcomes: ItemOutcome[]): Pending[] {
    const again: Pending[] = [];
    for (const [index, pending] of batch.entries()) {
      const outcome = outcomes[index] ?? new Error('the bulk answer holds fewer items than the request');
      if (outcome === 'written') pending.settle();
      else if (outcome !== 'again') pending.settle(outcome);
      else if (++pending.tries >= MAX_TRIES) pending.settle(new RetryLater(BUSY_WAIT_MS, 'Elasticsearch is too busy'));
      else again.push(pending);
    }
    return again;
  }
}
