/**
 * Who does what, counted: for each deed the number of distinct doers, in a table of fixed size. A count-min sketch (Cormode and
 * Muthukrishnan 2005) whose cells hold the smallest hashes of the doers (bottom-k, Bar-Yossef and others 2002), so that the order in which
 * deeds come changes nothing, and one doer with a million deeds adds one to each cell at most.
 */
import { mix } from './hash.ts';

const ROWS = 2;
/** Cells of a row. A tenant with 5,000 deeds has a count too high for one deed in fifteen. */
const CELLS = 16_384;
/** Doers that a cell counts exactly; beyond, it estimates with an error of about a quarter. */
export const EXACT = 16;
const ALL = 2 ** 32;

/** Cell → hash of a doer → number of the day on which it last did it. */
export type UserCells = Map<number, Map<number, number>>;

/** Notes that `doer` did `deed` (both hashed) on a day. Changes the table. */
export function use(cells: UserCells, deed: number, doer: number, day: number): void {
  for (let row = 0; row < ROWS; row++) {
    const at = cellOf(deed, row);
    const held = cells.get(at);
    if (held === undefined) cells.set(at, new Map([[doer, day]]));
    else if (held.get(doer) !== day) add(held, doer, day);
  }
}

/** Distinct doers of a deed: under 16 exact or too many, never too few; above it an estimate. */
export function usersOf(cells: UserCells, deed: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let row = 0; row < ROWS; row++) least = Math.min(least, distinct(cells.get(cellOf(deed, row))));
  return least;
}

/** A new table that also holds the day's doers, without those who last did it before `oldest`. The two given stay as they are. */
export function withDay(cells: UserCells, day: UserCells, oldest: number): UserCells {
  const next: UserCells = new Map();
  for (const [at, held] of cells) {
    let kept = held;
    if ([...held.values()].some((last) => last < oldest))
      kept = new Map([...held].filter(([, last]) => last >= oldest));
    if (kept.size > 0) next.set(at, kept);
  }
  for (const [at, held] of day) {
    const merged = new Map(next.get(at));
    for (const [doer, last] of held) add(merged, doer, last);
    next.set(at, merged);
  }
  return next;
}

function cellOf(deed: number, row: number): number {
  return row * CELLS + (mix(deed, row) % CELLS);
}

/** Keeps the smallest hashes. */
function add(held: Map<number, number>, doer: number, day: number): void {
  const known = held.get(doer);
  if (known === undefined && held.size >= EXACT) {
    const greatest = greatestOf(held);
    if (doer > greatest) return;
    held.delete(greatest);
  }
  held.set(doer, known === undefined ? day : Math.max(known, day));
}

function greatestOf(held: Map<number, number>): number {
  let greatest = 0;
  for (const doer of held.keys()) if (doer > greatest) greatest = doer;
  return greatest;
}

function distinct(held: Map<number, number> | undefined): number {
  if (held === undefined) return 0;
  return held.size < EXACT ? held.size : Math.round(((EXACT - 1) * ALL) / greatestOf(held));
}
