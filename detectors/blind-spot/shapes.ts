/**
 * Shapes of traffic (endpoint, route, format, streamed or not) and what of it can be read. What is usual is kept per caller: when people
 * go home and a batch job stays, the share of the shape changes although nothing was lost.
 */
import { shortName } from '../../src/detect/parts/name.ts';
import type { Observation } from '../../src/model/observation.ts';

export const FACETS = ['content', 'identity', 'tools', 'verdict'] as const;
export type Facet = (typeof FACETS)[number];

/** Calls, and how many of them had each facet; days, number of the last day, and calls learnt on it. Plain JSON. */
type Usual = [
  n: number,
  content: number,
  identity: number,
  tools: number,
  verdict: number,
  days: number,
  day: number,
  today: number,
];

/** Recent calls of callers that nearly always have the facet. */
export interface Window {
  start: number;
  n: number;
  expected: number;
  seen: number;
  /** Callers that lack it now, at most 8. */
  lacking: string[];
  ids: string[];
}

export interface Shape {
  first: number;
  last: number;
  n: number;
  have: [content: number, identity: number, tools: number, verdict: number];
  callers: Record<string, Usual>;
  windows: Record<Facet, Window | null>;
  /** Verdicts without and with characters read, since the time. */
  verdicts: { since: number; empty: number; read: number; ids: string[] };
  told: string[];
}

export const MAX_SHAPES = 40;
const MAX_CALLERS = 24;
const DAY = 24 * 60 * 60 * 1_000;
/** A caller is known after so many calls on so many days. */
const KNOWN_CALLS = 30;
const KNOWN_DAYS = 3;
/** A caller that has the facet in nine of ten calls has it always. */
const RELIABLE = 0.9;
/**
 * What a call without the facet counts for a caller that always had it: a loss of one call in five, too little to be said, never makes
 * the caller unreliable, and one that has changed for good is let go within days.
 */
const LACK = 0.5;
const MEMORY = 2_000;
const WINDOW_CALLS = 200;
const WINDOW_TIME = 3 * DAY;
const MAX_LISTED = 8;

export function shapeOf({ endpoint, route, format, operation, stream }: Observation): string {
  const streamed = stream === undefined ? '' : stream ? ', streamed' : ', not streamed';
  return `${shortName(endpoint ?? 'unnamed endpoint', 60)} ${shortName(route ?? '', 50)} (${format}, ${operation}${streamed})`;
}

export function newShape(time: number): Shape {
  return {
    first: time,
    last: time,
    n: 0,
    have: [0, 0, 0, 0],
    callers: {},
    windows: { content: null, identity: null, tools: null, verdict: null },
    verdicts: { since: time, empty: 0, read: 0, ids: [] },
    told: [],
  };
}

export function has({ coverage, guardrail, guardrailScan }: Observation, facet: Facet): boolean {
  return facet === 'verdict' ? guardrail !== undefined || guardrailScan !== undefined : coverage[facet];
}

/** Counts a successful call; what is under suspicion does not become usual. */
export function count(shape: Shape, observation: Observation): void {
  const { time, agent, principal, credential, client, id } = observation;
  shape.last = time;
  shape.n++;
  // Never a bare name from the log: `__proto__` is one.
  const caller = `caller ${shortName(agent ?? principal ?? credential ?? 'unnamed', 40)}`;
  // Who has no name can still be known by the program that calls.
  const program = shortName(`via ${client ?? 'unnamed program'}`, 40);
  for (const [index, facet] of FACETS.entries()) {
    const there = has(observation, facet);
    if (there) shape.have[index] = (shape.have[index] as number) + 1;
    const by = facet === 'identity' ? program : caller;
    const usual = shape.callers[by];
    const share = usual === undefined ? 0 : (usual[index + 1] as number) / usual[0];
    if (usual !== undefined && usual[0] >= KNOWN_CALLS && usual[5] >= KNOWN_DAYS && share >= RELIABLE)
      look(shape, facet, share, there, by, time, id);
  }
  for (const by of caller === program ? [caller] : [caller, program]) learn(shape, by, observation);
}

function look(shape: Shape, facet: Facet, share: number, there: boolean, by: string, time: number, id: string): void {
  const known = shape.windows[facet];
  const over = known === null || known.n >= WINDOW_CALLS || time - known.start > WINDOW_TIME;
  const window = over ? { start: time, n: 0, expected: 0, seen: 0, lacking: [], ids: [] } : known;
  shape.windows[facet] = window;
  window.n++;
  window.expected += share;
  if (there) {
    window.seen++;
    return;
  }
  if (window.lacking.length < MAX_LISTED && !window.lacking.includes(by)) window.lacking.push(by);
  if (window.ids.length < MAX_LISTED) window.ids.push(shortName(id, 256));
}

/** At most a tenth of what is known is learnt in a day: usual moves slowly, whoever pushes. */
function learn(shape: Shape, by: string, observation: Observation): void {
  const day = Math.floor(observation.time / DAY);
  let usual = shape.callers[by];
  if (usual === undefined) {
    usual = [0, 0, 0, 0, 0, 0, -1, 0];
    shape.callers[by] = usual;
    if (Object.keys(shape.callers).length > MAX_CALLERS) {
      const rest = Object.entries(shape.callers).filter(([name]) => name !== by);
      delete shape.callers[
        rest.reduce((a, b) => (b[1][6] < a[1][6] || (b[1][6] === a[1][6] && b[1][0] < a[1][0]) ? b : a))[0]
      ];
    }
  }
  if (day > usual[6]) {
    usual[5]++;
    usual[6] = day;
    usual[7] = 0;
  }
  if (usual[0] >= 2 * KNOWN_CALLS && usual[7] >= Math.max(6, usual[0] / 10)) return;
  usual[7]++;
  usual[0]++;
  for (const [index, facet] of FACETS.entries()) {
    const place = index + 1;
    const sure = usual[0] > KNOWN_CALLS && (usual[place] as number) / usual[0] >= RELIABLE;
    usual[place] = (usual[place] as number) + (has(observation, facet) ? 1 : sure ? LACK : 0);
  }
  if (usual[0] > MEMORY) for (let i = 0; i <= FACETS.length; i++) usual[i] = (usual[i] as number) / 2;
}

/** Forgets the shape that was not seen for longest, when there are too many. */
export function boundShapes(shapes: Record<string, Shape>): void {
  const all = Object.entries(shapes);
  if (all.length <= MAX_SHAPES) return;
  delete shapes[all.reduce((a, b) => (b[1].last < a[1].last ? b : a))[0]];
}
