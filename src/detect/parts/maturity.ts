/** How well a key is known yet: nothing but artefacts may page while it is being learnt. */
import type { Stage } from '../../model/finding.ts';

/** Plain JSON. */
export interface Acquaintance {
  events: number;
  days: number;
  /** Day number of the last event. */
  day: number;
}

const DAY = 24 * 60 * 60 * 1_000;
const LEARNT_DAYS = 3;
const LEARNT_EVENTS = 200;

export function newAcquaintance(): Acquaintance {
  return { events: 0, days: 0, day: -1 };
}

/** Counts an event and returns the stage before it: learning until 3 active days and 200 events. */
export function stageAt(acquaintance: Acquaintance, time: number): Stage {
  const stage: Stage = acquaintance.days >= LEARNT_DAYS && acquaintance.events >= LEARNT_EVENTS ? 'own' : 'learning';
  acquaintance.events++;
  const day = Math.floor(time / DAY);
  if (day > acquaintance.day) {
    acquaintance.day = day;
    acquaintance.days++;
  }
  return stage;
}
