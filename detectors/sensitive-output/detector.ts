/** Sensitive output: answers that hold live secrets, more personal data than usual, or a kind that this application never handed out. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { type Baseline, newBaseline } from '../../src/detect/parts/baseline.ts';
import { type Familiar, knows, meet, newFamiliar } from '../../src/detect/parts/familiar.ts';
import { type Acquaintance, newAcquaintance, stageAt } from '../../src/detect/parts/maturity.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';
import { remember, type Sensitive, shownAgain } from './overlap.ts';
import { type Said, secretsOut, whoSaid } from './secrets.ts';
import { countRecords, type Records, typesOf } from './volume.ts';

const params = z.strictObject({
  /** Surety from which a secret in an answer is reported at all, and from which it is severe. */
  secret: z.number().min(0).max(1).default(0.6),
  severeSecret: z.number().min(0).max(1).default(0.9),
  /** Distinct records of one kind within 24 hours that nobody needs, and how far above the usual is too far. */
  records: z.number().int().positive().default(20),
  deviations: z.number().positive().default(6),
  /** Answers after which an application is known by the kinds of data it hands out. */
  answers: z.number().int().positive().default(500),
  /** Sampled shingles of one sensitive tool result that an answer must repeat. */
  shingles: z.number().int().positive().default(3),
});

export type Params = z.infer<typeof params>;

export interface State {
  acquaintance: Acquaintance;
  /** Of a session, or of a principal without sessions. */
  said: Said[];
  sensitive: Sensitive[];
  /** Of a principal. */
  records: Records;
  days: Baseline;
  /** Of an agent. */
  answers: number;
  types: Familiar;
}

const WEEK = 7 * 24 * 60 * 60 * 1_000;
const MAX_TYPES = 64;

export default defineDetector<State, Params>({
  id: 'sensitive-output',
  title: 'Answer holds sensitive data',
  class: 'artifact',
  maturity: 'experimental',
  severity: 'high',
  techniques: ['AML.T0057', 'T1552', 'T1213'],
  keys: ['session', 'principal', 'agent'],
  params,
  lookback: 4 * WEEK,
  bound: 96 * 1024,
  stateVersion: 1,
  initial: () => ({
    acquaintance: newAcquaintance(),
    said: [],
    sensitive: [],
    records: { seen: [], beyond: 0, day: -1 },
    days: newBaseline(),
    answers: 0,
    types: newFamiliar(),
  }),
  concerns: (observation, dimension) =>
    dimension === 'session'
      ? observation.artefacts !== undefined || observation.answerShingles !== undefined
      : dimension === 'principal' || observation.operation === 'chat',
  observe(observation, state, { params, key }) {
    const findings: FindingDraft[] = [];
    const stage = stageAt(state.acquaintance, observation.time);
    const home = observation.session !== undefined ? 'session' : 'principal';
    if (key.dimension === home) {
      findings.push(...secretsOut(observation, state.said, params));
      const again = shownAgain(observation, state.sensitive, params.shingles);
      if (again) findings.push(again);
      whoSaid(observation, state.said);
      remember(observation, state.sensitive);
    }
    if (key.dimension === 'principal') {
      const volume = countRecords(observation, state.records, state.days, stage, params);
      if (volume) findings.push(volume);
    }
    if (key.dimension === 'agent') findings.push(...newTypes(observation, state, params));
    return findings;
  },
});

/** A kind of data that this application never handed out, once it is well known. */
function newTypes(observation: Observation, state: State, params: Params): FindingDraft[] {
  const found = typesOf(observation).filter((type) => !knows(state.types, type));
  for (const type of found) meet(state.types, type, observation.time, MAX_TYPES);
  const known = state.answers++;
  if (known < params.answers) return [];
  return found.map((type) => ({
    about: `first:${type}`,
    title: 'Application hands out a new kind of sensitive data',
    severity: 'medium',
    confidence: Math.min(0.9, 0.6 + known / 20_000),
    evidence: [
      {
        kind: 'first-of-kind',
        observed: `an answer held ${type}`,
        usual: `none of ${known} answers did`,
        quiet_if: 'an earlier answer had held one',
      },
    ],
  }));
}
