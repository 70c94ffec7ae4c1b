/** Recent: what lies within a span of event time, bounded, each thing once where asked. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { clipWhat, distinct, idsOf, note, prune, type Recent, since } from '../../src/detect/parts/recent.ts';

it('keeps what lies within the span, its edge included', () => {
  const recent: Recent = [];
  note(recent, 0, 'a', 'e1', 100, 10);
  note(recent, 100, 'b', 'e2', 100, 10);
  assert.deepEqual(distinct(recent), ['a', 'b']);
  note(recent, 101, 'c', 'e3', 100, 10);
  assert.deepEqual(distinct(recent), ['b', 'c']);
});

it('forgets the oldest beyond the limit', () => {
  const recent: Recent = [];
  for (let i = 0; i < 1_000; i++) note(recent, i, `n${i}`, `e${i}`, 10_000, 4);
  assert.deepEqual(distinct(recent), ['n996', 'n997', 'n998', 'n999']);
  prune(recent, 998, 4);
  assert.deepEqual(idsOf(recent), ['e998', 'e999']);
});

it('gives each thing and each id once, in the order of the first entry', () => {
  const recent: Recent = [];
  for (const what of ['b', 'a', 'b']) note(recent, 1, what, 'e1', 10, 10);
  assert.deepEqual(distinct(recent), ['b', 'a']);
  assert.deepEqual(idsOf(recent), ['e1']);
});

it('reads a shorter span without changing anything', () => {
  const recent: Recent = [];
  for (const time of [1, 2, 3]) note(recent, time, `n${time}`, `e${time}`, 10, 10);
  assert.deepEqual(distinct(since(recent, 2)), ['n2', 'n3']);
  assert.equal(recent.length, 3);
});

it('clips long names, so that a name is found again in the form it is kept in', () => {
  const recent: Recent = [];
  const long = 'x'.repeat(10_000);
  note(recent, 1, long, 'e1', 10, 10);
  assert.deepEqual(distinct(recent), [clipWhat(long)]);
  assert.ok(JSON.stringify(recent).length < 200);
});
