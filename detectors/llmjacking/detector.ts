/** LLMjacking: a stolen key burns tokens for somebody else. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { type Acquaintance, newAcquaintance, stageAt } from '../../src/detect/parts/maturity.ts';
import { arrive, newOrigins, type Origins, type Strange } from '../../src/detect/parts/origins.ts';
import { distinct, idsOf, note, prune, type Recent, since } from '../../src/detect/parts/recent.ts';
import type { FindingDraft, Stage } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';
import { belongsToKey, type Foreign, factsOf, type Habits, isForeign, newHabits, noteForeign } from './foreign.ts';
import { newSpend, type Spend, spend } from './spend.ts';

const params = z.strictObject({
  /** Kinds of probing calls from one place that make a probe, and in how many of them it is one even while learning. */
  probes: z.number().int().positive().default(2),
  ceilingProbes: z.number().int().positive().default(3),
  /** Facts that speak against the owner, and calls from networks new to the key before they count. */
  facts: z.number().int().positive().default(4),
  calls: z.number().int().positive().default(8),
  /** Facts that count from a strange program in a known network, or in the key's first three active days; a full probe must be among them. */
  weakFacts: z.number().int().positive().default(5),
  /** Distinct system prompts from networks new to the key. */
  prompts: z.number().int().positive().default(5),
  /** US dollars in an hour: never fires up to this much. */
  usdPerHour: z.number().positive().default(10),
  /** Fires whatever is usual: while learning, and for a key with a history. */
  ceilingUsdPerHour: z.number().positive().default(50),
  budgetUsdPerHour: z.number().positive().default(200),
  /** US dollars in a day: never fires up to this much, nor up to three times the dearest day. */
  usdPerDay: z.number().positive().default(30),
  /** Spreads above the median of hours. */
  deviations: z.number().positive().default(8),
  /** Price of a million tokens where the log has no cost. */
  usdPerMillion: z.number().nonnegative().default(5),
});

export type Params = z.infer<typeof params>;

interface State {
  acquaintance: Acquaintance;
  origins: Origins;
  habits: Habits;
  spend: Spend;
  /** Probing calls of the last quarter of an hour: `kind@network client`. */
  probes: Recent;
  foreign: Foreign | null;
}

const MINUTE = 60 * 1_000;
const DAY = 24 * 60 * MINUTE;
const PROBING = 10 * MINUTE;
const PROBE_TO_USE = 15 * MINUTE;
const MAX_PROBES = 32;

export default defineDetector<State, Params>({
  id: 'llmjacking',
  title: 'Key is used for somebody else’s calls',
  class: 'behaviour',
  maturity: 'experimental',
  severity: 'high',
  techniques: ['AML.T0012', 'AML.T0034', 'T1496.004', 'T1078.004'],
  keys: ['credential'],
  params,
  lookback: 30 * DAY,
  bound: 256 * 1024,
  stateVersion: 1,
  initial: () => ({
    acquaintance: newAcquaintance(),
    origins: newOrigins(),
    habits: newHabits(),
    spend: newSpend(),
    probes: [],
    foreign: null,
  }),
  concerns: (observation) => observation.operation !== 'admin' && observation.credential !== undefined,
  observe(observation, state, { params, key }) {
    // A place where the key was merely seen is no use of it.
    if (observation.credential !== key.id) return [];
    const stage = stageAt(state.acquaintance, observation.time);
    const strange = arrive(state.origins, observation);
    const kinds = probing(observation, state);
    const findings: FindingDraft[] = [];
    if (isUse(observation)) findings.push(...probeThenUse(observation, state, params, stage, strange));
    if (isForeign(observation, strange, state.foreign)) {
      const foreign = noteForeign(observation, state.foreign, strange, state.habits);
      state.foreign = foreign;
      foreign.probes = Math.max(foreign.probes, kinds.length);
      findings.push(...foreignUse(observation, foreign, state, params, stage));
    } else belongsToKey(observation, state.habits);
    const burn = spend(observation, state.spend, params, stage);
    if (burn) findings.push(burn);
    return findings;
  },
});

/** An answer that was worth asking for; a token or less is a probe. */
function isUse({ status, outputTokens }: Observation): boolean {
  return status === 'ok' && (outputTokens ?? 0) > 1;
}

function originOf({ network = '', client = '' }: Observation): string {
  return `@${network.slice(0, 50)} ${client.slice(0, 40)}`;
}

/** What someone does who wants to know what a key is good for. */
function probeKind(observation: Observation): string | undefined {
  const { status, httpStatus, errorType = '', guardrail, operation, outputTokens, route = '' } = observation;
  if (status === 'denied') return guardrail === 'blocked' ? undefined : 'refused';
  if (status === 'error') {
    if (httpStatus === 404) return 'no such model';
    const invalid = httpStatus === 400 || httpStatus === 422;
    return invalid && !/context|length|policy|guardrail/i.test(errorType) ? 'invalid request' : undefined;
  }
  if (operation === 'access') return /\/(?:models|model\/info)$/.test(route) ? 'list of models' : undefined;
  return operation === 'chat' && outputTokens !== undefined && outputTokens <= 1 ? 'one token' : undefined;
}

/** Notes a probing call; returns the kinds that this place has tried within ten minutes. */
function probing(observation: Observation, state: State): string[] {
  const kind = probeKind(observation);
  prune(state.probes, observation.time - PROBING - PROBE_TO_USE, MAX_PROBES);
  if (kind !== undefined)
    note(
      state.probes,
      observation.time,
      kind + originOf(observation),
      observation.id,
      PROBING + PROBE_TO_USE,
      MAX_PROBES,
    );
  return kindsAt(state.probes, observation, PROBING);
}

function probesAt(probes: Recent, observation: Observation, span: number): Recent {
  const origin = originOf(observation);
  return since(probes, observation.time - span).filter(([, what]) => what.endsWith(origin));
}

function kindsAt(probes: Recent, observation: Observation, span: number): string[] {
  return distinct(probesAt(probes, observation, span)).map((what) => what.slice(0, what.indexOf('@')));
}

/** A network new to the key tries out what the key can do, and then uses it. */
function probeThenUse(
  observation: Observation,
  state: State,
  params: Params,
  stage: Stage,
  strange: Strange,
): FindingDraft[] {
  const last = probesAt(state.probes, observation, PROBE_TO_USE).at(-1);
  if (last === undefined || !strange.network) return [];
  const before = probesAt(state.probes, observation, PROBING + PROBE_TO_USE).filter(
    ([time]) => last[0] - time <= PROBING,
  );
  const kinds = distinct(before).map((what) => what.slice(0, what.indexOf('@')));
  if (kinds.length < params.probes) return [];
  const ceiling = kinds.length >= params.ceilingProbes && strange.client;
  return [
    {
      about: 'probe-then-use',
      stage,
      title: 'Key is tried out from a new network and then used',
      severity: stage === 'learning' && !ceiling ? 'low' : 'high',
      confidence: Math.min(0.9, 0.4 + 0.12 * kinds.length + (strange.client ? 0.12 : 0)),
      eventIds: idsOf(before),
      evidence: [
        {
          kind: 'probe-then-use',
          observed: `${kinds.join(', ')}, then ${(observation.model ?? 'a model').slice(0, 60)} with success from ${(observation.network ?? 'a new network').slice(0, 80)}, ${Math.round((observation.time - last[0]) / MINUTE)} min later${strange.client ? '; the program is new to the key as well' : ''}`,
          usual: `${Object.keys(state.origins.networks.met).length} networks in ${state.origins.days} active days`,
          quiet_if: `the network had been known for the key, or fewer than ${params.probes} kinds of probing call had gone before`,
        },
      ],
    },
  ];
}

/** Use from new networks with several facts that speak against the owner. */
function foreignUse(
  observation: Observation,
  foreign: Foreign,
  state: State,
  params: Params,
  stage: Stage,
): FindingDraft[] {
  const { facts, burns } = factsOf(foreign, state.habits, params);
  const strong = foreign.strong >= params.calls;
  const enough = strong
    ? facts.length >= params.facts
    : foreign.probes >= params.ceilingProbes && facts.length >= params.weakFacts;
  if (foreign.calls < params.calls || !enough || burns < 2) return [];
  // The same again is news once a day; further facts are news at once.
  if (foreign.told !== null && foreign.told[0] >= facts.length && observation.time - foreign.told[1] < DAY) return [];
  foreign.told = [facts.length, observation.time];
  return [
    {
      about: 'foreign-use',
      stage,
      severity: foreign.probes >= params.probes && stage !== 'learning' ? 'high' : 'medium',
      confidence: Math.min(0.95, 0.4 + 0.1 * facts.length),
      eventIds: foreign.ids,
      evidence: [
        {
          kind: 'foreign-use',
          observed: `${foreign.calls} calls from ${strong ? 'networks' : 'places'} new to the key, last ${(observation.network ?? 'unknown').slice(0, 60)} with ${(observation.client ?? 'unknown').slice(0, 40)}: ${facts.join('; ')}`,
          usual: `${Object.keys(state.habits.models.met).length} models, ${state.habits.calls} calls in ${state.origins.days} active days from known places`,
          quiet_if: `fewer than ${strong ? params.facts : params.weakFacts} of these had been so, or the place had been used on three days before`,
        },
      ],
    },
  ];
}
