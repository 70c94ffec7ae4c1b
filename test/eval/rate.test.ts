/** Intervals, rows, revisions, tables. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { current, row, wilson } from '../../src/eval/rate.ts';
import { duration, markdownTable, textTable } from '../../src/eval/table.ts';
import { alert } from './helpers.ts';

const near = (actual: [number, number], low: number, high: number): void => {
  assert.ok(Math.abs(actual[0] - low) < 5e-5 && Math.abs(actual[1] - high) < 5e-5, `${actual}`);
};

test('Wilson intervals agree with published values', () => {
  near(wilson(0, 10), 0, 0.27754);
  near(wilson(5, 10), 0.23659, 0.76341);
  near(wilson(10, 10), 0.72246, 1);
  near(wilson(81, 263), 0.25531, 0.36618);
  near(wilson(15, 148), 0.0624, 0.16053);
  near(wilson(1, 29), 0.00612, 0.17177);
  assert.deepEqual(wilson(0, 0), [0, 1]);
});

test('a row counts items once, and each detector that found them', () => {
  const found = row('g', [new Set(['a', 'b']), new Set(['b']), new Set(), new Set()]);
  assert.deepEqual([found.n, found.flagged, found.rate], [4, 2, 0.5]);
  assert.deepEqual(Object.entries(found.detectors), [
    ['b', 2],
    ['a', 1],
  ]);
  assert.deepEqual(row('none', []).ci, [0, 1]);
});

test('of several revisions the last counts, and only from the floor on', () => {
  const first = alert({ id: 'x', severity: 'low' });
  const second = alert({ id: 'x', severity: 'medium', revision: 2 });
  assert.deepEqual(current([second, first, alert({ id: 'y', severity: 'low' })], 'medium'), [second]);
});

test('tables show what was measured', () => {
  const rows = [
    row('a|b', [new Set(['d']), new Set()]),
    { ...row('c', [new Set(['d'])]), seconds_to_find: { median: 30, most: 7300 } },
  ];
  const markdown = markdownTable(rows).split('\n');
  assert.equal(markdown.length, 4);
  assert.match(markdown[2] as string, /^\| a\\\|b \| 2 \| 1 \| 50\.0 % \| 9\.5 to 90\.5 % \|/);
  assert.match(markdown[3] as string, /30 s \/ 2\.0 h/);
  const text = textTable(rows).split('\n');
  assert.equal(text.length, 3);
  assert.equal(
    text[1]?.indexOf('50.0 %'),
    text[2]?.indexOf('100.0 %') === undefined ? -1 : (text[2]?.indexOf('100.0 %') as number) + 1,
  );
  assert.deepEqual([duration(59), duration(600), duration(10_800)], ['59 s', '10 min', '3.0 h']);
});
