/** What waits for the watermark is given out once, in order of time, however it came. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Due } from '../../src/stream/due.ts';

it('gives out what is from before the watermark, earliest first, and the rest later', () => {
  const due = new Due<number>();
  for (const time of [30, 10, 20, 20, 50, 40]) due.add(time, time);
  const upTo = (watermark: number) => {
    const taken: number[] = [];
    for (let one = due.take(watermark); one !== undefined; one = due.take(watermark)) taken.push(one);
    return taken;
  };
  assert.deepEqual(upTo(10), []);
  assert.deepEqual(upTo(21), [10, 20, 20]);
  due.add(5, 5);
  assert.deepEqual(upTo(41), [5, 30, 40]);
  assert.deepEqual(upTo(1_000), [50]);
});

it('goes on when it has cut off what is done', () => {
  const due = new Due<number>();
  let next = 0;
  for (let time = 1; time <= 10_000; time++) {
    due.add(time, time);
    if (time % 3 === 0)
      for (let one = due.take(time); one !== undefined; one = due.take(time)) assert.equal(one, ++next);
  }
  for (let one = due.take(20_000); one !== undefined; one = due.take(20_000)) assert.equal(one, ++next);
  assert.equal(next, 10_000);
});
