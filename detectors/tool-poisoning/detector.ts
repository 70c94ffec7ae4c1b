/** Tool poisoning: what a tool says of itself to the model is changed, imitated or loaded with orders. */
import { z } from 'zod';
import { defineDetector } from '../../src/detect/contract.ts';
import type { FindingDraft, Stage } from '../../src/model/finding.ts';
import type { Observation, OfferedTool, ToolFact } from '../../src/model/observation.ts';
import { type Fed, fed, isTwin, newFed } from './fed.ts';
import { changed, lessened, poisoned, type Verdict, WORDS } from './judge.ts';
import {
  bareName,
  type KnownTool,
  keyFor,
  NOBODY,
  noteList,
  ownerOf,
  remember,
  SETTLED_DAYS,
  type State as Tools,
  touch,
} from './known.ts';

const params = z.strictObject({
  /** Tools that change in one list from which on it looks like a deploy; they must also be a third of the list. */
  together: z.number().int().min(2).default(3),
});

type Params = z.infer<typeof params>;

const HOUR = 60 * 60 * 1_000;
const DAY = 24 * HOUR;
const MAX_TOLD = 4;
const MAX_FINDINGS = 8;
/** A definition that has changed so often is generated: one more change says nothing. */
const RESTLESS = 5;
/** Short common names are no sign of an imitation. */
const DISTINCT = /[a-z\d][_.-][a-z\d]|[a-z][A-Z]/u;

type State = Tools & {
  /** Of a tool. */
  fed: Fed;
};

/** A tool of the list with what is known of it. */
interface Offer {
  tool: OfferedTool;
  owner: string;
  key: string;
  known: KnownTool | undefined;
}

export default defineDetector<State, Params>({
  id: 'tool-poisoning',
  title: 'Definition of a tool carries orders to the model',
  class: 'artifact',
  maturity: 'incubating',
  severity: 'high',
  techniques: ['AML.T0110', 'AML.T0051.001', 'AML.T0010', 'T1195'],
  keys: ['tenant', 'tool'],
  params,
  lookback: 60 * DAY,
  bound: 512 * 1024,
  stateVersion: 2,
  initial: () => ({ tools: {}, lists: {}, told: null, fed: newFed() }),
  concerns: ({ offered }) => offered !== undefined,
  observe(observation, state, { params, key }) {
    if (key.dimension === 'tool') {
      const finding = fed(observation, key.id, state.fed);
      return finding === undefined ? [] : [finding];
    }
    const { time, agent, agentVersion, credential, toolDefinitions } = observation;
    const list =
      `${(agent ?? credential ?? '').slice(-40)}|${agentVersion?.slice(0, 20) ?? ''}|${toolDefinitions}`.replace(
        /[^ -~]|["\\]/g,
        '_',
      );
    const noted = state.lists[list];
    const quiet = state.told === null || time - state.told > DAY;
    if (noted !== undefined && quiet && time - noted < HOUR) return [];
    noteList(state, list, time);
    const findings = look(observation, state, params);
    if (findings.some(({ signal }) => !signal)) state.told = time;
    return findings;
  },
});

function look(observation: Observation, state: State, params: Params): FindingDraft[] {
  const offers = (observation.offered ?? []).map((tool): Offer => {
    const owner = ownerOf(tool, observation);
    const key = keyFor(owner, tool);
    return { tool, owner, key, known: state.tools[key] };
  });
  const differing = offers.filter(({ tool, known }) => known !== undefined && known.fingerprint !== tool.fingerprint);
  const together = differing.length >= params.together && differing.length * 3 >= offers.length;
  const findings = offers.flatMap((offer) => judge(offer, offers, observation, state, together) ?? []);
  for (const offer of offers) learn(offer, observation, state);
  const rank = ({ signal, severity }: FindingDraft) =>
    signal ? 0 : severity === 'high' ? 3 : severity === 'medium' ? 2 : 1;
  return findings.sort((a, b) => rank(b) - rank(a)).slice(0, MAX_FINDINGS);
}

/** What happened to a tool: the base that it is compared with, and how to call it. */
interface Comparison {
  how: 'changed' | 'renamed' | 'shadowed' | 'imitated' | 'first';
  base: KnownTool | undefined;
  other: string;
}

function judge(
  offer: Offer,
  offers: readonly Offer[],
  observation: Observation,
  state: State,
  together: boolean,
): FindingDraft | undefined {
  const { tool, known } = offer;
  if (known?.told.includes(tool.fingerprint)) return undefined;
  if (known !== undefined && known.fingerprint === tool.fingerprint && known.facts.length === tool.facts.length)
    return undefined;
  const comparison = compare(offer, offers, state);
  const { how, base } = comparison;
  const added = tool.facts.filter((fact) => !base?.facts.includes(fact));
  const bad = added.length > 0 ? poisoned(tool.facts) : undefined;
  const deployed = how === 'changed' && (together || isDeployed(base, observation));
  const crept = how === 'first' && bad?.severity === 'low' && creptIn(offer, observation, state);
  const told = crept ? { severity: 'medium' as const, confidence: 0.55 } : bad;
  const verdict = better(told, difference(offer, comparison, added, observation, together));
  const noteworthy = how === 'shadowed' || (how === 'changed' && !deployed && (base?.changes ?? 0) < RESTLESS);
  if (verdict === undefined && (!noteworthy || offer.owner === NOBODY || base?.fingerprint === tool.fingerprint))
    return undefined;
  const stage: Stage = crept || (base?.days ?? 0) >= SETTLED_DAYS ? 'own' : 'learning';
  // What is no artefact by itself pages nobody while the tool is new.
  const page = verdict?.severity === 'high' || (verdict?.severity === 'medium' && stage === 'own');
  return draftOf(offer, comparison, added, verdict ?? { severity: 'low', confidence: 0.3 }, stage, page, observation);
}

function compare(offer: Offer, offers: readonly Offer[], state: State): Comparison {
  const { tool, owner, key, known } = offer;
  if (known !== undefined) return { how: 'changed', base: known, other: '' };
  // The others of the list are the same for each of its tools: a list that is new as a whole renames nothing.
  const alone = offers.every((one) => one === offer || one.known !== undefined || one.owner !== owner);
  const bare = bareName(tool.name);
  const imitates = tool.server !== undefined && DISTINCT.test(bare);
  if (!alone && !imitates) return { how: 'first', base: undefined, other: '' };
  const own = `${owner}/`;
  const end = `/${bare}`;
  const gone: string[] = [];
  for (const [other, one] of Object.entries(state.tools)) {
    if (other === key) continue;
    if (imitates && one.days >= SETTLED_DAYS && other.startsWith('server ') && other.endsWith(end))
      return { how: 'shadowed', base: one, other };
    if (!alone || one.parameters !== tool.parameters || !other.startsWith(own)) continue;
    if (!offers.some((one) => one.key === other)) gone.push(other);
  }
  // A new tool that is called like a known one with some letters more, and says more than what it does.
  if (tool.facts.length > 0) {
    const prefix = `${owner}/`;
    const like = Object.entries(state.tools).find(
      ([other, one]) =>
        other.startsWith(prefix) && one.days >= SETTLED_DAYS && isTwin(tool.name, other.slice(prefix.length)),
    );
    if (like !== undefined) return { how: 'imitated', base: like[1], other: like[0] };
  }
  const [only] = gone;
  if (gone.length === 1 && only !== undefined) return { how: 'renamed', base: state.tools[only], other: only };
  return { how: 'first', base: undefined, other: '' };
}

function difference(
  { owner }: Offer,
  { how, base }: Comparison,
  added: readonly ToolFact[],
  observation: Observation,
  together: boolean,
): Verdict | undefined {
  if (base === undefined || added.length === 0 || owner === NOBODY) return undefined;
  const verdict = changed(added);
  if (how === 'shadowed') return verdict === undefined ? undefined : { ...verdict, severity: 'high' };
  // Another tool may look alike by chance: one fact that it has beside the other is not enough.
  if (how === 'renamed') return added.length > 1 ? verdict : undefined;
  if (isDeployed(base, observation)) return undefined;
  return together ? lessened(verdict) : verdict;
}

/** It came to tools that have long been known, without a new version of the agent. */
function creptIn({ owner }: Offer, { agentVersion }: Observation, state: State): boolean {
  if (owner === NOBODY || agentVersion === undefined) return false;
  const beside = Object.entries(state.tools).filter(([key]) => key.startsWith(`${owner}/`));
  return beside.some(([, { days, version }]) => days >= SETTLED_DAYS && version === shortVersion(agentVersion));
}

/** The agent came in another version than when the tool was offered last. */
function isDeployed(base: KnownTool | undefined, { agentVersion }: Observation): boolean {
  return agentVersion !== undefined && base !== undefined && base.version !== shortVersion(agentVersion);
}

function better(a: Verdict | undefined, b: Verdict | undefined): Verdict | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.severity === 'high' || b.severity === 'low' ? a : b;
}

const TITLES = {
  first: 'Definition of a tool carries orders to the model',
  changed: 'Definition of a tool changed without a new version',
  renamed: 'Renamed tool asks for more than the one that it replaces',
  imitated: 'New tool is named after a known one and asks for more',
  shadowed: 'Server offers a tool under the name of another server’s tool',
} as const;

function draftOf(
  { tool, owner, key }: Offer,
  { how, base, other }: Comparison,
  added: readonly ToolFact[],
  { severity, confidence }: Verdict,
  stage: Stage,
  page: boolean,
  { time }: Observation,
): FindingDraft {
  const name = bareName(tool.name);
  const facts = how === 'first' ? tool.facts : added;
  return {
    about: `${how}:${key}`.slice(0, 200),
    title: TITLES[how],
    severity,
    confidence: Math.max(0.1, confidence),
    stage,
    untrustedTrigger: true,
    entities: { tool: name },
    ...(page ? {} : { signal: true as const }),
    evidence: [
      {
        kind: 'definition',
        observed: `${name} of ${owner}: ${
          facts.length === 0 ? 'other wording' : facts.map((fact) => WORDS[fact]).join('; ')
        }`,
        usual:
          base === undefined
            ? null
            : `${other === '' ? 'its definition' : other} until ${new Date(base.last).toISOString()}: ${
                base.facts.length === 0 ? 'nothing of the kind' : base.facts.map((fact) => WORDS[fact]).join('; ')
              }`,
        quiet_if:
          how === 'changed' || how === 'renamed'
            ? 'the definition had said nothing of this kind, or it had come with a new version of the agent'
            : 'the definition had said nothing of this kind',
      },
      ...(how === 'changed' && base !== undefined && time - base.last < HOUR
        ? [
            {
              kind: 'two-definitions',
              observed: `the other definition was served ${Math.round((time - base.last) / 60_000)} min before: clients may get different ones`,
              usual: 'all clients get the same',
              quiet_if: null,
            },
          ]
        : []),
    ],
  };
}

/** What was reported, and what adds something without a version, does not become what is trusted. */
function learn({ tool, key }: Offer, observation: Observation, state: State): void {
  const { time, agentVersion } = observation;
  const known = state.tools[key];
  if (known === undefined) {
    const fresh = remember(state, key, tool, observation);
    if (poisoned(tool.facts) !== undefined) fresh.told.push(tool.fingerprint);
    return;
  }
  const same = known.fingerprint === tool.fingerprint;
  touch(known, time);
  const version = agentVersion === undefined ? known.version : shortVersion(agentVersion);
  const bad = poisoned(tool.facts) !== undefined;
  if (version !== known.version && !bad) known.facts = [...new Set([...known.facts, ...tool.facts])];
  known.version = version;
  const adds = tool.facts.some((fact) => !known.facts.includes(fact));
  if (same && !adds) return;
  known.changes++;
  if ((adds || bad) && !known.told.includes(tool.fingerprint))
    known.told = [...known.told, tool.fingerprint].slice(-MAX_TOLD);
  // The trusted definition stays the one to compare with while another is under suspicion.
  if (!adds && !bad) Object.assign(known, { fingerprint: tool.fingerprint, parameters: tool.parameters });
}

function shortVersion(version: string): string {
  return version.slice(0, 40);
}
