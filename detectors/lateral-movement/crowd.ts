/** Crowd: many agents turn to one place that nobody used before, with tools that they never used: one order went to all of them. */

import { shortName } from '../../src/detect/parts/name.ts';
import type { PeerFact, PeerView } from '../../src/detect/parts/peers.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Observation } from '../../src/model/observation.ts';

/** Of a resource. Plain JSON. */
export interface Crowd {
  /** Event time of the first use within the look-back. */
  first: number | null;
  /** Agents that came with a tool new to them: name, and source id of the first call. */
  agents: Record<string, string>;
  told: boolean;
}

const MAX_AGENTS = 24;
const MAX_NAME = 64;

export function newCrowd(): Crowd {
  return { first: null, agents: {}, told: false };
}

/** Which agents are at work, and with which tools. */
export function toolFacts({ agent, calls }: Observation): PeerFact[] {
  if (agent === undefined || calls.length === 0) return [];
  const tools = new Set(calls.slice(0, 8).map(({ tool }) => tool));
  return [atWork(agent), ...[...tools].map((tool) => deedOf(agent, tool))].map((deed) => ({ deed, by: agent }));
}

/**
 * @param limit agents from which on it is reported.
 * @param withinMs milliseconds after the first use in which they must come.
 */
export function gather(
  observation: Observation,
  resource: string,
  state: Crowd,
  peers: PeerView,
  { crowd: limit, crowdMs: withinMs }: { crowd: number; crowdMs: number },
): FindingDraft | undefined {
  const { agent, time, calls } = observation;
  if (agent === undefined) return undefined;
  state.first ??= time;
  if (state.told || time - state.first > withinMs) return undefined;
  const call = calls.find(({ resources }) => resources.includes(resource));
  // Of an agent that was never at work before, every tool is new.
  if (call === undefined || peers.doers(atWork(agent)).tenant === 0) return undefined;
  if (peers.doers(deedOf(agent, call.tool)).tenant > 0) return undefined;
  const name = `agent ${shortName(agent, MAX_NAME)}`;
  if (Object.hasOwn(state.agents, name) || Object.keys(state.agents).length >= MAX_AGENTS) return undefined;
  state.agents[name] = observation.id;
  const names = Object.keys(state.agents);
  if (names.length < limit) return undefined;
  state.told = true;
  return {
    about: 'crowd',
    title: 'Many agents turn to one new place',
    stage: 'own',
    severity: 'medium',
    confidence: Math.min(0.85, 0.5 + 0.04 * names.length),
    eventIds: Object.values(state.agents),
    entities: { tool: call.tool.slice(0, 160) },
    evidence: [
      {
        kind: 'crowd',
        observed: `${names.length} agents used ${shortName(resource, 100)} within ${Math.max(1, Math.round((time - state.first) / 60_000))} min, each with a tool new to it: ${names.slice(0, 5).join(', ')}`,
        usual: 'nobody used it in the day before',
        quiet_if: `there had been fewer than ${limit} agents, or they had known the tool`,
      },
    ],
  };
}

function atWork(agent: string): string {
  return `${shortName(agent, MAX_NAME)} is at work`;
}

function deedOf(agent: string, tool: string): string {
  return `${shortName(agent, MAX_NAME)} uses ${shortName(tool, MAX_NAME)}`;
}
