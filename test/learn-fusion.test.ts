/** Measuring what signals say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SignalCounts } from '../src/learn-fusion.ts';

test('a signal of attacked days weighs more the seldomer it comes on others, up to a limit', () => {
  const counts = new SignalCounts();
  for (let i = 0; i < 10; i++) counts.day(`attacked ${i}`, true);
  for (let i = 0; i < 1_000; i++) counts.day(`other ${i}`, false);
  for (let i = 0; i < 5; i++) {
    counts.signal('often/elsewhere', `attacked ${i}`);
    counts.signal('only/attacks', `attacked ${i}`);
    counts.signal('says/nothing', `attacked ${i}`);
  }
  for (let i = 0; i < 50; i++) counts.signal('often/elsewhere', `other ${i}`);
  for (let i = 0; i < 500; i++) counts.signal('says/nothing', `other ${i}`);
  counts.signal('once/only', 'attacked 1');
  // 5.5 of 11 against 50.5 of 1,001.
  assert.deepEqual(counts.ratios(), { 'often/elsewhere': 9.9, 'only/attacks': 50 });
});

test('a day that turns out to be attacked counts as attacked from its start, and each day once', () => {
  const counts = new SignalCounts();
  for (let i = 0; i < 4; i++) {
    counts.day(`d${i}`, false);
    counts.day(`d${i}`, i < 2);
  }
  for (let i = 0; i < 96; i++) counts.day(`e${i}`, false);
  for (const day of ['d0', 'd0', 'd1', 'd1', 'd2']) counts.signal('a/b', day);
  // 2.5 of 3 against 1.5 of 99.
  assert.deepEqual(counts.ratios(), { 'a/b': 50 });
});
