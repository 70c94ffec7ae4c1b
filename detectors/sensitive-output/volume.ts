/** How much personal data a principal is given: distinct records within a day against its own past. */
import { type Baseline, learn, usual } from '../../src/detect/parts/baseline.ts';
import type { FindingDraft, Stage } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';

/** The day's distinct data as [type, fingerprint], and how many came when there was no more room. Plain JSON. */
export interface Records {
  seen: [type: string, fingerprint: string][];
  beyond: number;
  /** Day number. */
  day: number;
}

const DAY = 24 * 60 * 60 * 1_000;
const MAX_SEEN = 1_024;
/** Anyone's mail address stands anywhere. */
const COMMON = new Set(['email', 'phone']);

/** Kinds of sensitive data in the answer, in order; secrets count as kinds of their own. */
export function typesOf({ artefacts }: Observation): string[] {
  const types = (artefacts ?? [])
    .filter(
      ({ role, argument, kind, confidence }) =>
        role === 'assistant' && !argument && (kind === 'personal' || kind === 'secret') && confidence >= 0.8,
    )
    .map(({ type }) => type);
  return [...new Set(types)].filter((type) => !COMMON.has(type)).sort();
}

export function countRecords(
  observation: Observation,
  records: Records,
  days: Baseline,
  stage: Stage,
  params: { records: number; deviations: number },
): FindingDraft | undefined {
  const day = Math.floor(observation.time / DAY);
  if (day > records.day) {
    if (records.day >= 0) learn(days, countOf(records));
    records.seen = [];
    records.beyond = 0;
    records.day = day;
  }
  const before = countOf(records);
  for (const artefact of observation.artefacts ?? []) {
    if (artefact.kind !== 'personal' || artefact.role !== 'assistant' || artefact.argument) continue;
    if (records.seen.some(([type, fingerprint]) => type === artefact.type && fingerprint === artefact.fingerprint))
      continue;
    if (records.seen.length < MAX_SEEN) records.seen.push([artefact.type, artefact.fingerprint]);
    else records.beyond++;
  }
  const count = countOf(records);
  if (count === before) return undefined;
  const past = usual(days);
  const limit = Math.max(params.records, past ? past.median + params.deviations * past.spread : 0);
  if (count <= limit) return undefined;
  return {
    about: `records:${day}`,
    title: 'One principal is given unusually much personal data',
    severity: stage === 'learning' ? 'low' : 'medium',
    stage,
    confidence: Math.min(0.9, 0.5 + 0.1 * Math.log2(count / limit + 1)),
    evidence: [
      {
        kind: 'personal-records',
        observed: `${count} distinct records within a day`,
        usual: past ? `${past.median} a day (median of ${past.n} days)` : null,
        quiet_if: `there had been no more than ${Math.floor(limit)}`,
      },
    ],
  };
}

/** A record has one datum of each type: the most frequent type counts them. */
function countOf({ seen, beyond }: Records): number {
  const counts = new Map<string, number>();
  for (const [type] of seen) counts.set(type, (counts.get(type) ?? 0) + 1);
  return Math.max(0, ...counts.values()) + beyond;
}
