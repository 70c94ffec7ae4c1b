/** A coarse watch over the cost of a record: a stored baseline, and what has more than doubled since. */
import type { Report } from './report.ts';

/** Cost by name, as multiples of JSON.parse. */
export type Baseline = Record<string, number>;

/** A busy machine changes ratios by a third; twice is a fault of the code. */
const FACTOR = 2;

export function baselineOf({ budget = {}, formats = {} }: Partial<Report>): Baseline {
  const costs: Baseline = {};
  for (const [corpus, stages] of Object.entries(budget))
    for (const stage of ['format', 'scan_unseen', 'scan_repeated', 'detect'] as const)
      costs[`${corpus} ${stage}`] = stages[stage];
  for (const [corpus, list] of Object.entries(formats))
    for (const { format, ratio } of list) costs[`${corpus} ${format}`] = ratio;
  return costs;
}

/** One line per cost that is worse than twice the baseline; costs that only one of the two has are not compared. */
export function worsened(now: Baseline, before: Baseline): string[] {
  return Object.entries(now).flatMap(([name, cost]) => {
    const was = before[name];
    return was !== undefined && cost > was * FACTOR ? [`${name} costs ${cost} times JSON.parse; it was ${was}`] : [];
  });
}
