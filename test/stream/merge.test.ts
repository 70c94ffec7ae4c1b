/** Merging partitions by event time: one order, nothing held back without need, nothing lost. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { byTime, Merge, type Timed } from '../../src/stream/merge.ts';

const item = (time: number, id = `i${time}`): Timed => ({ id, time });
const times = (items: Timed[]) => items.map(({ time }) => time);

describe('merge', () => {
  it('orders by time, then by id', () => {
    assert.deepEqual(
      [item(2, 'b'), item(1, 'z'), item(2, 'a')].sort(byTime).map(({ id }) => id),
      ['z', 'a', 'b'],
    );
  });

  it('holds back what a slower partition could still precede', () => {
    const merge = new Merge<Timed>();
    merge.assign('a');
    merge.assign('b');
    assert.deepEqual(merge.push('a', [item(10), item(20)], false), []);
    assert.deepEqual(times(merge.push('b', [item(15)], false)), [10, 15]);
    assert.equal(merge.waiting, 1);
    assert.equal(merge.waitingOf('a'), 1);
    assert.equal(merge.reached, 15);
    assert.deepEqual(times(merge.push('b', [item(30)], false)), [20]);
  });

  it('lets a partition that is caught up or empty hold nothing back', () => {
    const merge = new Merge<Timed>();
    for (const partition of ['a', 'b', 'c']) merge.assign(partition);
    merge.push('a', [item(10)], false);
    assert.deepEqual(merge.push('b', [], true), []);
    assert.deepEqual(times(merge.push('c', [], true)), [10]);
  });

  it('gives every item once and in order, whatever the split, with a snapshot in the middle', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ time: fc.nat(50), to: fc.nat(2), cut: fc.boolean() }), { maxLength: 60 }),
        fc.nat(60),
        (given, middle) => {
          const items = given.map(({ time, to }, index) => ({ ...item(time, `i${index}`), to })).sort(byTime);
          let merge = new Merge<Timed>();
          for (const partition of ['0', '1', '2']) merge.assign(partition);
          const out: Timed[] = [];
          items.forEach((one, index) => {
            out.push(...merge.push(String(one.to), [one], given[index]?.cut === true && index === items.length - 1));
            if (index !== middle) return;
            const kept = JSON.parse(JSON.stringify(merge.snapshot()));
            merge = new Merge<Timed>();
            for (const partition of ['0', '1', '2']) merge.assign(partition);
            merge.restore(kept);
          });
          for (const partition of ['0', '1', '2']) out.push(...merge.push(partition, [], true));
          assert.deepEqual(out, items);
        },
      ),
      { numRuns: 200 },
    );
  });
});
