/** How much a signal says: how many times more often it comes from a principal under attack than from any other, measured. */
import measured from './likelihoods.json' with { type: 'json' };

/**
 * `prior` probability that a principal is under attack on a given day · `ratios` by signal, `detector/kind of evidence`: share of attacked
 * principal-days with this signal over the share of others · `groups` detectors whose signals have one cause in common, and so count
 * once. Made by `nightjar train fusion`.
 */
export interface Likelihoods {
  prior: number;
  ratios: Record<string, number>;
  groups: Record<string, string>;
}

export const MEASURED: Likelihoods = measured;

/** A signal that was never measured says nothing. */
const UNKNOWN = 1;

export function ratioOf(likelihoods: Likelihoods, signal: string): number {
  return likelihoods.ratios[signal] ?? UNKNOWN;
}

/** Detectors are groups of their own unless the table puts them together. */
export function groupOf(likelihoods: Likelihoods, detector: string): string {
  return likelihoods.groups[detector] ?? detector;
}
