/** The definitions that are known, per server or agent. Bounded; those not offered for longest are forgotten first. */
import { shortName } from '../../src/detect/parts/name.ts';
import type { Observation, OfferedTool, ToolFact } from '../../src/model/observation.ts';

/** A known tool. Plain JSON. */
export interface KnownTool {
  /** The definition offered last. */
  fingerprint: string;
  parameters: string;
  /** Facts of the definitions that are trusted: the first, and those that came with a version. */
  facts: ToolFact[];
  version: string | null;
  first: number;
  last: number;
  /** Active days, and the number of the last one. */
  days: number;
  day: number;
  /** Changes so far, of which nothing was thought. */
  changes: number;
  /** Definitions that were reported. */
  told: string[];
}

export interface State {
  tools: Record<string, KnownTool>;
  /** Lists that have been looked at, with the event time at which their tools were last noted. */
  lists: Record<string, number>;
  /** Event time of the last report; null before the first. */
  told: number | null;
}

const MAX_TOOLS = 600;
const MAX_LISTS = 160;
const DAY = 24 * 60 * 60 * 1_000;
export const SETTLED_DAYS = 3;

/** Owner of tools whose record names none: such tools of different programs share a name, so nothing can be compared. */
export const NOBODY = 'nobody';

/** Whose tool it is: the server's, else the agent's, else that of the program behind the key. */
export function ownerOf(tool: OfferedTool, { agent, credential }: Observation): string {
  if (tool.server !== undefined) return `server ${shortName(tool.server, 60)}`;
  if (agent !== undefined) return `agent ${shortName(agent, 60)}`;
  return credential === undefined ? NOBODY : `key ${credential.slice(-16).replace(/[^\w.-]/g, '_')}`;
}

/** The tool's own name, without the server in front. */
export function bareName(name: string): string {
  return shortName(name.replace(/^mcp__.+?__/, ''), 64);
}

export function keyFor(owner: string, tool: OfferedTool): string {
  return `${owner}/${bareName(tool.name)}`;
}

export function remember(state: State, key: string, tool: OfferedTool, observation: Observation): KnownTool {
  const { time, agentVersion } = observation;
  const known: KnownTool = {
    fingerprint: tool.fingerprint,
    parameters: tool.parameters,
    facts: tool.facts,
    version: agentVersion?.slice(0, 40) ?? null,
    first: time,
    last: time,
    days: 1,
    day: Math.floor(time / DAY),
    changes: 0,
    told: [],
  };
  state.tools[key] = known;
  if (Object.keys(state.tools).length > MAX_TOOLS) evict(state.tools, ({ last }) => last);
  return known;
}

export function touch(known: KnownTool, time: number): void {
  known.last = Math.max(known.last, time);
  const day = Math.floor(time / DAY);
  if (day <= known.day) return;
  known.day = day;
  known.days++;
}

export function noteList(state: State, list: string, time: number): void {
  const known = state.lists[list] !== undefined;
  state.lists[list] = time;
  if (!known && Object.keys(state.lists).length > MAX_LISTS) evict(state.lists, (last) => last);
}

/** Forgets a tenth, so that a flood does not sort on every record. */
function evict<T>(from: Record<string, T>, last: (value: T) => number): void {
  const oldest = Object.entries(from).sort(([, a], [, b]) => last(a) - last(b));
  for (const [key] of oldest.slice(0, Math.ceil(oldest.length / 10))) delete from[key];
}
