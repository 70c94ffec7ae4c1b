/** What a key costs per hour and day, and when that is far beyond what is usual. */
import { type Baseline, learn, newBaseline, type Usual, usual } from '../../src/detect/parts/baseline.ts';
import type { FindingDraft, Stage } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';

/** US dollars. Plain JSON. */
export interface Spend {
  /** Five-minute cells of the last hour that saw a cost: number and amount. */
  cells: [number, number][];
  /** Number and amount of the current hour and day. */
  hour: [number, number];
  day: [number, number];
  hours: Baseline;
  days: Baseline;
}

interface Limits {
  usdPerHour: number;
  ceilingUsdPerHour: number;
  budgetUsdPerHour: number;
  usdPerDay: number;
  deviations: number;
  usdPerMillion: number;
}

const CELL = 5 * 60 * 1_000;
const CELLS = 12;
const HOUR = CELLS * CELL;
const DAY = 24 * HOUR;
/** Days that must be known before a day can be dear. */
const ENOUGH_DAYS = 5;
const DEARER = 3;
/** A value this many spreads above the median teaches no more than that. */
const OUTLIER = 4;

export function newSpend(): Spend {
  return { cells: [], hour: [-1, 0], day: [-1, 0], hours: newBaseline(), days: newBaseline() };
}

/** Adds the cost of a call; a finding when the hour or the day is far too dear. */
export function spend(observation: Observation, state: Spend, limits: Limits, stage: Stage): FindingDraft | undefined {
  const usd = costOf(observation, limits);
  if (usd === 0) return undefined;
  const cell = Math.floor(observation.time / CELL);
  const last = state.cells.at(-1);
  if (last?.[0] === cell) last[1] += usd;
  else state.cells.push([cell, usd]);
  state.cells = state.cells.filter(([at]) => at > cell - CELLS).slice(-CELLS);
  turn(state.hour, Math.floor(observation.time / HOUR), usd, state.hours);
  turn(state.day, Math.floor(observation.time / DAY), usd, state.days);
  return dearHour(state, cell, limits, stage) ?? dearDay(state, limits, stage);
}

function costOf({ costUsd, inputTokens = 0, outputTokens = 0 }: Observation, limits: Limits): number {
  return costUsd ?? ((inputTokens + outputTokens) * limits.usdPerMillion) / 1_000_000;
}

/** Adds to the current period; the one that has ended teaches what is usual. */
function turn(current: [number, number], period: number, usd: number, past: Baseline): void {
  if (current[0] !== period) {
    const normal = usual(past);
    if (current[0] >= 0)
      learn(past, normal === null ? current[1] : Math.min(current[1], normal.median + OUTLIER * normal.spread));
    current[0] = period;
    current[1] = 0;
  }
  current[1] += usd;
}

function dearHour(state: Spend, cell: number, limits: Limits, stage: Stage): FindingDraft | undefined {
  const total = state.cells.reduce((sum, [, usd]) => sum + usd, 0);
  const normal = usual(state.hours);
  const limit = Math.max(limits.usdPerHour, normal ? normal.median + limits.deviations * normal.spread : 0);
  const dear = state.cells.filter(([at, usd]) => at > cell - 3 && usd > limit / CELLS).length;
  // A baseline that somebody raised slowly does not lift the budget.
  const ceiling = total > (stage === 'learning' ? limits.ceilingUsdPerHour : limits.budgetUsdPerHour);
  if (!ceiling && (total <= limit || dear < 2)) return undefined;
  return draft('hour', total, limit, normal, stage, ceiling, total > limits.ceilingUsdPerHour);
}

function dearDay(state: Spend, limits: Limits, stage: Stage): FindingDraft | undefined {
  if (state.days.values.length < ENOUGH_DAYS) return undefined;
  const limit = Math.max(limits.usdPerDay, DEARER * Math.max(...state.days.values));
  if (state.day[1] <= limit) return undefined;
  return draft('day', state.day[1], limit, usual(state.days), stage, false, state.day[1] > 3 * limit);
}

function draft(
  period: string,
  total: number,
  limit: number,
  normal: Usual | null,
  stage: Stage,
  ceiling: boolean,
  severe: boolean,
): FindingDraft {
  return {
    about: `cost:${period}`,
    stage,
    title: `Key costs far more in one ${period} than usual`,
    severity: stage === 'learning' && !ceiling ? 'low' : severe ? 'high' : 'medium',
    confidence: Math.min(0.9, 0.5 + (total - limit) / (10 * limit)),
    evidence: [
      {
        kind: `cost-per-${period}`,
        observed: `${total.toFixed(2)} USD in one ${period}`,
        usual: normal ? `${normal.median.toFixed(2)} USD in the median of ${normal.n} active ${period}s` : null,
        quiet_if: `it had been ${limit.toFixed(2)} USD or less`,
      },
    ],
  };
}
