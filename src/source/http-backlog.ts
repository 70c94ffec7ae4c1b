/** How much of the intake waits in the spool, in records and bytes, and whether that is too much. */

export class Backlog {
  readonly #maxRecords: number;
  readonly #maxBytes: number;
  /** Position behind the last record that is known. */
  #end = 0;
  #passed = 0;
  /** Bytes of each request that waits, by the position behind its last record. What an earlier run took in is not among them. */
  readonly #requests = new Map<number, number>();
  #bytes = 0;

  constructor(maxRecords: number, maxBytes: number) {
    this.#maxRecords = maxRecords;
    this.#maxBytes = maxBytes;
  }

  get full(): boolean {
    return this.#end - this.#passed >= this.#maxRecords || this.#bytes >= this.#maxBytes;
  }

  /** A request of this many bytes was kept; its last record lies before `end`. */
  kept(end: number, bytes: number): void {
    this.reaches(end);
    // The reader may have been faster than the answer of the spool.
    if (end <= this.#passed) return;
    this.#requests.set(end, bytes);
    this.#bytes += bytes;
  }

  /** The spool holds records up to here. */
  reaches(end: number): void {
    this.#end = Math.max(this.#end, end);
  }

  /** Nothing before this position waits any more. */
  passed(position: number): void {
    this.#passed = Math.max(this.#passed, position);
    for (const [end, bytes] of this.#requests) {
      if (end > this.#passed) break;
      this.#requests.delete(end);
      this.#bytes -= bytes;
    }
  }
}
