/** Seeded randomness and the text grammar. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expand } from '../../src/simulate/grammar.ts';
import { Heap } from '../../src/simulate/heap.ts';
import { Random } from '../../src/simulate/random.ts';

const draw = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.next());

test('a seed gives the same numbers, another seed others', () => {
  assert.deepEqual(draw(new Random('a'), 50), draw(new Random('a'), 50));
  assert.notDeepEqual(draw(new Random('a'), 5), draw(new Random('b'), 5));
});

test('what one fork draws does not shift another one', () => {
  const one = new Random('s');
  const before = draw(one.fork('x'), 5);
  draw(one.fork('y'), 100);
  draw(one, 3);
  assert.deepEqual(draw(one.fork('x'), 5), before);
});

test('numbers are spread evenly and stay in their bounds', () => {
  const random = new Random('spread');
  const cells = new Array(10).fill(0);
  for (const value of draw(random, 20_000)) {
    assert.ok(value >= 0 && value < 1);
    cells[Math.floor(value * 10)]++;
  }
  for (const cell of cells) assert.ok(cell > 1800 && cell < 2200, `cell of ${cell}`);
  for (let i = 0; i < 1000; i++) {
    const n = random.int(3, 5);
    assert.ok(n >= 3 && n <= 5);
  }
  const mean = Array.from({ length: 4000 }, () => random.poisson(6)).reduce((a, b) => a + b, 0) / 4000;
  assert.ok(Math.abs(mean - 6) < 0.2, `mean ${mean}`);
  assert.match(random.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('choices by weight follow the weights', () => {
  const random = new Random('weights');
  let heavy = 0;
  for (let i = 0; i < 5000; i++)
    heavy += random.weighted([
      [9, 1],
      [1, 0],
    ]);
  assert.ok(heavy > 4350 && heavy < 4650, `${heavy}`);
});

test('grammar: nested choices, slots with one value each, given slots', () => {
  const random = new Random('grammar');
  const seen = new Set<string>();
  for (let i = 0; i < 200; i++)
    seen.add(expand('{a|b{1|2}|} [x]-[x] [y]', random, (name) => `${name}${random.int(0, 9)}`, { y: '!' }));
  for (const text of seen) assert.match(text, /^(a|b1|b2|) (x\d)-\2 !$/);
  assert.ok(seen.size > 20);
  assert.throws(() => expand('{a|b', random, () => ''), SyntaxError);
});

test('heap gives items in order, also equal keys', () => {
  const random = new Random('heap');
  const heap = new Heap<[number, number]>((a, b) => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]));
  for (let i = 0; i < 500; i++) heap.push([random.int(0, 50), i]);
  const out: [number, number][] = [];
  for (let item = heap.pop(); item; item = heap.pop()) out.push(item);
  assert.deepEqual(
    out,
    [...out].sort((a, b) => a[0] - b[0] || a[1] - b[1]),
  );
  assert.equal(out.length, 500);
});
