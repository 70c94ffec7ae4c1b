/**
 * Merges partitions by event time. Partitions are read at different speeds; detectors want one order. An item waits until no partition
 * that still has records to give could hold an earlier one; partitions that are caught up hold nothing back.
 */

export interface Timed {
  id: string;
  /** Event time, epoch milliseconds. */
  time: number;
}

/** Order of processing: by time, then by id, so that equal times have one order too. */
export function byTime(a: Timed, b: Timed): number {
  return a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

interface Progress {
  /** Greatest event time seen; -Infinity before the first item. */
  seen: number;
  caughtUp: boolean;
}

export class Merge<T extends Timed> {
  readonly #partitions = new Map<string, Progress>();
  #waiting: { item: T; partition: string }[] = [];
  /** Greatest event time handed out. */
  #reached = Number.NEGATIVE_INFINITY;

  /** A partition that is ours holds the order back until it has reported. */
  assign(partition: string): void {
    if (!this.#partitions.has(partition))
      this.#partitions.set(partition, { seen: Number.NEGATIVE_INFINITY, caughtUp: false });
  }

  /** Adds items of a partition and returns those of all partitions whose turn has come, in order. */
  push(partition: string, items: readonly T[], caughtUp: boolean): T[] {
    this.assign(partition);
    const progress = this.#partitions.get(partition) as Progress;
    progress.caughtUp = caughtUp;
    for (const item of items) {
      progress.seen = Math.max(progress.seen, item.time);
      this.#waiting.push({ item, partition });
    }
    return this.#take();
  }

  #take(): T[] {
    if (this.#waiting.length === 0) return [];
    const frontier = this.frontier;
    const ready: T[] = [];
    const rest: { item: T; partition: string }[] = [];
    for (const entry of this.#waiting) {
      if (entry.item.time <= frontier) ready.push(entry.item);
      else rest.push(entry);
    }
    this.#waiting = rest;
    ready.sort(byTime);
    if (ready.length > 0) this.#reached = Math.max(this.#reached, (ready.at(-1) as T).time);
    return ready;
  }

  /** No partition that lags can give an item before this time. */
  get frontier(): number {
    let frontier = Number.POSITIVE_INFINITY;
    for (const { seen, caughtUp } of this.#partitions.values()) if (!caughtUp) frontier = Math.min(frontier, seen);
    return frontier;
  }

  /** Greatest event time handed out so far. */
  get reached(): number {
    return this.#reached;
  }

  /** Items that wait for slower partitions. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Items of this partition that wait for slower ones. */
  waitingOf(partition: string): number {
    return this.#waiting.reduce((count, entry) => count + (entry.partition === partition ? 1 : 0), 0);
  }

  /** What a checkpoint keeps. Partitions are not in it: they are assigned anew. */
  snapshot(): MergeSnapshot<T> {
    return { reached: Number.isFinite(this.#reached) ? this.#reached : null, waiting: this.#waiting };
  }

  restore(snapshot: MergeSnapshot<T>): void {
    this.#reached = snapshot.reached ?? Number.NEGATIVE_INFINITY;
    this.#waiting = snapshot.waiting;
  }
}

export interface MergeSnapshot<T> {
  reached: number | null;
  waiting: { item: T; partition: string }[];
}
