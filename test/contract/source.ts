/** What every adapter of the port Source must do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Source } from '../../src/ports.ts';
import { Collector, until } from '../source/collector.ts';

export interface SourceUnderTest {
  /** Opens the same input again each time it is called. */
  open(): Promise<Source>;
  /** Puts records into the only partition, in order; called before the first `open`. */
  put(values: string[]): Promise<void>;
  /** True for a source that begins behind its last commit when the pipeline knows no position. */
  remembersCommits: boolean;
  end?(): Promise<void>;
}

/** @param start own, empty input per call; undefined when the test was skipped */
export function sourceSuite(
  name: string,
  start: (t: { skip(message?: string): void }) => Promise<SourceUnderTest | undefined>,
): void {
  const values = Array.from({ length: 1_200 }, (_, i) => `{"n":${i}}`);

  function check(title: string, body: (subject: SourceUnderTest) => Promise<void>): void {
    test(`source ${name}: ${title}`, { timeout: 60_000 }, async (t) => {
      const subject = await start(t);
      if (!subject) return;
      try {
        await body(subject);
      } finally {
        await subject.end?.();
      }
    });
  }

  /** Runs until the collector is caught up, then stops. */
  async function readAll(source: Source, collector: Collector): Promise<string> {
    let caughtUp = false;
    const before = collector.onBatch;
    collector.onBatch = async (batch, alive) => {
      await before(batch, alive);
      caughtUp = batch.caughtUp;
    };
    const running = source.run(collector);
    await Promise.race([
      running,
      until(() => caughtUp && collector.batches.at(-1)?.caughtUp === true, 'caught up', 40_000),
    ]);
    await source.stop();
    await running;
    return collector.assignments[0]?.[0] ?? '';
  }

  check('hands on every record once, in order, positions rising, the last batch caught up', async (subject) => {
    await subject.put(values);
    const collector = new Collector();
    const partition = await readAll(await subject.open(), collector);
    assert.deepEqual(collector.all, values);
    let next = 0;
    for (const batch of collector.batches) {
      assert.equal(batch.partition, partition);
      for (const { position } of batch.records) {
        assert.ok(position >= next);
        next = position + 1;
      }
      assert.ok(batch.next >= next);
    }
    assert.equal(collector.batches.at(-1)?.caughtUp, true);
    assert.deepEqual(collector.revocations.flat(), collector.assignments.flat());
  });

  check('begins at the position that the pipeline asks for', async (subject) => {
    await subject.put(values);
    const first = new Collector();
    const partition = await readAll(await subject.open(), first);
    const at = first.batches.flatMap((batch) => batch.records)[700]?.position ?? -1;
    const second = new Collector();
    second.positions.set(partition, at);
    await readAll(await subject.open(), second);
    assert.deepEqual(second.all, values.slice(700));
  });

  check('an input without records is caught up', async (subject) => {
    await subject.put([]);
    const collector = new Collector();
    await readAll(await subject.open(), collector);
    assert.deepEqual(collector.all, []);
    assert.equal(collector.batches.at(-1)?.caughtUp, true);
  });

  check('alive throws after stop, and stop waits for the batch in hand to be given up', async (subject) => {
    await subject.put(values);
    const collector = new Collector();
    let entered = false;
    let left = false;
    collector.onBatch = async (_batch, alive) => {
      entered = true;
      try {
        for (;;) {
          await alive();
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      } finally {
        left = true;
      }
    };
    const source = await subject.open();
    const running = source.run(collector);
    await until(() => entered, 'a batch');
    await source.stop();
    assert.ok(left);
    await running;
    assert.deepEqual(collector.revocations.flat(), collector.assignments.flat());
  });

  check(
    'begins behind its commit when it remembers one; a commit of a strange partition does no harm',
    async (subject) => {
      if (!subject.remembersCommits) return;
      await subject.put(values);
      const first = new Collector();
      const source = await subject.open();
      const running = source.run(first);
      await until(() => first.all.length === values.length, 'all');
      const partition = first.assignments[0]?.[0] ?? '';
      const at = first.batches.flatMap((batch) => batch.records)[1_000]?.position ?? -1;
      await source.commit(
        new Map([
          [partition, at],
          ['elsewhere/9', 5],
        ]),
      );
      await source.stop();
      await running;
      const second = new Collector();
      await readAll(await subject.open(), second);
      assert.deepEqual(second.all, values.slice(1_000));
    },
  );
}
