/** Blind spot: calls go on, but what was in them, who made them or what the guardrail found is no longer in the log. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { type Acquaintance, newAcquaintance, stageAt } from '../../src/detect/parts/maturity.ts';
import { shortName } from '../../src/detect/parts/name.ts';
import type { FindingDraft, Stage } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';
import { type Dark, type Habits, watch } from './dark.ts';
import { FLAT_HOURS, type Flatlines, newFlatlines, type Silence, tick } from './flatline.ts';
import { boundShapes, count, FACETS, type Facet, has, newShape, type Shape, shapeOf } from './shapes.ts';

const params = z.strictObject({
  /** Drop of a share, from 0 to 1, that is too much. */
  drop: z.number().positive().max(1).default(0.2),
  /** Calls of known callers that are looked at together, at least. */
  calls: z.number().int().positive().default(50),
  /** Milliseconds that a loss must last. */
  lastsMs: z.number().int().positive().default(300_000),
});

type Params = z.infer<typeof params>;

interface State {
  known: Acquaintance;
  shapes: Record<string, Shape>;
  flatlines: Flatlines;
  /** Per caller: what it has at whatever endpoint. */
  text: Habits;
  verdicts: Habits;
}

const DAY = 24 * 60 * 60 * 1_000;
const HOUR = 60 * 60 * 1_000;
const NEW_CALLS = 20;
const UNREAD = 0.2;
const READ = 0.8;
const EMPTY_VERDICTS = 5;
/** Tools that one or two programs no longer offer are their own business. */
const LACKING_TOOLS = 3;
/** People turn to programs without tools of their own accord: so few calls with tools are left only where the log drops them. */
const TOOLS_DROP = 0.6;
/** What so few words take in tokens has nothing to scan. */
const SOME_TOKENS = 10;
const MAX_TOLD = 12;

const LOST: Record<Facet, string> = {
  content: 'the text of calls is no longer in the log',
  identity: 'who called is no longer in the log',
  tools: 'tools and their calls are no longer in the log',
  verdict: 'the guardrail’s verdict is no longer in the log',
};

export default defineDetector<State, Params>({
  id: 'blind-spot',
  title: 'Traffic can no longer be judged',
  class: 'behaviour',
  maturity: 'incubating',
  severity: 'medium',
  techniques: ['AML.T0054', 'T1562.008'],
  keys: ['tenant'],
  params,
  lookback: 30 * DAY,
  bound: 512 * 1024,
  stateVersion: 1,
  initial: () => ({ known: newAcquaintance(), shapes: {}, flatlines: newFlatlines(), text: {}, verdicts: {} }),
  concerns: ({ operation }) => operation === 'chat' || operation === 'tool' || operation === 'embeddings',
  observe(observation, state, { params }) {
    const { time, status, endpoint } = observation;
    const silences = tick(state.flatlines, endpoint, time, status !== 'ok').map(silenceDraft);
    // What failed may have no text, no tools and no caller: an outage is no blind spot.
    if (status !== 'ok') return silences;
    const stage = stageAt(state.known, time);
    const name = shapeOf(observation);
    let shape = state.shapes[name];
    if (shape === undefined) {
      shape = newShape(time);
      state.shapes[name] = shape;
      count(shape, observation);
      boundShapes(state.shapes);
    } else count(shape, observation);
    const found = silences;
    for (const facet of FACETS) found.push(...dropped(name, shape, facet, time, params, stage));
    found.push(...unscanned(name, shape, observation, state, params, stage), ...empty(name, shape, observation));
    for (const facet of ['content', 'verdict'] as const) {
      const habits = facet === 'content' ? state.text : state.verdicts;
      found.push(
        ...dark(facet, watch(habits, observation, has(observation, facet), params.lastsMs), observation, name),
      );
    }
    return found;
  },
});

function dropped(name: string, shape: Shape, facet: Facet, time: number, params: Params, stage: Stage): FindingDraft[] {
  const window = shape.windows[facet];
  if (window === null || window.n < params.calls || time - window.start < params.lastsMs) return [];
  const drop = (window.expected - window.seen) / window.n;
  const about = `${facet}:${name}`;
  if (drop <= (facet === 'tools' ? Math.max(TOOLS_DROP, params.drop) : params.drop)) {
    if (window.seen > window.expected * READ) shape.told = shape.told.filter((told) => told !== about);
    if (time - window.start > HOUR) shape.windows[facet] = null;
    return [];
  }
  if (facet === 'tools' && window.lacking.length < LACKING_TOOLS) return [];
  shape.windows[facet] = null;
  if (!tell(shape, about)) return [];
  return [
    {
      about: aboutOf(facet, time),
      title: `Blind spot: ${LOST[facet]}`,
      confidence: Math.min(0.9, 0.5 + drop / 2),
      stage,
      ...(stage === 'own' ? {} : { signal: true as const }),
      eventIds: window.ids,
      entities: { principal: null, credential: null, session: null, agent: null },
      evidence: [
        {
          kind: 'share',
          observed: `${percent(window.seen / window.n)} of the last ${window.n} successful calls of known callers at ${name} in ${minutes(time - window.start)}; lacking: ${window.lacking.slice(0, 4).join(', ')}`,
          usual: `${percent(window.expected / window.n)} by the history of the same callers`,
          quiet_if: `the share had fallen by at most ${Math.round((facet === 'tools' ? Math.max(TOOLS_DROP, params.drop) : params.drop) * 100)} points`,
        },
      ],
    },
  ];
}

/** A shape that came when the rest was known, and of which nothing can be read although the rest can. */
function unscanned(
  name: string,
  shape: Shape,
  { time, operation }: Observation,
  state: State,
  params: Params,
  stage: Stage,
): FindingDraft[] {
  if (stage !== 'own' || operation === 'embeddings' || shape.n < NEW_CALLS) return [];
  const age = time - shape.first;
  if (age < params.lastsMs || age > DAY) return [];
  const others = Object.values(state.shapes).filter((other) => other !== shape && shape.first - other.first > 2 * DAY);
  const total = others.reduce((sum, other) => sum + other.n, 0);
  if (total < 10 * NEW_CALLS) return [];
  return (['content', 'verdict'] as const).flatMap((facet): FindingDraft[] => {
    const index = FACETS.indexOf(facet);
    const here = (shape.have[index] as number) / shape.n;
    const there = others.reduce((sum, other) => sum + (other.have[index] as number), 0) / total;
    if (here >= UNREAD || there < READ || !tell(shape, `new ${facet}`)) return [];
    return [
      {
        about: aboutOf(facet, time),
        title: `Blind spot: new traffic ${facet === 'content' ? 'without its text' : 'that no guardrail judges'}`,
        confidence: 0.7,
        stage,
        entities: { principal: null, credential: null, session: null, agent: null },
        evidence: [
          {
            kind: 'new-shape',
            observed: `${name}, first seen ${minutes(age)} ago: ${percent(here)} of ${shape.n} calls have ${facet === 'content' ? 'text' : 'a verdict'}`,
            usual: `${percent(there)} of the ${Math.round(total)} calls of the traffic known before`,
            quiet_if: `it had been so in ${percent(UNREAD)} or more of its calls`,
          },
        ],
      },
    ];
  });
}

/** A guardrail that says all is well and read nothing. */
function empty(name: string, shape: Shape, observation: Observation): FindingDraft[] {
  const { guardrailScan, coverage, inputTokens, time, id } = observation;
  if (guardrailScan?.characters === undefined) return [];
  if (time - shape.verdicts.since > HOUR) shape.verdicts = { since: time, empty: 0, read: 0, ids: [] };
  const { verdicts } = shape;
  if (guardrailScan.characters > 0) verdicts.read++;
  else if (guardrailScan.passed && coverage.content && (inputTokens ?? SOME_TOKENS) >= SOME_TOKENS) {
    verdicts.empty++;
    if (verdicts.ids.length < MAX_TOLD) verdicts.ids.push(shortName(id, 256));
  }
  if (verdicts.empty < EMPTY_VERDICTS || verdicts.empty < verdicts.read || !tell(shape, 'empty')) return [];
  return [
    {
      about: `empty:${name}`.slice(0, 220),
      title: 'Blind spot: guardrail reports success without having read anything',
      severity: 'high',
      confidence: 0.9,
      eventIds: verdicts.ids,
      entities: { principal: null, credential: null, session: null, agent: null },
      evidence: [
        {
          kind: 'empty-verdict',
          observed: `${verdicts.empty} of ${verdicts.empty + verdicts.read} verdicts within an hour at ${name} passed text of which the guardrail read 0 characters`,
          usual: 'a guardrail reads what it passes',
          quiet_if: `it had read something in most calls, or fewer than ${EMPTY_VERDICTS} had been empty`,
        },
      ],
    },
  ];
}

function dark(
  facet: 'content' | 'verdict',
  caller: Dark | undefined,
  { time }: Observation,
  name: string,
): FindingDraft[] {
  if (caller === undefined) return [];
  return [
    {
      about: aboutOf(facet, time),
      title: `Blind spot: ${facet === 'content' ? 'a caller’s calls no longer show their text' : 'no guardrail judges a caller’s calls any more'}`,
      severity: 'medium',
      confidence: 0.7,
      stage: 'own',
      evidence: [
        {
          kind: 'caller',
          observed: `${caller.caller}: ${caller.lacking} of ${caller.calls} successful calls within an hour lack ${facet === 'content' ? 'their text' : 'a verdict'}, the last at ${name}`,
          usual: `${percent(caller.usual)} of its calls had it`,
          quiet_if: 'fewer than 15 had lacked it, or fewer than half',
        },
      ],
    },
  ];
}

function silenceDraft({ endpoint, hours, missing, failing }: Silence): FindingDraft {
  return {
    about: `silence:${endpoint}`,
    title: failing ? 'Endpoint fell silent after failures' : 'Endpoint fell silent while others go on',
    severity: 'low',
    confidence: failing ? 0.3 : 0.6,
    stage: 'own',
    entities: { principal: null, credential: null, session: null, agent: null, endpoint },
    evidence: [
      {
        kind: 'flatline',
        observed: `${endpoint}: nothing to speak of for ${hours} h`,
        usual: `${missing} calls in these hours of each of the two weeks before; the other endpoints are as busy as ever`,
        quiet_if: `fewer than ${FLAT_HOURS} h had been silent, or the calls had turned up at another endpoint`,
      },
    ],
  };
}

/** What is lost on one day, by whomever and wherever, is one alert. */
function aboutOf(facet: Facet, time: number): string {
  return `${facet}:${Math.floor(time / DAY)}`;
}

/** True the first time, until the shape is well again. */
function tell(shape: Shape, about: string): boolean {
  if (shape.told.includes(about)) return false;
  shape.told = [...shape.told, about].slice(-MAX_TOLD);
  return true;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function minutes(ms: number): string {
  return ms < 120 * 60_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / HOUR)} h`;
}
