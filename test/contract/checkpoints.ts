/** What every adapter of the port Checkpoints must do. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { Checkpoint, Checkpoints } from '../../src/ports.ts';

export interface CheckpointsUnderTest {
  /** Opens the same checkpoints again each time it is called. */
  open(): Promise<Checkpoints>;
  end?(): Promise<void>;
}

/** @param start own, empty checkpoints per call; undefined when the test was skipped */
export function checkpointsSuite(
  name: string,
  start: (t: { skip(message?: string): void }) => Promise<CheckpointsUnderTest | undefined>,
): void {
  const make = (position: number, body: Uint8Array = randomBytes(32)): Checkpoint => ({
    positions: new Map([
      ['calls/0', position],
      ['calls/1', position + 1],
    ]),
    version: 3,
    body,
  });
  const same = (found: Checkpoint | undefined, saved: Checkpoint) => {
    assert.ok(found, 'no checkpoint found');
    assert.deepEqual([...found.positions], [...saved.positions]);
    assert.equal(found.version, saved.version);
    assert.equal(Buffer.compare(found.body, saved.body), 0);
  };

  function check(title: string, body: (open: () => Promise<Checkpoints>) => Promise<void>): void {
    test(`checkpoints on ${name}: ${title}`, { timeout: 60_000 }, async (t) => {
      const subject = await start(t);
      if (!subject) return;
      try {
        await body(() => subject.open());
      } finally {
        await subject.end?.();
      }
    });
  }

  check('the newest one of a shard is found, also after reopening; other shards are apart', async (open) => {
    const first = await open();
    assert.equal(await first.load('a'), undefined);
    const [old, a, b] = [make(1), make(2), make(3)];
    await first.save('a', old);
    await first.save('b', b);
    await first.save('a', a);
    same(await first.load('a'), a);
    await first.close();
    const second = await open();
    same(await second.load('a'), a);
    same(await second.load('b'), b);
    assert.equal(await second.load('c'), undefined);
    await second.close();
  });

  check(
    'a body of any size comes back as it was: 0 bytes, and more than fits one record or statement',
    async (open) => {
      const checkpoints = await open();
      for (const size of [0, 1, 5_000_001, 10]) {
        const checkpoint = make(size, randomBytes(size));
        await checkpoints.save('a', checkpoint);
        same(await checkpoints.load('a'), checkpoint);
      }
      await checkpoints.close();
    },
  );

  check('many saves in a row end with the last one', async (open) => {
    const checkpoints = await open();
    const all = Array.from({ length: 30 }, (_, i) => make(i));
    for (const checkpoint of all) await checkpoints.save('a', checkpoint);
    same(await checkpoints.load('a'), all.at(-1) as Checkpoint);
    await checkpoints.close();
  });
}
