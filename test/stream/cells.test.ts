/** Keyed state in event time: the final outputs depend on the inputs alone, never on when they came or what happened in between. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Cells, type Changes, type Machine } from '../../src/stream/cells.ts';

interface In {
  id: string;
  time: number;
  value: number;
}
interface Out {
  id: string;
  key: string;
  sum: number;
}
interface Sum {
  sum: number;
  last: string | null;
}

const LATENESS = 20;
/** Every third value or so is an output that depends on all before it and on their order. */
const machine: Machine<In, Sum, Out> = {
  lookback: () => 100,
  initial: () => ({ sum: 0, last: null }),
  step(key, { id, value }, state) {
    state.sum = (state.sum * 3 + value) % 10_007;
    const outputs = value % 3 === 0 ? [{ id: `${id}/${state.last}`, key, sum: state.sum }] : [];
    state.last = id;
    return outputs;
  },
};
const none = (): Changes<Out> => ({ added: [], changed: [], removed: [] });
const input = (time: number, value: number, id = `i${time}`): In => ({ id, time, value });

/** Plays arrivals as the engine does: the watermark follows the greatest time, `LATENESS` behind it. */
function run(arrivals: (In & { key: string })[], restartAt = -1): Out[] {
  let cells = new Cells(machine);
  const final: Out[] = [];
  let reached = 0;
  arrivals.forEach(({ key, ...one }, index) => {
    cells.put(key, one, none());
    reached = Math.max(reached, one.time);
    final.push(...cells.close(reached - LATENESS));
    cells.expire();
    if (index !== restartAt) return;
    const kept = JSON.parse(JSON.stringify(cells.snapshot()));
    cells = new Cells(machine);
    cells.restore(kept);
  });
  final.push(...cells.close(Number.MAX_SAFE_INTEGER));
  return final.sort((a, b) => (a.key + a.id < b.key + b.id ? -1 : 1));
}

const log = fc
  .array(fc.record({ gap: fc.nat(30), value: fc.nat(30), key: fc.constantFrom('a', 'b'), late: fc.nat(LATENESS) }), {
    maxLength: 80,
  })
  .map((entries) => {
    let time = 1_000;
    return entries.map(({ gap, value, key, late }, index) => {
      time += gap % 7 === 0 ? gap * 6 : gap;
      return { ...input(time, value, `i${index}`), key, late };
    });
  });

describe('cells', () => {
  it('make the same final outputs of inputs in order and out of order within the lateness', () => {
    fc.assert(
      fc.property(log, (entries) => {
        const inOrder = entries.map(({ late: _, ...one }) => one);
        const shuffled = [...entries]
          .sort((a, b) => a.time + a.late - (b.time + b.late))
          .map(({ late: _, ...one }) => one);
        assert.deepEqual(run(shuffled), run(inOrder));
      }),
      { numRuns: 200 },
    );
  });

  it('do so for a busy key, whose state is noted again and again between late inputs, with a restart', () => {
    const busy = fc.array(fc.record({ gap: fc.nat(2), value: fc.nat(30), late: fc.nat(LATENESS) }), {
      minLength: 150,
      maxLength: 400,
    });
    fc.assert(
      fc.property(busy, fc.nat(400), (entries, at) => {
        let time = 1_000;
        const all = entries.map(({ gap, value, late }, index) => {
          time += gap;
          return { ...input(time, value, `i${index}`), key: 'k', late };
        });
        const shuffled = [...all].sort((a, b) => a.time + a.late - (b.time + b.late));
        const sorted = [...all].sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
        assert.deepEqual(run(shuffled, at), run(sorted));
      }),
      { numRuns: 60 },
    );
  });

  it('make the same final outputs with a snapshot and a restore anywhere', () => {
    fc.assert(
      fc.property(log, fc.nat(80), (entries, at) => {
        const arrivals = [...entries].sort((a, b) => a.time + a.late - (b.time + b.late));
        assert.deepEqual(run(arrivals, at), run(arrivals));
      }),
      { numRuns: 200 },
    );
  });

  it('are the same after an input was put and taken back', () => {
    fc.assert(
      fc.property(log, fc.nat(80), (entries, at) => {
        const cells = new Cells(machine);
        const other = new Cells(machine);
        entries.forEach(({ key, ...one }, index) => {
          if (index === at) {
            const extra = input(one.time - 1, 3, 'extra');
            cells.put(key, extra, none());
            cells.remove(key, extra, none());
          }
          for (const each of [cells, other]) each.put(key, one, none());
        });
        assert.deepEqual(cells.close(Number.MAX_SAFE_INTEGER), other.close(Number.MAX_SAFE_INTEGER));
      }),
      { numRuns: 100 },
    );
  });

  it('tell what a late input added, changed and removed', () => {
    const cells = new Cells(machine);
    const changes = none();
    cells.put('k', input(10, 3), changes);
    cells.put('k', input(30, 6), changes);
    assert.deepEqual(
      changes.added.map(({ id }) => id),
      ['i10/null', 'i30/i10'],
    );
    const late = none();
    cells.put('k', input(20, 1), late);
    assert.deepEqual([late.added.map(({ id }) => id), late.removed.map(({ id }) => id)], [['i30/i20'], ['i30/i10']]);
    const earliest = none();
    cells.put('k', { ...input(10, 3), id: 'a' }, earliest);
    assert.deepEqual(earliest.added.map(({ id }) => id).sort(), ['a/null', 'i10/a']);
  });

  it('do not send an output again that a late input left as it was, even when its id comes twice', () => {
    const cells = new Cells<In, { n: number }, { id: string; n: number }>({
      lookback: () => 100,
      initial: () => ({ n: 0 }),
      step: (_key, { value }, state) => (value === 0 ? [] : [{ id: 'same', n: ++state.n }]),
    });
    const first = { added: [], changed: [], removed: [] };
    cells.put('k', input(10, 1), first);
    cells.put('k', input(30, 1), first);
    const late = { added: [], changed: [], removed: [] };
    cells.put('k', input(20, 0), late);
    assert.deepEqual(late, { added: [], changed: [], removed: [] });
  });

  it('apply an input once', () => {
    const cells = new Cells(machine);
    const changes = none();
    cells.put('k', input(10, 3), changes);
    cells.put('k', input(20, 3), changes);
    const again = none();
    for (const time of [10, 20]) cells.put('k', input(time, 3), again);
    assert.deepEqual(again, none());
    assert.equal(cells.close(1_000).length, 2);
  });

  it('forget state after the look-back, and keep it at its edge', () => {
    const sums = (second: number) => {
      const cells = new Cells(machine);
      const changes = none();
      cells.put('k', input(1_000, 3), changes);
      cells.put('k', input(second, 3), changes);
      return changes.added.map(({ sum }) => sum);
    };
    assert.deepEqual(sums(1_100), [3, 12]);
    assert.deepEqual(sums(1_101), [3, 3]);
  });

  it('expire idle keys and no others', () => {
    const cells = new Cells(machine);
    cells.put('idle', input(1_000, 1), none());
    cells.put('edge', input(1_100, 1), none());
    cells.put('awake', input(5_000, 1), none());
    cells.close(1_200);
    assert.equal(cells.expire(), 1);
    assert.equal(cells.size, 2);
  });

  it('fold a busy cell: what is kept stays small while inputs keep coming', () => {
    const cells = new Cells(machine);
    let most = 0;
    let final = 0;
    for (let time = 1_000; time < 3_000; time++) {
      cells.put('k', input(time, 3), none());
      final += cells.close(time - LATENESS).length;
      most = Math.max(most, (cells.snapshot().cells[0] as unknown[])[3] ? cells.snapshot().cells[0]![3].length : 0);
    }
    assert.ok(most >= LATENESS && most <= 64 + LATENESS, `${most} inputs were held`);
    assert.ok(final > 1_800);
  });

  it('keep open what lies exactly at the watermark: an input may be late by all of the lateness', () => {
    const cells = new Cells(machine);
    cells.put('k', input(1_000, 3, 'b'), none());
    assert.deepEqual(cells.close(1_000), []);
    cells.put('k', input(1_000, 6, 'a'), none());
    assert.deepEqual(
      cells.close(1_001).map(({ id }) => id),
      ['a/null', 'b/a'],
    );
  });

  it('survive that the only input is taken back: the state before it is still there', () => {
    const cells = new Cells(machine);
    cells.put('k', input(1_000, 3), none());
    cells.close(1_001);
    cells.put('k', input(1_050, 1), none());
    cells.remove('k', input(1_050, 1), none());
    cells.close(1_060);
    const changes = none();
    cells.put('k', input(1_070, 3), changes);
    assert.deepEqual(
      changes.added.map(({ sum }) => sum),
      [12],
    );
    cells.put('new', input(1_071, 1), none());
    cells.remove('new', input(1_071, 1), none());
    assert.equal(cells.size, 1);
    cells.put('new', input(1_072, 1), none());
  });

  it('stay small when inputs keep coming from before a watermark that stands still', () => {
    const cells = new Cells(machine);
    cells.put('k', input(1_000_000, 1), none());
    cells.close(999_980);
    for (let time = 1_000; time < 3_000; time++) {
      cells.put(`k${time % 3}`, input(time, 1), none());
      cells.close(999_980);
    }
    const held = cells.snapshot().cells.reduce((sum, [, , , inputs]) => sum + inputs.length, 0);
    assert.ok(held <= 1, `${held} inputs were held`);
  });
});
