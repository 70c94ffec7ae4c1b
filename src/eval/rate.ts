/** Rates with their uncertainty, in the form in which evaluations are reported. */
import { type Alert, atLeast, type Severity } from '../model/finding.ts';

/** One line of an evaluation. */
export interface Row {
  group: string;
  n: number;
  flagged: number;
  /** flagged / n; 0 when n is 0. */
  rate: number;
  /** 95 % Wilson interval. */
  ci: [number, number];
  /** How many of the flagged each detector contributed to. */
  detectors: Record<string, number>;
}

const Z = 1.959963984540054;

/** 95 % Wilson score interval of `hits` of `n`; [0, 1] when nothing was measured. */
export function wilson(hits: number, n: number): [number, number] {
  if (n === 0) return [0, 1];
  const p = hits / n;
  const z2 = Z * Z;
  const centre = p + z2 / (2 * n);
  const half = Z * Math.sqrt((p * (1 - p) + z2 / (4 * n)) / n);
  const low = hits === 0 ? 0 : (centre - half) / (1 + z2 / n);
  const high = hits === n ? 1 : (centre + half) / (1 + z2 / n);
  return [Math.max(0, low), Math.min(1, high)];
}

/** A row of items, each with the detectors that flagged it (none: not flagged). */
export function row(group: string, items: readonly ReadonlySet<string>[]): Row {
  const detectors: Record<string, number> = {};
  let flagged = 0;
  for (const found of items) {
    if (found.size > 0) flagged++;
    for (const id of found) detectors[id] = (detectors[id] ?? 0) + 1;
  }
  const n = items.length;
  const sorted = Object.fromEntries(Object.entries(detectors).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
  return { group, n, flagged, rate: n === 0 ? 0 : flagged / n, ci: wilson(flagged, n), detectors: sorted };
}

/** The last revision of each alert that is at least this severe. */
export function current(alerts: readonly Alert[], floor: Severity): Alert[] {
  const latest = new Map<string, Alert>();
  for (const alert of alerts) {
    const known = latest.get(alert.id);
    if (known === undefined || alert.revision >= known.revision) latest.set(alert.id, alert);
  }
  return [...latest.values()].filter((alert) => atLeast(alert.severity, floor));
}

/** Turns records into alerts: the whole pipeline, as the caller has put it together. */
export type Pipeline = (records: AsyncIterable<Uint8Array>) => Promise<Alert[]>;

/** Something that should have been flagged and was not, or the reverse. */
export interface Miss {
  group: string;
  id: string;
  /** `missed`: an attack without alert · `false-alarm`: benign with one. */
  kind: 'missed' | 'false-alarm';
  detectors: string[];
  note?: string;
}

/** What `eval` reports. */
export interface Report {
  data: string;
  mode: 'installed' | 'leave-out';
  rows: Row[];
  /** Alerts of the floor's severity and above. */
  alerts: number;
  /** Alerts a day that name nothing hostile; null where the data has no time of its own. */
  false_per_day: number | null;
  worst: Miss[];
  /** Lines for people that stand below the table. */
  notes?: string[];
  /** Tables for the docs, in place of the rows. */
  markdown?: string;
}
