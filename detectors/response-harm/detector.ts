/** Response harm: something was cut off, by hand or by a playbook, and those who depended on it keep failing. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { effectOf } from '../../src/detect/parts/changes.ts';
import { shortName } from '../../src/detect/parts/name.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';
import { callersOf, type Dependants, depends, objectOf, objectsOf, use } from './dependants.ts';

const params = z.strictObject({
  /** Dependants of one kind (principals, agents, sessions) that may fail. */
  dependants: z.number().int().positive().default(5),
  /** Milliseconds after the change in which their failures are laid to it. */
  windowMs: z.number().int().positive().default(1_800_000),
  /** Milliseconds in which a dependant may move over: who fails once and then succeeds is not harmed. */
  moveMs: z.number().int().positive().default(300_000),
  /** Calls refused, without one that succeeds, of those who have nobody beside them: one service is a dependant too. */
  calls: z.number().int().positive().default(10),
});

type Params = z.infer<typeof params>;

/** First and last failure, how many, and for a session whose it is. */
type Failing = [first: number, last: number, times: number, of: string];

interface Cut {
  object: string;
  /** The object's own id, where it is a key; to name it as the entity. */
  credential: string | null;
  action: string;
  by: string;
  time: number;
  id: string;
  failing: Record<string, Failing>;
  /** Refusals by class, at most 8 classes. */
  errors: Record<string, number>;
  ids: string[];
  told: boolean;
}

interface State {
  dependants: Dependants;
  cuts: Cut[];
}

const MAX_CUTS = 12;
const MAX_FAILING = 64;
const MAX_ERRORS = 8;
const MAX_IDS = 20;
/** Two failures so far apart are no retry of one call. */
const APART = 60_000;
const KINDS = ['principal', 'agent', 'session'] as const;
const CUTTABLE = new Set(['key', 'model', 'tool']);
const DAY = 24 * 60 * 60 * 1_000;

export default defineDetector<State, Params>({
  id: 'response-harm',
  title: 'Those who depend on what was cut off keep failing',
  class: 'behaviour',
  maturity: 'incubating',
  severity: 'high',
  techniques: ['AML.T0029', 'T1531'],
  keys: ['tenant'],
  params,
  lookback: 14 * DAY,
  bound: 768 * 1024,
  stateVersion: 1,
  initial: () => ({ dependants: {}, cuts: [] }),
  concerns: ({ operation, change, principal, agent }) =>
    operation === 'admin' ? change !== undefined : principal !== undefined || agent !== undefined,
  observe(observation, state, { params }) {
    const { time, operation } = observation;
    state.cuts = state.cuts.filter((cut) => time - cut.time <= params.windowMs);
    if (operation === 'admin') {
      noteChange(observation, state);
      return [];
    }
    const objects = objectsOf(observation);
    const callers = callersOf(observation);
    for (const cut of state.cuts) follow(cut, observation, objects, callers, state.dependants);
    if (observation.status === 'ok')
      for (const object of objects) for (const caller of callers) use(state.dependants, object, caller, time);
    return state.cuts.flatMap((cut) => judge(cut, time, params));
  },
});

function noteChange({ change, time, id, principal }: Observation, state: State): void {
  if (change === undefined || !CUTTABLE.has(change.kind)) return;
  const effect = effectOf(change, time);
  const object = objectOf(change.kind, change.object);
  if (effect === 'revives') state.cuts = state.cuts.filter((cut) => cut.object !== object);
  // A second record of the same change gives nobody new time.
  if (effect !== 'ends' && effect !== 'replaces') return;
  if (!Object.hasOwn(state.dependants, object) || state.cuts.some((cut) => cut.object === object)) return;
  state.cuts.push({
    object,
    credential: change.kind === 'key' ? shortName(change.object, 80) : null,
    action: change.action
      .trim()
      .toLowerCase()
      .slice(0, 40)
      .replace(/[^a-z -]/g, '_'),
    by: shortName(principal ?? 'somebody the log does not name', 48),
    time,
    id: shortName(id, 256),
    failing: {},
    errors: {},
    ids: [],
    told: false,
  });
  state.cuts = state.cuts.slice(-MAX_CUTS);
}

/** Counts a failure on the cut object; whoever succeeds again is out of it. */
function follow(
  cut: Cut,
  observation: Observation,
  objects: string[],
  callers: string[],
  dependants: Dependants,
): void {
  const { time, session, id, errorType, httpStatus } = observation;
  const units = session === undefined ? callers : [...callers, `session ${shortName(session, 48)}`];
  if (observation.status === 'ok') {
    // A conversation goes on without its tool: only the tool's own success ends that.
    if (cut.object.startsWith('tool:') && !objects.includes(cut.object)) return;
    for (const [unit, [, , , of]] of Object.entries(cut.failing))
      if (units.includes(unit) || units.includes(of)) delete cut.failing[unit];
    return;
  }
  if (!isCutOff(cut, observation, objects)) return;
  // Whoever never used it before, an attacker above all, is no dependant.
  const harmed = callers.filter((caller) => depends(dependants, cut.object, caller, time));
  if (harmed.length === 0) return;
  for (const unit of session === undefined ? harmed : [...harmed, units.at(-1) as string]) {
    const known = Object.hasOwn(cut.failing, unit) ? cut.failing[unit] : undefined;
    if (known !== undefined) Object.assign(known, { 1: time, 2: known[2] + 1 });
    else if (Object.keys(cut.failing).length < MAX_FAILING) cut.failing[unit] = [time, time, 1, harmed[0] as string];
  }
  const error = `class ${shortName(errorType ?? String(httpStatus ?? observation.status), 48)}`;
  if (Object.hasOwn(cut.errors, error) || Object.keys(cut.errors).length < MAX_ERRORS)
    cut.errors[error] = (cut.errors[error] ?? 0) + 1;
  if (cut.ids.length < MAX_IDS) cut.ids.push(shortName(id, 256));
}

/** A refusal that the change explains: of the object itself, or of a caller whose record names no key. Overload and outages are others. */
function isCutOff(cut: Cut, { status, httpStatus, credential }: Observation, objects: string[]): boolean {
  const refused = status === 'denied' || httpStatus === 401 || httpStatus === 403;
  if (cut.object.startsWith('key:')) return refused && (objects.includes(cut.object) || credential === undefined);
  const passing = httpStatus === 408 || httpStatus === 429 || (httpStatus !== undefined && httpStatus >= 500);
  return objects.includes(cut.object) && !passing;
}

function judge(cut: Cut, now: number, params: Params): FindingDraft[] {
  if (cut.told) return [];
  const lasting = Object.entries(cut.failing).filter(
    ([, [first, last, times]]) => (times > 1 && last - first >= APART) || now - first >= params.moveMs,
  );
  const counts = KINDS.map((kind) => lasting.filter(([unit]) => unit.startsWith(`${kind} `)).length);
  const most = Math.max(...counts);
  const calls = Math.max(0, ...lasting.map(([, [first, last, times]]) => (last - first >= params.moveMs ? times : 0)));
  const many = most > params.dependants;
  if (!many && calls < params.calls) return [];
  cut.told = true;
  const minutes = Math.max(1, Math.round((now - cut.time) / 60_000));
  const refusals = Object.entries(cut.errors).map(([error, n]) => `${n} × ${error.slice('class '.length)}`);
  const names = lasting.map(([unit]) => unit).filter((unit) => !unit.startsWith('session '));
  return [
    {
      about: `${cut.object}:${cut.time}`,
      severity: many ? 'high' : 'medium',
      confidence: many ? Math.min(0.95, 0.7 + most / 100) : 0.7,
      stage: 'own',
      eventIds: [cut.id, ...cut.ids],
      entities: { credential: cut.credential, resource: cut.object },
      evidence: [
        {
          kind: 'dependants-failing',
          observed: `${minutes} min after ${cut.by} had ${cut.object} ${cut.action}: ${KINDS.map((kind, i) => `${counts[i]} ${kind}${counts[i] === 1 ? '' : 's'}`).join(', ')} that depended on it fail and have not moved over`,
          usual: 'dependants move to what replaces it within minutes',
          quiet_if: `at most ${params.dependants} of a kind had failed for more than a retry, and none in ${params.calls} calls or more`,
        },
        {
          kind: 'failures',
          observed: `${refusals.join(', ')}; among them ${names.slice(0, 6).join(', ')}${names.length > 6 ? ` and ${names.length - 6} more` : ''}`,
          usual: null,
          quiet_if: null,
        },
      ],
    },
  ];
}
