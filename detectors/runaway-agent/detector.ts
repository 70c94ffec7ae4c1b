/** Runaway agent: an agent goes on calling tools although nothing new comes back. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import type { FindingDraft, Severity } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';

const params = z.strictObject({
  /** Results of one user turn that are looked at together. */
  window: z.number().int().min(4).max(32).default(15),
  /** Distinct results among them: more are progress. */
  distinctResults: z.number().int().positive().default(4),
  /** Failures among them. */
  errors: z.number().int().positive().default(8),
  /** The same call, arguments and all, among the last ten: an ordinary agent repeats a query a few times. */
  repeats: z.number().int().positive().default(7),
  /** Results in a row before a call that is repeated without failing is more than waiting for something. */
  polls: z.number().int().positive().default(30),
  /** Results in a row without progress from which on failures are of high severity. */
  long: z.number().int().positive().default(60),
  /** Tokens burnt without progress from which on a call repeated without failing is more than a nuisance: some dollars at common prices. */
  tokens: z.number().int().positive().default(2_000_000),
});

type Params = z.infer<typeof params>;

/** [time, tool, fingerprint of call, first resource, id of the record]. */
type Call = [number, string, string, string, string];
/** [time, fingerprint, failed, call id, whether a span of the tool said so]. */
type Result = [number, string, boolean, string, boolean];

interface State {
  turn: number;
  calls: Call[];
  results: Result[];
  /** Results since the last progress, and the tokens that they took. */
  stuck: number;
  tokens: number;
}

const HOUR = 60 * 60 * 1_000;
const KEEP = 32;
const MAX_NAME = 80;
const LAST_CALLS = 10;
const MAX_CYCLE = 4;
const CYCLES = 4;

export default defineDetector<State, Params>({
  id: 'runaway-agent',
  title: 'Agent repeats itself without getting anywhere',
  class: 'behaviour',
  maturity: 'incubating',
  severity: 'medium',
  techniques: ['AML.T0034', 'AML.T0029', 'T1499'],
  keys: ['session'],
  params,
  lookback: HOUR,
  bound: 128 * 1024,
  stateVersion: 1,
  initial: () => ({ turn: 0, calls: [], results: [], stuck: 0, tokens: 0 }),
  // A model call that failed is tried again with the same results: they count when it succeeds.
  concerns: ({ operation, status, calls, results }) =>
    (operation === 'tool' || status === 'ok') && (calls.length > 0 || results.length > 0),
  observe(observation, state, { params }) {
    // Spans of tools have no user messages: only a model call can begin a turn.
    if (observation.operation === 'chat' && observation.turn > state.turn) begin(state, observation.turn);
    forget(state, observation.time - HOUR);
    const fresh = record(observation, state);
    const recent = state.results.slice(-params.window);
    const distinct = new Set(recent.map(([, fingerprint]) => fingerprint)).size;
    if (recent.length < params.window || distinct > params.distinctResults) {
      Object.assign(state, { stuck: 0, tokens: 0 });
      return [];
    }
    state.stuck = state.stuck === 0 ? recent.length : state.stuck + fresh;
    state.tokens += (observation.inputTokens ?? 0) + (observation.outputTokens ?? 0);
    return judge(state, distinct, recent, params);
  },
});

/** The user said something: what comes now is another task. */
function begin(state: State, turn: number): void {
  Object.assign(state, { turn, calls: [], results: [], stuck: 0, tokens: 0 });
}

function forget(state: State, before: number): void {
  state.calls = state.calls.filter(([time]) => time >= before);
  state.results = state.results.filter(([time]) => time >= before);
}

/**
 * A tool call may be logged twice, by the model's call and by a span of its own: its id tells. Within one kind of log an id that comes
 * again is another call, since models in a loop repeat the id as well.
 */
function record(observation: Observation, state: State): number {
  const { time, id } = observation;
  for (const call of observation.calls)
    state.calls.push([time, clip(call.tool), clip(call.repeat), clip(call.resources[0] ?? ''), id]);
  const span = observation.operation === 'tool';
  let fresh = 0;
  for (const { callId, fingerprint, error } of observation.results) {
    const known = callId !== '' && state.results.some(([, , , id, by]) => id === clip(callId) && by !== span);
    if (known) continue;
    fresh++;
    state.results.push([time, clip(fingerprint), error || observation.status === 'error', clip(callId), span]);
  }
  state.calls = state.calls.slice(-KEEP);
  state.results = state.results.slice(-KEEP);
  return fresh;
}

function judge(state: State, distinct: number, recent: Result[], params: Params): FindingDraft[] {
  const errors = recent.filter(([, , failed]) => failed).length;
  const repeats = most(state.calls.slice(-LAST_CALLS).map(([, , repeat]) => repeat));
  const targets = new Set(state.calls.slice(-params.window).map(([, , , resource]) => resource)).size;
  // The same failure from many places is a list being worked through.
  const failing = errors >= params.errors && targets <= params.distinctResults;
  const repeating = repeats >= params.repeats && (failing || state.stuck >= params.polls);
  if (!failing && !repeating) return [];
  const cycle = cycleOf(state.calls.map(([, tool]) => tool));
  const signals = 1 + Number(failing) + Number(repeats >= params.repeats) + Number(cycle > 0);
  const tools = [...new Set(state.calls.slice(-params.window).map(([, tool]) => tool))];
  return [
    {
      about: `turn:${state.turn}`,
      severity: severityOf(state, failing, params),
      confidence: Math.min(0.95, 0.5 + 0.1 * signals + state.stuck / 400),
      eventIds: [...new Set(state.calls.map(([, , , , id]) => id))],
      evidence: [
        {
          kind: 'no-new-information',
          observed: `${distinct} different results among the last ${recent.length} in one turn, ${errors} of them failures; tools: ${tools.slice(0, 4).join(', ')}`,
          usual: `more than ${params.distinctResults} different results among ${params.window}`,
          quiet_if: failing
            ? `fewer than ${params.errors} of them had failed, or they had been about more than ${params.distinctResults} targets`
            : `it had gone on for fewer than ${params.polls} results`,
        },
        {
          kind: 'repetition',
          observed: `the same call ${repeats} times in the last ${Math.min(LAST_CALLS, state.calls.length)}${cycle > 0 ? `; ${cycle === 1 ? 'one tool' : `${cycle} tools in turn`}` : ''}; ${state.stuck} results and ${state.tokens} tokens without progress`,
          usual: `fewer than ${params.repeats} times`,
          quiet_if: 'the results had told the agent something new',
        },
      ],
    },
  ];
}

/** Waiting costs tokens and nothing else; failing also wears down what fails. */
function severityOf(state: State, failing: boolean, params: Params): Severity {
  if (failing) return state.stuck >= params.long ? 'high' : 'medium';
  return state.tokens >= params.tokens ? 'medium' : 'low';
}

function most(values: string[]): number {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

/** Length of the cycle that the last calls repeat at least four times; 0 when there is none. */
function cycleOf(tools: string[]): number {
  for (let length = 1; length <= MAX_CYCLE; length++) {
    const last = tools.slice(-length * CYCLES);
    if (last.length === length * CYCLES && last.every((tool, i) => i < length || tool === last[i - length]))
      return length;
  }
  return 0;
}

function clip(name: string): string {
  return name.slice(0, MAX_NAME);
}
