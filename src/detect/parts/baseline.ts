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
  return usualOf(baseline.values);
}

/** The same of values that are kept elsewhere, such as those of peers. */
export function usualOf(values: number[]): Usual | null {
  if (values.length === 0) return null;
  const middle = median(values);
  const spread = Math.max(TO_SIGMA * medianAbsoluteDeviation(values), middle / 10, 1);
  return { median: middle, spread, n: values.length };
}

/** Active hours after which what a key did itself counts as much as what its peers do. */
const HALF_WAY = 50;

/**
 * What is usual for a key of which little is known: its own past, drawn towards that of its peers with the weight n/(n+50) for n active
 * hours (the shrinkage of James and Stein). Either may be missing.
 */
export function shrunk(own: Usual | null, hours: number, peers: Usual | null): Usual | null {
  if (own === null || peers === null) return own ?? peers;
  const weight = hours / (hours + HALF_WAY);
  return {
    median: weight * own.median + (1 - weight) * peers.median,
    spread: weight * own.spread + (1 - weight) * peers.spread,
    n: own.n,
  };
}
