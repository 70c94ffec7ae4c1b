/** Canary: a token that was put in one place, seen where it must not be; the token names the place that leaked. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import { shortName } from '../../src/detect/parts/name.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Observation, ObservedArtefact } from '../../src/model/observation.ts';

const params = z.strictObject({
  /** Share of a token's windows of eight characters that must have been seen in one session. */
  share: z.number().min(0.2).max(1).default(0.6),
  /** Tools that exist only to be called by someone who should not. */
  decoyTools: z.array(z.string()).default([]),
  /** Principals whose tests are expected to touch canaries. */
  testers: z.array(z.string()).default([]),
});

type Params = z.infer<typeof params>;

interface State {
  /** Windows seen so far, by place and week; and the records that showed them. */
  tokens: Record<string, { windows: number[]; ids: string[] }>;
}

const DAY = 24 * 60 * 60 * 1_000;
const WINDOWS = 25;
const MAX_TOKENS = 8;
const MAX_IDS = 16;
const MAX_NAME = 64;

export default defineDetector<State, Params>({
  id: 'canary',
  title: 'Canary token has left its place',
  class: 'artifact',
  maturity: 'incubating',
  severity: 'critical',
  techniques: ['AML.T0057', 'AML.T0056', 'T1530', 'T1552'],
  keys: ['session', 'principal', 'tenant'],
  params,
  lookback: DAY,
  bound: 32 * 1024,
  stateVersion: 1,
  initial: () => ({ tokens: {} }),
  concerns: ({ artefacts, session, principal, calls }, dimension) =>
    (calls.length > 0 || artefacts?.some(({ kind }) => kind === 'canary') === true) &&
    dimension === (session !== undefined ? 'session' : principal !== undefined ? 'principal' : 'tenant'),
  observe(observation, state, { params }) {
    if (observation.principal !== undefined && params.testers.includes(observation.principal)) return [];
    const findings = observation.calls
      .filter(({ tool }) => params.decoyTools.includes(tool))
      .map(({ tool }) => decoyCalled(tool));
    for (const artefact of observation.artefacts ?? [])
      if (artefact.kind === 'canary' && artefact.canary && isOutOfPlace(artefact)) {
        const finding = see(observation, state, artefact, params);
        if (finding) findings.push(finding);
      }
    return findings;
  },
});

/** A document's and a record's token comes back from the tool that reads it: that is its place. */
function isOutOfPlace({ role, type }: ObservedArtefact): boolean {
  return role === 'assistant' || role === 'user' || (role === 'tool' && type === 'prompt');
}

function see(
  observation: Observation,
  state: State,
  artefact: ObservedArtefact,
  params: Params,
): FindingDraft | undefined {
  const { place, week, windows } = artefact.canary as NonNullable<ObservedArtefact['canary']>;
  const name = `${shortName(place, MAX_NAME)}#${week}`;
  const seen = own(state, name);
  seen.windows = [...new Set([...seen.windows, ...windows])].sort((a, b) => a - b);
  const share = seen.windows.length / WINDOWS;
  if (share < params.share) {
    if (seen.ids.length < MAX_IDS && !seen.ids.includes(observation.id)) seen.ids.push(observation.id);
    return undefined;
  }
  const parts = seen.ids.filter((id) => id !== observation.id);
  return {
    about: name,
    confidence: 0.99,
    eventIds: parts,
    ...(artefact.tool !== undefined && { entities: { tool: shortName(artefact.tool, MAX_NAME) } }),
    evidence: [
      {
        kind: 'canary',
        observed: `the token of ${artefact.type} ${shortName(place, MAX_NAME)}, week ${week}, stood in ${whereOf(artefact)}${artefact.decoded.length > 0 ? `, written as ${artefact.decoded.join(', ')}` : ''}${parts.length > 0 ? `, put together from ${parts.length + 1} records` : ''}`,
        usual: 'it belongs in its place and nowhere else',
        quiet_if: `less than ${Math.round(params.share * 100)} % of the token had been seen`,
      },
    ],
  };
}

function own({ tokens }: State, name: string): State['tokens'][string] {
  const known = Object.hasOwn(tokens, name) ? tokens[name] : undefined;
  if (known) return known;
  const made = { windows: [], ids: [] };
  const names = Object.keys(tokens);
  if (names.length >= MAX_TOKENS) delete tokens[names[0] as string];
  tokens[name] = made;
  return made;
}

function whereOf({ role, tool, argument }: ObservedArtefact): string {
  if (argument) return `the arguments of ${shortName(tool ?? 'a tool', MAX_NAME)}`;
  if (role === 'tool') return `a result of ${shortName(tool ?? 'a tool', MAX_NAME)}`;
  return role === 'user' ? 'a prompt' : 'an answer';
}

function decoyCalled(tool: string): FindingDraft {
  return {
    about: `decoy:${shortName(tool, MAX_NAME)}`,
    title: 'Decoy tool was called',
    confidence: 0.98,
    entities: { tool: shortName(tool, MAX_NAME) },
    evidence: [
      {
        kind: 'decoy-tool',
        observed: `${shortName(tool, MAX_NAME)} was called, which no task needs`,
        usual: 'it is never called',
        quiet_if: 'it were not listed as a decoy',
      },
    ],
  };
}
