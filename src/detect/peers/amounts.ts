/**
 * How much is usual: distinct items per group (tools per session), of a bounded sample of groups. The sample is those with the smallest
 * hashes, so that the order in which items come changes nothing.
 */

const GROUPS = 64;
const ITEMS = 64;
const SERIES = 512;

/** Series → group → hashes of its items; all hashed. */
export type DayAmounts = Map<number, Map<number, Set<number>>>;
/** Series → [number of a day, amounts of its groups in ascending order], oldest first. */
export type Amounts = Map<number, [day: number, amounts: number[]][]>;

/** Notes an item of a group. Changes the table. */
export function count(day: DayAmounts, series: number, group: number, item: number): void {
  let groups = day.get(series);
  if (groups === undefined) {
    groups = new Map();
    day.set(series, groups);
    if (day.size > SERIES) day.delete(Math.max(...day.keys()));
  }
  const items = groups.get(group);
  if (items !== undefined) {
    if (items.size < ITEMS) items.add(item);
    return;
  }
  // Once a group has had to leave, the greatest that stays only becomes smaller: it cannot come back.
  if (groups.size >= GROUPS && group > Math.max(...groups.keys())) return;
  groups.set(group, new Set([item]));
  if (groups.size > GROUPS) groups.delete(Math.max(...groups.keys()));
}

/** A new table that also holds the day's amounts, without days before `oldest`. The two given stay as they are. */
export function withDayAmounts(all: Amounts, day: DayAmounts, number: number, oldest: number): Amounts {
  const next: Amounts = new Map();
  for (const [series, days] of all) {
    const kept = days.filter(([at]) => at >= oldest);
    if (kept.length > 0) next.set(series, kept);
  }
  for (const [series, groups] of day) {
    const amounts = [...groups.values()].map((items) => items.size).sort((a, b) => a - b);
    next.set(series, [...(next.get(series) ?? []), [number, amounts]]);
  }
  for (const series of [...next.keys()].sort((a, b) => b - a).slice(0, Math.max(0, next.size - SERIES)))
    next.delete(series);
  return next;
}

export function amountsOf(all: Amounts, series: number): number[] {
  return (all.get(series) ?? []).flatMap(([, amounts]) => amounts);
}
