/** Baseline: what is usual for a key, from its own past values, robust against the odd one out. */
import { median, medianAbsoluteDeviation } from 'simple-statistics';

/** The last values, oldest first. Plain JSON. */
export interface Baseline {
  values: number[];
}

const KEEP = 64;
/** Makes the median absolute deviation comparable with a standard deviation of normal data (Rousseeuw and Croux 1993). */
const TO_SIGMA = 1.4826;

export function newBaseline(): Baseline {
  return { values: [] };
}

/** Remembers a value; the oldest of more than 64 is forgotten. */
export function learn(baseline: Baseline, value: number): void {
  baseline.values.push(value);
  if (baseline.values.length > KEEP) baseline.values.shift();
}

export interface Usual {
  median: number;
  /** 1.4826 · MAD, at least a tenth of the median and at least 1, so that a flat past does not make every change extreme. */
  spread: number;
  n: number;
}

/** Null until something was learnt. */
export function usual(baseline: Baseline): Usual | null {
  if (baseline.values.length === 0) return null;
  const middle = median(baseline.values);
  const spread = Math.max(TO_SIGMA * medianAbsoluteDeviation(baseline.values), middle / 10, 1);
  return { median: middle, spread, n: baseline.values.length };
}
