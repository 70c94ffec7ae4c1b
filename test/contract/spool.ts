/** What every adapter of the port Spool must do. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { Spool } from '../../src/ports.ts';

/** @param start opens the same, at first empty, spool each time `open` is called */
export function spoolSuite(name: string, start: () => Promise<{ open(): Promise<Spool> }>): void {
  const record = (text: string, format = 'auto') => ({ value: Buffer.from(text), format });
  const texts = (records: { position: number; value: Uint8Array }[]) =>
    records.map(({ position, value }) => `${position} ${Buffer.from(value)}`);

  function check(title: string, body: (spool: Spool, open: () => Promise<Spool>) => Promise<void>): void {
    test(`spool on ${name}: ${title}`, { timeout: 60_000 }, async () => {
      const { open } = await start();
      await body(await open(), open);
    });
  }

  check('records come back in order, bytes and format as they were', async (spool) => {
    const bytes = randomBytes(300);
    assert.equal(await spool.append([record('a', 'litellm'), { value: bytes, format: 'auto' }]), 1);
    assert.equal(await spool.append([record('')]), 2);
    const found = await spool.read(0, 10);
    assert.deepEqual(
      found.map(({ position, value, format }) => [position, Buffer.from(value).toString('hex'), format]),
      [
        [0, Buffer.from('a').toString('hex'), 'litellm'],
        [1, bytes.toString('hex'), 'auto'],
        [2, '', 'auto'],
      ],
    );
  });

  check('the time of arrival is kept where there is one', async (spool, open) => {
    await spool.append([{ ...record('a'), time: 1_788_000_000_123 }, record('b')]);
    const found = await (await open()).read(0, 10);
    assert.deepEqual(
      found.map(({ time }) => time),
      [1_788_000_000_123, undefined],
    );
  });

  check('read starts where it is told and stops at the limit', async (spool) => {
    await spool.append(['a', 'b', 'c', 'd'].map((text) => record(text)));
    assert.deepEqual(texts(await spool.read(1, 2)), ['1 b', '2 c']);
    assert.deepEqual(texts(await spool.read(4, 2)), []);
  });

  check(
    'trimmed records are gone and their positions are not used again, also after reopening',
    async (spool, open) => {
      await spool.append(['a', 'b', 'c'].map((text) => record(text)));
      await spool.trim(2);
      assert.deepEqual(texts(await spool.read(0, 10)), ['2 c']);
      await spool.trim(3);
      const again = await open();
      assert.equal(await again.append([]), 2);
      assert.equal(await again.append([record('d')]), 3);
      assert.deepEqual(texts(await again.read(0, 10)), ['3 d']);
    },
  );

  check('simultaneous appends neither mix nor share positions', async (spool) => {
    const batches = Array.from({ length: 10 }, (_, i) => Array.from({ length: 150 }, (_, j) => record(`${i}.${j}`)));
    const ends = await Promise.all(batches.map((batch) => spool.append(batch)));
    assert.deepEqual(
      ends.sort((a, b) => a - b),
      batches.map((_, i) => 150 * (i + 1) - 1),
    );
    const all = (await spool.read(0, 10_000)).map(({ value }) => Buffer.from(value).toString());
    assert.equal(all.length, 1_500);
    for (let at = 0; at < 1_500; at += 150) {
      const batch = (all[at] as string).split('.')[0];
      assert.deepEqual(
        all.slice(at, at + 150),
        Array.from({ length: 150 }, (_, j) => `${batch}.${j}`),
      );
    }
  });

  check('one batch of more records than one statement takes', async (spool) => {
    assert.equal(await spool.append(Array.from({ length: 1_201 }, (_, i) => record(String(i)))), 1_200);
    assert.deepEqual(texts(await spool.read(1_199, 10)), ['1199 1199', '1200 1200']);
  });

  check('large records are read a few at a time, and all of them in the end', async (spool) => {
    const values = Array.from({ length: 5 }, () => randomBytes(6 * 1024 * 1024));
    for (const value of values) await spool.append([{ value, format: 'auto' }]);
    const first = await spool.read(0, 10);
    assert.ok(first.length > 0 && first.length < 5, `${first.length} records of 6 MB in one read`);
    let next = 0;
    while (next < values.length) {
      for (const { position, value } of await spool.read(next, 10)) {
        assert.equal(position, next);
        assert.equal(Buffer.compare(value, values[next++] as Buffer), 0);
      }
    }
  });
}
