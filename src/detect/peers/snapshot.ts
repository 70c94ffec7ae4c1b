/** Peer tables as plain JSON and back. */
import type { Amounts, DayAmounts } from './amounts.ts';
import type { OpenDay, Tenant } from './tenant.ts';
import type { UserCells } from './users.ts';

/** Doers as one flat list: hash, day, hash, day. */
type CellsText = [cell: number, doers: number[]][];

export interface TenantSnapshot {
  open: [day: number, deeds: CellsText, amounts: [series: number, groups: [group: number, items: number[]][]][]][];
  /** Null before any day was closed. */
  closed: number | null;
  tables: { from: number; deeds: CellsText; amounts: [series: number, days: [day: number, amounts: number[]][]][] }[];
}

export function writeTenant({ open, closed, tables }: Tenant): TenantSnapshot {
  return {
    open: [...open].map(([day, { deeds, amounts }]) => [
      day,
      writeCells(deeds),
      [...amounts].map(([series, groups]) => [series, [...groups].map(([group, items]) => [group, [...items]])]),
    ]),
    closed: Number.isFinite(closed) ? closed : null,
    tables: tables.map(({ from, deeds, amounts }) => ({ from, deeds: writeCells(deeds), amounts: [...amounts] })),
  };
}

export function readTenant({ open, closed, tables }: TenantSnapshot): Tenant {
  return {
    open: new Map(
      open.map(([day, deeds, amounts]): [number, OpenDay] => [
        day,
        { deeds: readCells(deeds), amounts: readDayAmounts(amounts) },
      ]),
    ),
    closed: closed ?? Number.NEGATIVE_INFINITY,
    tables: tables.map(({ from, deeds, amounts }) => ({
      from,
      deeds: readCells(deeds),
      amounts: new Map(amounts) as Amounts,
    })),
  };
}

function readDayAmounts(amounts: TenantSnapshot['open'][number][2]): DayAmounts {
  return new Map(
    amounts.map(([series, groups]) => [series, new Map(groups.map(([group, items]) => [group, new Set(items)]))]),
  );
}

function writeCells(cells: UserCells): CellsText {
  return [...cells].map(([cell, doers]) => [cell, [...doers].flat()]);
}

function readCells(cells: CellsText): UserCells {
  return new Map(
    cells.map(([cell, flat]) => {
      const doers = new Map<number, number>();
      for (let i = 0; i + 1 < flat.length; i += 2) doers.set(flat[i] as number, flat[i + 1] as number);
      return [cell, doers];
    }),
  );
}
