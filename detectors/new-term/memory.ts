/** What a key has used so far, and which of its new terms wait for the day to be over. Plain JSON, bounded. */
import { type Familiar, meet, newFamiliar } from '../../src/detect/parts/familiar.ts';
import type { Observation } from '../../src/model/observation.ts';
import type { Kind, Term } from './terms.ts';

const HOUR = 60 * 60 * 1_000;
export const DAY = 24 * HOUR;
const MONTH = 30 * DAY;
/** Terms of a kind that are kept, new terms that wait, new terms of a month that are counted. */
const MAX_TERMS = 48;
const MAX_WAITING = 12;
const MAX_FRESH = 16;
/** Days on which a term must have been used before it is known: one day of harmless use makes nothing usual. */
const KNOWN_DAYS = 3;
/** A key is settled after so much time and so many active days. */
const SETTLED = 7 * DAY;
const SETTLED_DAYS = 3;
/** New terms of a kind in a month from which on new ones are this key's habit. */
const HABIT = 4;

export interface Waiting {
  kind: Kind;
  name: string;
  time: number;
  id: string;
}

export interface Memory {
  first: number | null;
  days: number;
  day: number;
  terms: Partial<Record<Kind, Familiar>>;
  /** Times of the last new terms of a kind, since the key is settled. */
  fresh: Partial<Record<Kind, number[]>>;
  waiting: Waiting[];
  /** Version of the agent, and when it was first seen: a release explains what is new. */
  version: string | null;
  released: number;
}

export function newMemory(): Memory {
  return { first: null, days: 0, day: -1, terms: {}, fresh: {}, waiting: [], version: null, released: 0 };
}

export function isSettled(memory: Memory, time: number): boolean {
  return memory.first !== null && time - memory.first >= SETTLED && memory.days > SETTLED_DAYS;
}

/** Counts the active day, and notices a release. */
export function arrive(memory: Memory, { time, agentVersion }: Observation): void {
  const day = Math.floor(time / DAY);
  memory.first ??= time;
  if (day > memory.day) {
    memory.day = day;
    memory.days++;
  }
  const version = agentVersion?.slice(0, 40) ?? null;
  if (version !== null && version !== memory.version) {
    if (memory.version !== null) memory.released = time;
    memory.version = version;
  }
}

/** New on this day: never used, or on so few days that it is not known yet. Then remembers it. */
export function isNew(memory: Memory, { kind, name }: Term, time: number): { first: boolean; fresh: boolean } {
  memory.terms[kind] ??= newFamiliar();
  const familiar = memory.terms[kind];
  const before = Object.hasOwn(familiar.met, name) ? familiar.met[name] : undefined;
  const [born, last, days] = before ?? [time, time, 0];
  const today = before !== undefined && Math.floor(last / DAY) === Math.floor(time / DAY);
  // What the key used in its first week belongs to it; how long it takes to show everything, nobody knows.
  const early = memory.first !== null && born - memory.first < SETTLED && before !== undefined;
  meet(familiar, name, time, MAX_TERMS);
  return { first: before === undefined, fresh: !today && !early && days < KNOWN_DAYS };
}

/** Counts a term that the key never had; true when such terms are this key's habit, or more than can be remembered. */
export function isHabit(memory: Memory, kind: Kind, time: number): boolean {
  const recent = (memory.fresh[kind] ?? []).filter((at) => at >= time - MONTH);
  memory.fresh[kind] = [...recent, time].slice(-MAX_FRESH);
  return recent.length >= HABIT || (memory.terms[kind]?.forgotten ?? 0) > 0;
}

export function wait(memory: Memory, term: Waiting): void {
  memory.waiting = [...memory.waiting, term].slice(-MAX_WAITING);
}

/** Takes out the terms whose day can be compared with what peers did on it: from 01:00 UTC of the next. */
export function takeDue(memory: Memory, time: number): Waiting[] {
  const due = memory.waiting.filter((term) => (Math.floor(term.time / DAY) + 1) * DAY + HOUR <= time);
  if (due.length > 0) memory.waiting = memory.waiting.filter((term) => !due.includes(term));
  return due;
}

/** A release of the agent, shortly before: its tools, prompts and models are new with it. */
export function isRelease(memory: Memory, time: number): boolean {
  return memory.released > 0 && time - memory.released < DAY;
}

/** The state of what a kind holds, for people. */
export function knownOf(memory: Memory, kind: Kind): number {
  return Object.keys(memory.terms[kind]?.met ?? {}).length;
}
