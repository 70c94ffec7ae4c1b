/** Callers that go dark: one that always had text or a verdict, at whatever endpoint, and now has none. */
import { shortName } from '../../src/detect/parts/name.ts';
import type { Observation } from '../../src/model/observation.ts';

/** One caller and facet. Plain JSON. */
interface Habit {
  n: number;
  have: number;
  days: number;
  day: number;
  /** Calls since the time, and those without. */
  since: number;
  calls: number;
  lacking: number;
  told: boolean;
  last: number;
}

export type Habits = Record<string, Habit>;

/** A caller gone dark. */
export interface Dark {
  caller: string;
  calls: number;
  lacking: number;
  /** Share of its calls that had the facet before, 0 to 1. */
  usual: number;
}

const MAX_HABITS = 240;
const HOUR = 60 * 60 * 1_000;
const DAY = 24 * HOUR;
const KNOWN_CALLS = 30;
const KNOWN_DAYS = 3;
const RELIABLE = 0.9;
const LACKING = 15;
const MEMORY = 500;

/**
 * Counts a call of a named caller; returns it once when it went dark.
 * @param there whether this call has the facet.
 * @param lastsMs how long it must have been so.
 */
export function watch(
  habits: Habits,
  { agent, principal, credential, time }: Observation,
  there: boolean,
  lastsMs: number,
): Dark | undefined {
  const name = agent ?? principal ?? credential;
  if (name === undefined) return undefined;
  const caller = shortName(name, 48);
  const known = Object.hasOwn(habits, caller) ? habits[caller] : undefined;
  const habit = known ?? open(habits, caller, time);
  habit.last = time;
  const usual = habit.n === 0 ? 0 : habit.have / habit.n;
  const reliable = habit.n >= KNOWN_CALLS && habit.days >= KNOWN_DAYS && usual >= RELIABLE;
  if (time - habit.since > HOUR) Object.assign(habit, { since: time, calls: 0, lacking: 0 });
  habit.calls++;
  if (!there) habit.lacking++;
  const day = Math.floor(time / DAY);
  if (day > habit.day) Object.assign(habit, { day, days: habit.days + 1 });
  const dark =
    reliable && habit.lacking >= LACKING && habit.lacking * 2 >= habit.calls && time - habit.since >= lastsMs;
  // Being dark is learnt at half weight: a few bad hours do not become the habit, a change for good does in time.
  habit.n++;
  habit.have += there ? 1 : reliable ? 0.5 : 0;
  if (habit.n > MEMORY) Object.assign(habit, { n: habit.n / 2, have: habit.have / 2 });
  if (there && habit.calls >= LACKING && habit.lacking * 10 < habit.calls) habit.told = false;
  if (!dark || habit.told) return undefined;
  habit.told = true;
  return { caller, calls: habit.calls, lacking: habit.lacking, usual };
}

function open(habits: Habits, caller: string, time: number): Habit {
  const habit: Habit = { n: 0, have: 0, days: 0, day: -1, since: time, calls: 0, lacking: 0, told: false, last: time };
  Object.defineProperty(habits, caller, { value: habit, enumerable: true, writable: true, configurable: true });
  const all = Object.entries(habits);
  if (all.length > MAX_HABITS) {
    const oldest = all.sort(([, a], [, b]) => a.last - b.last).slice(0, MAX_HABITS / 10);
    for (const [name] of oldest) delete habits[name];
  }
  return habit;
}
