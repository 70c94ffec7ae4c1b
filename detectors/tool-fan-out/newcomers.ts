/**
 * Newcomers: tools that an agent or a key with a history uses for the first time. One now and then is how work goes on; many at once are
 * somebody looking around, also where sessions or sub-agents share them out among themselves.
 */
import { type Familiar, knows, meet, newFamiliar } from '../../src/detect/parts/familiar.ts';
import { shortName } from '../../src/detect/parts/name.ts';
import { distinct, idsOf, note, type Recent, since } from '../../src/detect/parts/recent.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';

/** Plain JSON. */
export interface Newcomers {
  tools: Familiar;
  /** Versions of agents: what comes with a new one is a release. */
  versions: Familiar;
  /** First uses of the last day; each with the version that it came with. */
  fresh: Recent;
  /** Agents that they came from. */
  by: Recent;
  /** Most of them within the span on a day before, and number of the running day with its most so far. */
  most: number;
  today: [day: number, most: number];
  /** How often a tool was reported: after some times it is part of the work. */
  reported: Familiar;
  /** What the tools that came last were used on: `tool repeat`. */
  uses: Recent;
}

const HOUR = 60 * 60 * 1_000;
const DAY = 24 * HOUR;
const MINUTE = 60 * 1_000;
const MAX_TOOLS = 256;
const MAX_VERSIONS = 24;
const MAX_FRESH = 96;
const MAX_NAME = 80;
const RELEASE = DAY;
const REPORTED_DAYS = 3;
/** A tool used for the first time is tried on so many different things within minutes only by somebody who takes stock. */
const DEEP = 12;
const DEEP_WITHIN = 10 * MINUTE;

export function newNewcomers(): Newcomers {
  return {
    tools: newFamiliar(),
    versions: newFamiliar(),
    fresh: [],
    by: [],
    most: 0,
    today: [-1, 0],
    reported: newFamiliar(),
    uses: [],
  };
}

/**
 * @param settled the key has a history; while it has none, everything is new.
 * @param span milliseconds within which first uses belong together.
 * @param limit so many are reported, and more where the key had more on a day before.
 * @param agents so many must share them.
 */
export function newcomers(
  observation: Observation,
  state: Newcomers,
  settled: boolean,
  span: number,
  limit: number,
  agents = 1,
): FindingDraft | undefined {
  const { time, id, agent, agentVersion, calls } = observation;
  const version = shortName(agentVersion ?? '', MAX_NAME);
  meet(state.versions, version, time, MAX_VERSIONS);
  const released = settled && time - (state.versions.met[version]?.[0] ?? time) < RELEASE && agentVersion !== undefined;
  for (const call of calls) {
    const tool = shortName(call.tool, MAX_NAME);
    const young = since(state.fresh, time - DAY).some(([, what]) => what === tool);
    if (young && settled) note(state.uses, time, `${tool} ${call.repeat}`, id, DEEP_WITHIN, MAX_FRESH);
    if (!meet(state.tools, tool, time, MAX_TOOLS) || !settled || released) continue;
    note(state.fresh, time, tool, id, DAY, MAX_FRESH);
    note(state.by, time, `agent ${agent ?? ''}`, id, DAY, MAX_FRESH);
    note(state.uses, time, `${tool} ${call.repeat}`, id, DEEP_WITHIN, MAX_FRESH);
  }
  if (!settled) return undefined;
  const recent = since(state.fresh, time - span);
  const tools = distinct(recent);
  const least = Math.max(limit, 2 * state.most + 1);
  const deep = deepest(since(state.uses, time - DEEP_WITHIN));
  const wide = tools.length >= least && distinct(since(state.by, time - span)).length >= agents;
  if (!wide && (deep.count < DEEP || agents > 1)) {
    learnMost(state, tools.length, time);
    return undefined;
  }
  const named = wide ? tools : [deep.tool];
  if (!calls.some(({ tool }) => named.includes(shortName(tool, MAX_NAME)))) return undefined;
  unlearn(state, named, time);
  return draftOf(observation, wide ? 'wide' : 'deep', named, deep.count, recent, state, least);
}

/** The new tool that was used in most different ways. */
function deepest(uses: Recent): { tool: string; count: number } {
  const counts = new Map<string, number>();
  for (const what of distinct(uses)) {
    const tool = what.slice(0, what.lastIndexOf(' '));
    counts.set(tool, (counts.get(tool) ?? 0) + 1);
  }
  const [tool = '', count = 0] = [...counts].reduce<[string, number] | []>((a, b) => ((a[1] ?? 0) >= b[1] ? a : b), []);
  return { tool, count };
}

/** Whoever was reported has taught nothing, unless it goes on for days. */
function unlearn(state: Newcomers, tools: readonly string[], time: number): void {
  for (const tool of tools) {
    meet(state.reported, tool, time, MAX_TOOLS);
    if ((state.reported.met[tool]?.[2] ?? 0) < REPORTED_DAYS && knows(state.tools, tool)) delete state.tools.met[tool];
  }
}

function learnMost(state: Newcomers, count: number, time: number): void {
  const day = Math.floor(time / DAY);
  const [before, highest] = state.today;
  if (day === before) state.today = [day, Math.max(highest, count)];
  else {
    state.most = Math.min(Math.max(state.most, highest), state.most + 2);
    state.today = [day, count];
  }
}

function draftOf(
  { agent }: Observation,
  how: 'wide' | 'deep',
  tools: readonly string[],
  count: number,
  recent: Recent,
  state: Newcomers,
  least: number,
): FindingDraft {
  const shown = `${tools
    .slice(0, 6)
    .map((tool) => tool.slice(0, 40))
    .join(', ')}${tools.length > 6 ? ', …' : ''}`;
  return {
    about: how === 'wide' ? 'tools' : 'new-tool',
    title: 'Tools that were never used are all tried at once',
    stage: 'own',
    severity: 'medium',
    confidence: Math.min(0.9, 0.6 + tools.length / 60),
    eventIds: idsOf(how === 'wide' ? recent : state.uses),
    evidence: [
      {
        kind: how === 'wide' ? 'new-tools' : 'new-tool-many-targets',
        observed:
          how === 'wide'
            ? `${tools.length} tools used for the first time${agent === undefined ? '' : `, the last by ${agent.slice(0, 60)}`}: ${shown}`
            : `${shown}, used for the first time, was used on ${count} different things within 10 minutes`,
        usual: `at most ${state.most} new tools on a day before, ${Object.keys(state.tools.met).length} known`,
        quiet_if:
          how === 'wide'
            ? `fewer than ${least} had been new, or had come with a new version`
            : `there had been fewer than ${DEEP}`,
      },
    ],
  };
}
