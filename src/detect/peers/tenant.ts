/** The peer tables of one tenant: days that still fill, and what may be read from when on. */
import { type Amounts, type DayAmounts, withDayAmounts } from './amounts.ts';
import { type UserCells, withDay } from './users.ts';

const HOUR = 60 * 60 * 1_000;
const DAY = 24 * HOUR;
/** A day is readable from this long after its end: far beyond the lateness with which records may count. */
const GRACE = HOUR;
/** Days for which a deed counts. */
export const DEED_DAYS = 30;
const AMOUNT_DAYS = 14;

export interface OpenDay {
  deeds: UserCells;
  amounts: DayAmounts;
}

/** What may be read from an event time on. Never changed once made. */
export interface Table {
  from: number;
  deeds: UserCells;
  amounts: Amounts;
}

export interface Tenant {
  /** Number of the day → what it has brought so far. */
  open: Map<number, OpenDay>;
  /** Greatest day that is closed. */
  closed: number;
  /** By `from`, ascending: the last one, and those that records not yet final may read. */
  tables: Table[];
}

/** Closes the days that are readable at this time, in their order. */
export function closeDays(tenant: Tenant, time: number): void {
  if (!isDue(tenant, time)) return;
  const due = [...tenant.open.keys()].filter((number) => (number + 1) * DAY + GRACE <= time);
  for (const number of due.sort((a, b) => a - b)) {
    const day = tenant.open.get(number) as OpenDay;
    const before = tenant.tables.at(-1);
    tenant.tables.push({
      from: (number + 1) * DAY + GRACE,
      deeds: withDay(before?.deeds ?? new Map(), day.deeds, number - DEED_DAYS),
      amounts: withDayAmounts(before?.amounts ?? new Map(), day.amounts, number, number - AMOUNT_DAYS),
    });
    tenant.open.delete(number);
    tenant.closed = Math.max(tenant.closed, number);
  }
}

/** Asked for every record: without a list. */
function isDue({ open }: Tenant, time: number): boolean {
  for (const number of open.keys()) if ((number + 1) * DAY + GRACE <= time) return true;
  return false;
}
