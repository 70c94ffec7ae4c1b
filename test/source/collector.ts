/** A pipeline stand-in for source tests: keeps what it was given, answers with prepared positions, can be made slow or failing. */
import type { RecordBatch, Source, SourceHandler } from '../../src/ports.ts';

export class Collector implements SourceHandler {
  /** Values as text by partition, in order of arrival. */
  readonly values = new Map<string, string[]>();
  readonly batches: RecordBatch[] = [];
  readonly assignments: string[][] = [];
  readonly revocations: string[][] = [];
  /** Partitions whose newest batch was caught up. */
  readonly caughtUp = new Set<string>();
  /** Next positions of what was taken in. */
  readonly next = new Map<string, number>();
  /** What `assigned` returns. */
  positions = new Map<string, number>();
  /** Runs inside `batch`, before it is taken in. */
  onBatch: (batch: RecordBatch, alive: () => Promise<void>) => Promise<void> = async () => {};

  async assigned(partitions: string[]): Promise<Map<string, number>> {
    this.assignments.push(partitions);
    return new Map([...this.positions].filter(([name]) => partitions.includes(name)));
  }

  async revoked(partitions: string[]): Promise<void> {
    this.revocations.push(partitions);
    for (const name of partitions) this.caughtUp.delete(name);
  }

  async batch(batch: RecordBatch, alive: () => Promise<void>): Promise<void> {
    await this.onBatch(batch, alive);
    await alive();
    this.batches.push(batch);
    const texts = batch.records.map(({ value }) => (value ? Buffer.from(value).toString() : 'null'));
    this.values.set(batch.partition, [...(this.values.get(batch.partition) ?? []), ...texts]);
    this.next.set(batch.partition, batch.next);
    if (batch.caughtUp) this.caughtUp.add(batch.partition);
    else this.caughtUp.delete(batch.partition);
  }

  /** All values, whatever the partition. */
  get all(): string[] {
    return [...this.values.values()].flat();
  }

  get skipped(): number {
    return this.batches.reduce((sum, batch) => sum + (batch.skipped ?? 0), 0);
  }
}

/** Waits until `check` holds; fails with `what` after `ms`. */
export async function until(check: () => boolean | Promise<boolean>, what: string, ms = 20_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Runs a source until `check` holds, then stops it. Rejects when the source dies first. */
export async function runUntil(
  source: Source,
  handler: SourceHandler,
  check: () => boolean,
  what: string,
  ms?: number,
): Promise<void> {
  const running = source.run(handler);
  try {
    await Promise.race([running.then(() => undefined), until(check, what, ms)]);
  } finally {
    await source.stop();
  }
  await running;
}
