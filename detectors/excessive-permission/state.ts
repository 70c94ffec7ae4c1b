/** Settings, and what is remembered of a key, agent or person. */
import { z } from 'zod';
import { type Familiar, newFamiliar } from '../../src/detect/parts/familiar.ts';
import type { Widened } from './widened.ts';

export const params = z.strictObject({
  /** Minutes after a right was widened in which its use by the one who widened it counts. */
  minutes: z.number().positive().default(60),
  /** Days, and active days among them, after which a first use of a dangerous right is late. */
  lateDays: z.number().positive().default(30),
  lateActiveDays: z.number().int().positive().default(10),
  /** Days without use after which a dangerous right is reported as unused. */
  unusedDays: z.number().positive().default(14),
});

export type Params = z.infer<typeof params>;

export interface State {
  first: number | null;
  days: number;
  day: number;
  /** Rights granted: name → first and last time that they were seen. */
  granted: Familiar;
  used: Familiar;
  /** Kinds of dangerous rights used. */
  risky: Familiar;
  widened: Widened | null;
  /** Lists of tools, each with the version of the agent that had it. */
  kits: Familiar;
  /** What was reported, and when. */
  told: Familiar;
}

export function newState(): State {
  return {
    first: null,
    days: 0,
    day: -1,
    granted: newFamiliar(),
    used: newFamiliar(),
    risky: newFamiliar(),
    widened: null,
    kits: newFamiliar(),
    told: newFamiliar(),
  };
}
