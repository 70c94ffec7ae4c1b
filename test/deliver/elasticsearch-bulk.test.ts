/** The bulk writer settles each write by its own item, retries what may pass, and leaves nothing hanging. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { type BulkItem, type BulkReply, BulkWriter } from '../../src/deliver/elasticsearch/bulk-writer.ts';
import { GiveUp, RetryLater } from '../../src/ports.ts';

const item = (id: number): BulkItem => ({ action: { create: { _id: String(id) } }, document: String(id) });

function writer(reply: (items: BulkItem[], request: number) => BulkReply) {
  const sizes: number[] = [];
  const bulk = new BulkWriter({
    lingerMs: 1,
    pauseMs: 1,
    send: async (items) => {
      sizes.push(items.length);
      await turn();
      return reply(items, sizes.length);
    },
  });
  return { bulk, sizes };
}

const written: (items: BulkItem[]) => BulkReply = (items) => items.map(() => 'written');

test('writes of one moment travel in one request', async () => {
  const { bulk, sizes } = writer(written);
  await Promise.all(Array.from({ length: 100 }, (_, n) => bulk.put(item(n))));
  assert.deepEqual(sizes, [100]);
});

test('a request holds at most 500 items and about 5 MB', async () => {
  const { bulk, sizes } = writer(written);
  await Promise.all(Array.from({ length: 1_200 }, (_, n) => bulk.put(item(n))));
  assert.deepEqual(sizes, [500, 500, 200]);
  const large = writer(written);
  const document = 'x'.repeat(3 * 1024 * 1024);
  await Promise.all(Array.from({ length: 3 }, () => large.bulk.put({ action: { create: {} }, document })));
  assert.deepEqual(large.sizes, [1, 1, 1]);
});

test('a write that comes just when the writer has finished is not forgotten', async () => {
  const { bulk } = writer(written);
  for (let n = 0; n < 200; n++) {
    await bulk.put(item(n));
    for (let turns = 0; turns < n % 5; turns++) await Promise.resolve();
  }
});

test('busy items alone are sent again, in smaller requests, and then handed back to the queue', async () => {
  const { bulk, sizes } = writer((items) => items.map(({ document }) => (Number(document) < 8 ? 'again' : 'written')));
  const settled = await Promise.allSettled(Array.from({ length: 16 }, (_, n) => bulk.put(item(n))));
  assert.equal(sizes[0], 16);
  assert.ok(sizes.slice(1).every((size) => size <= 8));
  for (const [n, one] of settled.entries()) {
    assert.equal(one.status, n < 8 ? 'rejected' : 'fulfilled');
    if (one.status === 'rejected') assert.ok(one.reason instanceof RetryLater);
  }
});

test('a failed request fails its own writes and no later ones', async () => {
  const { bulk } = writer((items, request) => {
    if (request === 1) throw new Error('connection lost');
    return written(items);
  });
  await assert.rejects(bulk.put(item(1)), /connection lost/);
  await bulk.put(item(2));
});

test('an answer with too few items is no success for the rest', async () => {
  const { bulk } = writer(() => ['written']);
  const settled = await Promise.allSettled([bulk.put(item(1)), bulk.put(item(2))]);
  assert.deepEqual(
    settled.map((one) => one.status),
    ['fulfilled', 'rejected'],
  );
});

test('whatever each item meets, each write is settled once and by its own item', async () => {
  const fates = fc.array(fc.constantFrom('written', 'busy once', 'bad', 'poison'), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(fates, async (fate) => {
      const tried = new Map<string, number>();
      const { bulk } = writer((items) => {
        if (items.some(({ document }) => fate[Number(document)] === 'poison')) {
          return items.length > 1 ? 'split' : [new GiveUp('poison')];
        }
        return items.map(({ document }) => {
          tried.set(document, (tried.get(document) ?? 0) + 1);
          if (fate[Number(document)] === 'bad') return new GiveUp('bad');
          return fate[Number(document)] === 'busy once' && tried.get(document) === 1 ? 'again' : 'written';
        });
      });
      const settled = await Promise.allSettled(fate.map((_, n) => bulk.put(item(n))));
      const expected = fate.map((one) => (one === 'bad' || one === 'poison' ? one : 'written'));
      assert.deepEqual(
        settled.map((one) => (one.status === 'fulfilled' ? 'written' : one.reason.message)),
        expected,
      );
      await bulk.drain();
    }),
    { numRuns: 50 },
  );
});
