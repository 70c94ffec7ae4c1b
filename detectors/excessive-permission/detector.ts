/** Excessive permission: rights that are wider than what is done with them, and what is done with them at last. */
import { defineDetector } from '../../src/detect/contract.ts';
import { meet } from '../../src/detect/parts/familiar.ts';
import { shortName } from '../../src/detect/parts/name.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';
import { firstHighRisk, kitOf } from './first-use.ts';
import { covers, highRisk, isAdmin, isInference, isRisky, isWildcard, usedRights } from './rights.ts';
import { newState, type Params, params, type State } from './state.ts';
import { selfGranted, widenedBy } from './widened.ts';

const DAY = 24 * 60 * 60 * 1_000;
const WEEK = 7 * DAY;
const MONTH = 30 * DAY;
const MAX_RIGHTS = 64;
const MAX_TOLD = 32;
const MAX_NAME = 80;
const MAX_KITS = 16;
const LEAST_ACTIVE_DAYS = 5;

export default defineDetector<State, Params>({
  id: 'excessive-permission',
  title: 'Rights are wider than their use',
  class: 'judgment',
  maturity: 'experimental',
  severity: 'low',
  techniques: ['AML.T0012', 'AML.T0053', 'T1098', 'T1078'],
  keys: ['credential', 'agent', 'principal'],
  params,
  lookback: 90 * DAY,
  bound: 96 * 1024,
  stateVersion: 1,
  initial: newState,
  // What a person does is judged by their key; by name only where they change their own rights.
  concerns: ({ status, operation }, dimension) =>
    status === 'ok' && (dimension !== 'principal' || operation === 'admin'),
  peers: (observation) =>
    observation.status === 'ok' && observation.agent !== undefined && highRisk(observation) === 'commands'
      ? [{ deed: 'commands', by: observation.agent }]
      : [],
  observe(observation, state, { params, key, peers }) {
    const findings: (FindingDraft | undefined)[] = [];
    const mine = key.dimension !== 'credential' || observation.credential === key.id;
    if (mine) findings.push(selfGranted(observation, state.widened, state.used, params.minutes));
    state.widened = widenedBy(observation, key) ?? state.widened;
    rememberGrants(observation, state, key.dimension === 'credential' ? key.id : undefined);
    if (!mine) return findings.filter((finding) => finding !== undefined);
    arrive(state, observation);
    findings.push(firstHighRisk(observation, state, params, key, peers));
    if (key.dimension === 'credential') {
      findings.push(tooWide(observation, state), personsKey(observation, state), unused(observation, state, params));
    }
    for (const right of usedRights(observation)) meet(state.used, right, observation.time, MAX_RIGHTS);
    return findings.filter((finding) => finding !== undefined);
  },
});

function arrive(state: State, observation: Observation): void {
  const { time } = observation;
  const day = Math.floor(time / DAY);
  state.first ??= time;
  if (day > state.day) {
    state.day = day;
    state.days++;
  }
  meet(state.kits, kitOf(observation), time, MAX_KITS);
}

/** Grants stand in the audit entry of the key itself, or come with each call from the inventory. */
function rememberGrants(observation: Observation, state: State, credential: string | undefined): void {
  const { change, scopes = [], time } = observation;
  const about = change?.kind === 'key' ? change.object : observation.credential;
  if (credential === undefined || about !== credential) return;
  for (const right of scopes.slice(0, MAX_RIGHTS)) meet(state.granted, shortName(right, MAX_NAME), time, MAX_RIGHTS);
}

/** True once in the span. */
function once(state: State, about: string, time: number, span: number): boolean {
  const told = Object.hasOwn(state.told.met, about) ? state.told.met[about]?.[1] : undefined;
  if (told !== undefined && time - told < span) return false;
  meet(state.told, about, time, MAX_TOLD);
  return true;
}

/** A key that may do everything is used for what a narrow one could do. */
function tooWide(observation: Observation, state: State): FindingDraft | undefined {
  const wide = Object.keys(state.granted.met).filter((right) => isWildcard(right) || isAdmin(right));
  const master = observation.credentialKind === 'master';
  if ((!master && wide.length === 0) || !isInference(observation) || state.days < LEAST_ACTIVE_DAYS) return undefined;
  if (!once(state, 'wide', observation.time, MONTH)) return undefined;
  return {
    about: 'wide',
    title: 'Inference with a key that may do everything',
    severity: 'low',
    confidence: master ? 0.8 : 0.6,
    evidence: [
      {
        kind: 'wide-grant',
        observed: master ? "inference with the gateway's own key" : `granted ${shown(wide)}, used for inference`,
        usual: proposal(state),
        quiet_if: 'the key had been granted only what it uses',
      },
    ],
  };
}

/** A person's key in the hands of a program that acts by itself. Only where the inventory says that it is a person's. */
function personsKey(observation: Observation, state: State): FindingDraft | undefined {
  const { principalKind, agent, time } = observation;
  if (principalKind !== 'person' || agent === undefined || !isInference(observation)) return undefined;
  if (!once(state, `agent ${shortName(agent, 60)}`, time, MONTH)) return undefined;
  return {
    about: `persons-key ${agent}`.slice(0, 120),
    title: "An agent works with a person's key",
    severity: 'low',
    confidence: 0.6,
    evidence: [
      {
        kind: 'persons-key',
        observed: `agent ${agent.slice(0, 60)} called with a key whose user is a person`,
        usual: 'agents have keys of their own',
        quiet_if: 'the principal had not been listed as a person',
      },
    ],
  };
}

/** Dangerous rights that nobody needed for two weeks: a note a week at most. */
function unused(observation: Observation, state: State, { unusedDays }: Params): FindingDraft | undefined {
  const { time } = observation;
  if (state.days < LEAST_ACTIVE_DAYS) return undefined;
  const used = [...Object.keys(state.used.met), ...usedRights(observation)];
  const idle = Object.entries(state.granted.met).filter(
    ([right, [since]]) =>
      isRisky(right) && !isWildcard(right) && time - since >= unusedDays * DAY && !covers(right, used),
  );
  if (idle.length === 0 || !once(state, 'unused', time, WEEK)) return undefined;
  return {
    about: 'unused',
    title: 'Dangerous rights that are not used',
    severity: 'low',
    confidence: 0.6,
    evidence: [
      {
        kind: 'unused-grant',
        observed: `${shown(idle.map(([right]) => right))}: granted, and not used in ${unusedDays} days or more`,
        usual: proposal(state),
        quiet_if: 'each had been used once, or taken back',
      },
    ],
  };
}

/** What a smaller grant would hold. */
function proposal({ used, days }: State): string {
  const names = Object.entries(used.met)
    .sort(([, a], [, b]) => b[2] - a[2])
    .map(([name]) => name);
  return names.length === 0 ? 'nothing used yet' : `used in ${days} active days: ${shown(names)}`;
}

function shown(names: readonly string[]): string {
  const few = names.slice(0, 6).map((name) => name.slice(0, 40));
  return few.join(', ') + (names.length > 6 ? `, and ${names.length - 6} more` : '');
}
