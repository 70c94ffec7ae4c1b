/** The smallest spool: keeps records in memory. */
import type { Spool, SpoolEntry } from '../../src/ports.ts';

export class MemorySpool implements Spool {
  readonly records: (SpoolEntry & { position: number })[] = [];
  #next: number;
  /** Thrown by the next append. */
  failure: Error | undefined;

  constructor(next = 0) {
    this.#next = next;
  }

  async append(values: SpoolEntry[]): Promise<number> {
    if (this.failure) throw this.failure;
    for (const value of values) this.records.push({ position: this.#next++, ...value });
    return this.#next - 1;
  }

  async read(from: number, limit: number): Promise<(SpoolEntry & { position: number })[]> {
    return this.records.filter(({ position }) => position >= from).slice(0, limit);
  }

  async trim(position: number): Promise<void> {
    while (this.records[0] && this.records[0].position < position) this.records.shift();
  }
}
