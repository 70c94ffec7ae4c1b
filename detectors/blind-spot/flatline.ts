/** Flatlines: an endpoint that falls silent in hours in which it was busy two weeks running, while the rest of the traffic goes on. */
import { shortName } from '../../src/detect/parts/name.ts';

/** Calls per hour of the week, of the last week and of the one before; -1 is not known. Plain JSON. */
export interface Rhythm {
  last: number[];
  before: number[];
  /** Calls and failures of the hour that is running. */
  now: number;
  failed: number;
  /** Share of failures in the last hour with traffic. */
  failing: number;
  /** Hours of silence so far, what they should have brought, and whether it was said. */
  flat: number;
  missing: number;
  told: boolean;
  seen: number;
}

export interface Flatlines {
  /** Number of the hour that is running; -1 before the first. */
  hour: number;
  endpoints: Record<string, Rhythm>;
}

/** An endpoint that has been silent for so many busy hours. */
export interface Silence {
  endpoint: string;
  hours: number;
  missing: number;
  /** Its last hour with traffic was full of failures: it is down. */
  failing: boolean;
}

const HOUR = 60 * 60 * 1_000;
const WEEK = 168;
const MAX_ENDPOINTS = 12;
/** Smaller endpoints fall silent by chance. */
const BUSY = 50;
const FLAT = 0.1;
const OTHERS = 0.7;
const FAILING = 0.2;
export const FLAT_HOURS = 3;

export function newFlatlines(): Flatlines {
  return { hour: -1, endpoints: {} };
}

/** Counts a call; returns what fell silent in the hours that it ends. */
export function tick(state: Flatlines, endpoint: string | undefined, time: number, failed: boolean): Silence[] {
  const hour = Math.floor(time / HOUR);
  const silences: Silence[] = [];
  if (state.hour < 0 || hour - state.hour > WEEK) {
    if (state.hour >= 0) state.endpoints = {};
    state.hour = hour;
  }
  for (; state.hour < hour; state.hour++) silences.push(...endHour(state));
  if (endpoint === undefined) return silences;
  const name = `endpoint ${shortName(endpoint, 80)}`;
  const rhythm = state.endpoints[name] ?? open(state, name, hour);
  rhythm.now++;
  rhythm.seen = hour;
  if (failed) rhythm.failed++;
  return silences;
}

function open(state: Flatlines, name: string, hour: number): Rhythm {
  const all = Object.entries(state.endpoints);
  if (all.length >= MAX_ENDPOINTS) delete state.endpoints[all.reduce((a, b) => (b[1].seen < a[1].seen ? b : a))[0]];
  const unknown = () => Array.from({ length: WEEK }, () => -1);
  const rhythm: Rhythm = {
    last: unknown(),
    before: unknown(),
    now: 0,
    failed: 0,
    failing: 0,
    flat: 0,
    missing: 0,
    told: false,
    seen: hour,
  };
  state.endpoints[name] = rhythm;
  return rhythm;
}

function endHour(state: Flatlines): Silence[] {
  const slot = state.hour % WEEK;
  const all = Object.entries(state.endpoints);
  const expected = (rhythm: Rhythm) =>
    Math.max(0, Math.min(rhythm.last[slot] as number, rhythm.before[slot] as number));
  const due = all.reduce((sum, [, rhythm]) => sum + expected(rhythm), 0);
  const came = all.reduce((sum, [, rhythm]) => sum + rhythm.now, 0);
  const silences: Silence[] = [];
  for (const [name, rhythm] of all) {
    const endpoint = name.slice('endpoint '.length);
    const own = expected(rhythm);
    const flat = own >= BUSY && rhythm.now < FLAT * own;
    const others = due - own;
    // A holiday is quiet everywhere; a move turns up elsewhere.
    const alone = others >= BUSY && came - rhythm.now >= OTHERS * others && came <= due - own / 2;
    if (flat && alone) {
      rhythm.flat++;
      rhythm.missing += own - rhythm.now;
    } else if (own >= BUSY || rhythm.now > 0) Object.assign(rhythm, { flat: 0, missing: 0, told: false });
    if (rhythm.flat >= FLAT_HOURS && !rhythm.told) {
      rhythm.told = true;
      silences.push({
        endpoint,
        hours: rhythm.flat,
        missing: Math.round(rhythm.missing),
        failing: rhythm.failing >= FAILING,
      });
    }
    if (rhythm.now > 0) rhythm.failing = rhythm.failed / rhythm.now;
    // Silence does not become usual in the week in which it is noticed.
    if (!flat || !alone) {
      rhythm.before[slot] = rhythm.last[slot] as number;
      rhythm.last[slot] = rhythm.now;
    }
    Object.assign(rhythm, { now: 0, failed: 0 });
  }
  return silences;
}
