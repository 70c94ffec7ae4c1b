/** What a principal tried over days and sessions: attempts that fade with a half-life of 24 hours, against how much it writes at all. */
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';

export interface History {
  time: number;
  /** Faded sum of the attempts' probabilities, and faded number of messages that were weighed at all. */
  tried: number;
  weighed: number;
  /** Newest attempts: source id and session, at most 12. */
  last: { id: string; session: string }[];
}

const HALF_LIFE = 24 * 60 * 60 * 1_000;
const MAX_LAST = 12;
const MAX_ID = 200;
/** Attempts that a principal's ordinary messages look like: one in twenty of those that are weighed. */
const USUAL = 0.05;
const SESSIONS = 2;

/** @param chance probability of an attempt in this observation; 0 for none. */
export function note(history: History | null, { time, id, session = '' }: Observation, chance: number): History {
  const faded = history === null ? 0 : 0.5 ** (Math.max(0, time - history.time) / HALF_LIFE);
  const last = history?.last ?? [];
  return {
    time: Math.max(time, history?.time ?? time),
    tried: (history?.tried ?? 0) * faded + chance,
    weighed: (history?.weighed ?? 0) * faded + 1,
    last:
      chance > 0 ? [...last, { id: id.slice(0, MAX_ID), session: session.slice(0, MAX_ID) }].slice(-MAX_LAST) : last,
  };
}

/** A finding when the attempts of several sessions add up to more than `limit` and more than is usual for so many messages. */
export function reportHistory({ tried, weighed, last }: History, limit: number): FindingDraft | undefined {
  if (tried < limit + USUAL * weighed || new Set(last.map(({ session }) => session)).size < SESSIONS) return undefined;
  return {
    about: 'attempts-over-days',
    confidence: Math.min(0.9, 1 - 0.5 ** (tried / 2)),
    severity: 'medium',
    eventIds: last.map(({ id }) => id),
    evidence: [
      {
        kind: 'attempts-over-days',
        observed: `attempts over several sessions add up to ${tried.toFixed(1)}, each fading by half in 24 hours`,
        usual: `${(USUAL * weighed).toFixed(1)} for so many messages`,
        quiet_if: `they added up to less than ${limit}`,
      },
    ],
  };
}
