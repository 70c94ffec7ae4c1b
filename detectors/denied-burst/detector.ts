/** Denied burst: a caller is refused again and again while it tries what it has never been able to use. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { type Baseline, learn, newBaseline, usual } from '../../src/detect/parts/baseline.ts';
import { type Familiar, knows, meet, newFamiliar } from '../../src/detect/parts/familiar.ts';
import { type Acquaintance, newAcquaintance, stageAt } from '../../src/detect/parts/maturity.ts';
import { arrive, newOrigins, type Origins } from '../../src/detect/parts/origins.ts';
import { clipWhat, distinct, idsOf, note, prune, type Recent, since } from '../../src/detect/parts/recent.ts';
import type { FindingDraft, Severity, Stage } from '../../src/model/finding.ts';
import type { Dimension } from '../../src/model/key.ts';
import type { Observation } from '../../src/model/observation.ts';

const params = z.strictObject({
  /** Refusals in ten minutes: never fires up to this many. */
  refusals: z.number().int().positive().default(5),
  /** Distinct targets among them that the caller never used. */
  targets: z.number().int().positive().default(3),
  /** Spreads above the median. */
  deviations: z.number().positive().default(5),
  /** Distinct targets in a day that are reported once the caller is known. */
  targetsInDay: z.number().int().positive().default(6),
  /** Fire whatever is usual, also while learning: refusals and targets in ten minutes, targets in a week. */
  ceilingRefusals: z.number().int().positive().default(12),
  ceilingTargets: z.number().int().positive().default(6),
  ceilingInWeek: z.number().int().positive().default(8),
  /** The same for calls from a network where the caller is a stranger. */
  strangerRefusals: z.number().int().positive().default(8),
  strangerTargets: z.number().int().positive().default(4),
  strangerInWeek: z.number().int().positive().default(6),
  /** Callers refused from one network in ten minutes, none of which ever succeeded there. */
  callers: z.number().int().positive().default(10),
  /** Callers that fail with one and the same error from one moment on: an outage. */
  outageCallers: z.number().int().positive().default(5),
});

type Params = z.infer<typeof params>;

interface State {
  acquaintance: Acquaintance;
  origins: Origins;
  /** What the caller has used with success: targets, or, for a network, its callers. */
  used: Familiar;
  /** Targets refused in the last week that it had never used. */
  walked: Recent;
  /** Such targets refused from a network where the caller was a stranger. */
  strange: Recent;
  /** Times of all refusals of the last ten minutes, whatever the target. */
  refused: Recent;
  /** Who was refused in the last ten minutes, with the error. */
  callers: Recent;
  perHour: Baseline;
  /** Number of the hour and refusals in it. */
  hour: [number, number];
  /** Severity and time of the last report of a slow walk. */
  told: [Severity, number] | null;
}

const MINUTE = 60 * 1_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const BURST = 10 * MINUTE;
const INSTANT = 2 * MINUTE;
const WEEK = 7 * DAY;
const MAX_RECENT = 64;
const MAX_USED = 128;

export default defineDetector<State, Params>({
  id: 'denied-burst',
  title: 'Caller is refused again and again on targets it never used',
  class: 'behaviour',
  maturity: 'incubating',
  severity: 'medium',
  techniques: ['AML.T0040', 'T1110', 'T1580', 'T1087.004'],
  keys: ['credential', 'principal', 'network'],
  params,
  lookback: 14 * DAY,
  bound: 400 * 1024,
  stateVersion: 1,
  initial: () => ({
    acquaintance: newAcquaintance(),
    origins: newOrigins(),
    used: newFamiliar(),
    walked: [],
    strange: [],
    refused: [],
    callers: [],
    perHour: newBaseline(),
    hour: [-1, 0],
    told: null,
  }),
  concerns: (observation) => observation.status === 'ok' || isRefusal(observation),
  observe(observation, state, { params, key }) {
    if (!speaksFor(key.dimension, key.id, observation)) return [];
    if (key.dimension === 'network' && callerOf(observation) !== undefined) return crowd(observation, state, params);
    const stage = stageAt(state.acquaintance, observation.time);
    const strange = arrive(state.origins, observation).network;
    turnHour(state, observation.time);
    prune(state.refused, observation.time - BURST, MAX_RECENT);
    return isRefusal(observation)
      ? refused(observation, state, params, stage, strange)
      : succeeded(observation, state, params, stage, strange);
  },
});

/** A call speaks for its credential; for its principal only without one; for its network as one of a crowd, or where nobody is named. */
function speaksFor(dimension: Dimension, id: string, observation: Observation): boolean {
  if (dimension === 'credential') return observation.credential === id;
  return dimension === 'network' || observation.credential === undefined;
}

function callerOf(observation: Observation): string | undefined {
  return observation.credential ?? observation.principal;
}

/** Refused for want of a right, or asked for what does not exist; a rate limit is neither, a guardrail judges words and not rights. */
function isRefusal(observation: Observation): boolean {
  if (observation.guardrail === 'blocked' || observation.httpStatus === 429) return false;
  if (observation.status === 'denied') return true;
  // An access log's 404 is any crawler's; that of a model call asks for a model that is not there.
  return observation.status === 'error' && observation.httpStatus === 404 && observation.operation !== 'access';
}

function targetOf(observation: Observation): string {
  const call = observation.operation === 'tool' ? observation.calls[0] : undefined;
  if (call) return clipWhat(`${call.tool} ${call.resources[0] ?? ''}`.trim());
  return clipWhat(observation.model ?? observation.route ?? observation.endpoint ?? 'unknown');
}

/** Hours with activity teach what is usual, but for those that look like a walk. */
function turnHour(state: State, time: number): void {
  const hour = Math.floor(time / HOUR);
  if (state.hour[0] === hour) return;
  const [before, refusals] = state.hour;
  if (before >= 0 && distinct(since(state.walked, before * HOUR)).length < 3) learn(state.perHour, refusals);
  state.hour = [hour, 0];
}

function refused(
  observation: Observation,
  state: State,
  params: Params,
  stage: Stage,
  strange: boolean,
): FindingDraft[] {
  const { time, id } = observation;
  const target = targetOf(observation);
  state.hour[1]++;
  note(state.refused, time, target, id, BURST, MAX_RECENT);
  note(state.callers, time, `${observation.principal ?? ''} ${errorOf(observation)}`, id, BURST, MAX_RECENT);
  let further = false;
  if (!knows(state.used, target)) {
    further = noteOnce(state.walked, time, target, id);
    if (strange) further = noteOnce(state.strange, time, target, id) || further;
  }
  if (isOutage(state, params)) return [outage(state.callers, observation)];
  const overWeek = isLongWalk(state, params, time);
  const burst = walk(state, params, stage, time, overWeek);
  if (burst) return [burst];
  const slow = further ? slowWalk(state, params, stage, time, overWeek) : undefined;
  return slow ? [slow] : [];
}

/** So many targets in a week that no history explains them. */
function isLongWalk(state: State, params: Params, time: number): boolean {
  return (
    since(state.walked, time - WEEK).length >= params.ceilingInWeek ||
    since(state.strange, time - WEEK).length >= params.strangerInWeek
  );
}

/**
 * Each target once, with the time of its last refusal: a client that insists on one target cannot push out the others.
 * True when the target is new.
 */
function noteOnce(recent: Recent, time: number, target: string, id: string): boolean {
  const known = recent.findIndex(([, what]) => what === target);
  if (known >= 0) recent.splice(known, 1);
  note(recent, time, target, id, WEEK, MAX_RECENT);
  return known < 0;
}

/** Refusals of the last ten minutes on targets never used, and what is usual. */
function walk(state: State, params: Params, stage: Stage, time: number, overWeek: boolean): FindingDraft | undefined {
  const burst = state.refused.filter(([, what]) => !knows(state.used, what));
  const targets = distinct(burst).length;
  const strange = distinct(since(state.strange, time - BURST)).length;
  const normal = usual(state.perHour);
  const limit = Math.max(params.refusals, normal ? normal.median + params.deviations * normal.spread : 0);
  const ceiling =
    (burst.length >= params.ceilingRefusals && targets >= params.ceilingTargets) ||
    (burst.length >= params.strangerRefusals && strange >= params.strangerTargets);
  const isBurst = burst.length > limit && targets >= params.targets;
  if (!isBurst && !ceiling) return undefined;
  return {
    about: 'walk',
    stage,
    severity: ceiling || overWeek || stage !== 'learning' ? 'medium' : 'low',
    confidence: Math.min(0.95, 0.5 + 0.03 * burst.length + 0.03 * targets + (strange > 0 ? 0.1 : 0)),
    eventIds: idsOf(burst),
    evidence: [
      {
        kind: 'refused-targets',
        observed: `${burst.length} refusals in 10 minutes on ${targets} targets never used before${strange > 0 ? ', from a network new to this caller' : ''}: ${shown(burst)}`,
        usual: normal ? `${normal.median} refusals in the median of ${normal.n} active hours` : null,
        quiet_if: `there had been ${Math.floor(limit)} or fewer, or fewer than ${params.targets} targets`,
      },
    ],
  };
}

/** The same, slowly: targets of a day, and of a week. */
function slowWalk(
  state: State,
  params: Params,
  stage: Stage,
  time: number,
  overWeek: boolean,
): FindingDraft | undefined {
  const week = since(state.walked, time - WEEK);
  const day = since(week, time - DAY);
  const strange = since(state.strange, time - WEEK);
  if (!overWeek && day.length < params.targetsInDay) return undefined;
  const severity = overWeek || stage !== 'learning' ? 'medium' : 'low';
  // A further target of the same walk is news once a day.
  if (state.told?.[0] === severity && time - state.told[1] < DAY) return undefined;
  state.told = [severity, time];
  return {
    about: 'slow-walk',
    stage,
    title: 'Caller tries one target after the other that it may not use',
    severity,
    confidence: Math.min(0.9, 0.4 + 0.04 * week.length + 0.03 * strange.length),
    eventIds: idsOf(week),
    evidence: [
      {
        kind: 'refused-targets-slow',
        observed: `refused on ${day.length} targets in a day and ${week.length} in a week that it never used${strange.length > 0 ? `, ${strange.length} of them from a network new to it` : ''}: ${shown(week)}`,
        usual: `${Object.keys(state.used.met).length} targets used with success`,
        quiet_if: `there had been fewer than ${params.targetsInDay} in a day, ${params.ceilingInWeek} in a week and ${params.strangerInWeek} from a new network`,
      },
    ],
  };
}

/** Success on something never used, right after refusals: the search has ended. */
function succeeded(
  observation: Observation,
  state: State,
  params: Params,
  stage: Stage,
  strange: boolean,
): FindingDraft[] {
  const target = targetOf(observation);
  const fresh = !knows(state.used, target);
  const burst = state.refused.filter(([, what]) => !knows(state.used, what));
  const others = distinct(burst).length;
  const broken = isOutage(state, params);
  // What a walk finds open does not become usual by it; the caller's next day does that.
  if (others < params.targets) meet(state.used, target, observation.time, MAX_USED);
  if (broken || !(fresh || strange) || burst.length < params.refusals || others < params.targets) return [];
  const ceiling = burst.length >= params.strangerRefusals && others >= params.strangerTargets;
  return [
    {
      about: 'way-in',
      stage,
      title: 'Success after a row of refusals',
      severity: ceiling || stage !== 'learning' ? 'high' : 'low',
      confidence: Math.min(0.95, 0.6 + 0.02 * burst.length + (strange ? 0.1 : 0)),
      eventIds: idsOf(burst),
      evidence: [
        {
          kind: 'success-after-refusals',
          observed: `${target} answered after ${burst.length} refusals on ${others} other targets in 10 minutes${strange ? ', from a network new to this caller' : ''}`,
          usual: fresh ? 'this caller has never used it before' : 'used before, from other networks',
          quiet_if: `fewer than ${params.refusals} refusals had gone before, or the target and the network had been usual for this caller`,
        },
      ],
    },
  ];
}

/** A network: who of those that call from here is refused. */
function crowd(observation: Observation, state: State, params: Params): FindingDraft[] {
  const caller = clipWhat(callerOf(observation) ?? '');
  if (!isRefusal(observation)) {
    meet(state.used, caller, observation.time, MAX_USED);
    return [];
  }
  const { time, id } = observation;
  const known = knows(state.used, caller);
  note(
    known ? state.callers : state.walked,
    time,
    known ? `${caller} ${errorOf(observation)}` : caller,
    id,
    BURST,
    MAX_RECENT,
  );
  for (const recent of [state.callers, state.walked]) prune(recent, time - BURST, MAX_RECENT);
  const strangers = distinct(state.walked).length;
  if (strangers < params.callers)
    return known && atOnce(state.callers) >= params.outageCallers ? [outage(state.callers, observation)] : [];
  return [
    {
      about: 'crowd',
      title: 'Many keys or users are refused from one network',
      severity: 'medium',
      confidence: Math.min(0.95, 0.6 + 0.01 * strangers),
      entities: { principal: null, credential: null, session: null },
      eventIds: idsOf(state.walked),
      evidence: [
        {
          kind: 'refused-callers',
          observed: `${strangers} callers refused in 10 minutes from ${observation.network?.slice(0, 80)}, none of which ever succeeded there`,
          usual: `${Object.keys(state.used.met).length} callers succeed from there`,
          quiet_if: `there had been fewer than ${params.callers}`,
        },
      ],
    },
  ];
}

function errorOf(observation: Observation): string {
  return `${observation.httpStatus ?? ''}${observation.errorType ?? ''}`.slice(0, 40) || 'refused';
}

/**
 * Many callers, one error, one moment: something broke. Names of end users are the client's own to choose, so a walk over many targets
 * stays one whoever it says it is.
 */
function isOutage(state: State, params: Params): boolean {
  const walked = distinct(state.refused.filter(([, what]) => !knows(state.used, what))).length;
  return walked < params.strangerTargets && atOnce(state.callers) >= params.outageCallers;
}

/** How many began to be refused within two minutes, when all are with the same error; else 0. */
function atOnce(callers: Recent): number {
  const starts = new Map<string, number>();
  const errors = new Set<string>();
  for (const [time, what] of callers) {
    if (!starts.has(what)) starts.set(what, time);
    errors.add(what.slice(what.lastIndexOf(' ') + 1));
  }
  const first = Math.min(...starts.values());
  return errors.size === 1 ? [...starts.values()].filter((time) => time - first <= INSTANT).length : 0;
}

function outage(callers: Recent, observation: Observation): FindingDraft {
  const many = distinct(callers).length;
  return {
    about: 'outage',
    title: 'Many callers are refused at once with one error',
    severity: 'low',
    confidence: 0.6,
    entities: { principal: null, session: null },
    eventIds: idsOf(callers),
    evidence: [
      {
        kind: 'outage',
        observed: `${many} callers refused with ${errorOf(observation)} from one moment on`,
        usual: null,
        quiet_if: 'the callers had failed one by one, or with different errors',
      },
    ],
  };
}

/** The first few, for people. */
function shown(recent: Recent): string {
  const names = distinct(recent).map((name) => name.slice(0, 40));
  return names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '');
}
