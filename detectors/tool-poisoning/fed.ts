/** Fed: a tool whose parameters changed without a release, or a twin of a known tool, is handed content through a parameter that is new. */
import { type Familiar, knows, meet, newFamiliar } from '../../src/detect/parts/familiar.ts';
import { shortName } from '../../src/detect/parts/name.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { Observation, ObservedCall, OfferedTool } from '../../src/model/observation.ts';
import { bareName, SETTLED_DAYS } from './known.ts';

/** Of one tool name. Plain JSON. */
export interface Fed {
  /** Fingerprints of parameters that were offered under this name, and names of arguments that were used. */
  shapes: Familiar;
  paths: Familiar;
  /** `agent version`: what comes with a new one is a release. */
  versions: Familiar;
}

const DAY = 24 * 60 * 60 * 1_000;
/** A shape is young for so long. */
const YOUNG = 3 * DAY;
const MAX_SHAPES = 16;
const MAX_PATHS = 48;
const MAX_VERSIONS = 32;
const MAX_NAME = 80;
const MIN_TWIN = 6;
/** Without its front a name must be longer to be told from others. */
const LONG_TWIN = 8;
/** Letters that a twin's name may have more. */
const TWIN_LETTERS = 8;

export function newFed(): Fed {
  return { shapes: newFamiliar(), paths: newFamiliar(), versions: newFamiliar() };
}

/** @param tool name of the tool whose state this is. */
export function fed(observation: Observation, tool: string, state: Fed): FindingDraft | undefined {
  const { time, agent, agentVersion, calls, offered } = observation;
  const offer = offered?.find(({ name }) => name === tool);
  const mine = calls.filter((call) => call.tool === tool);
  if (offer === undefined || mine.length === 0) return undefined;
  const first = state.shapes.met;
  const oldest = Object.values(first).reduce((least, [seen]) => Math.min(least, seen), time);
  const version = shortName(`${agent ?? ''} ${agentVersion ?? ''}`, MAX_NAME);
  meet(state.versions, version, time, MAX_VERSIONS);
  meet(state.shapes, offer.parameters, time, MAX_SHAPES);
  const shape = first[offer.parameters]?.[0] ?? time;
  const released =
    agentVersion !== undefined &&
    (state.versions.met[version]?.[0] ?? time) > oldest &&
    isYoung(state.versions.met[version]?.[0], time);
  const changed = time - oldest >= SETTLED_DAYS * DAY && time - shape < YOUNG && shape > oldest;
  const twin = time - oldest < YOUNG ? twinOf(tool, offered ?? []) : undefined;
  const found = mine.flatMap((call) => contentIn(call).map((path) => ({ call, path })));
  const fresh = found.find(
    ({ path }) =>
      twin !== undefined || !knows(state.paths, pathName(path)) || isYoung(state.paths.met[pathName(path)]?.[0], time),
  );
  for (const call of mine) for (const { path } of call.atoms) meet(state.paths, pathName(path), time, MAX_PATHS);
  if (fresh === undefined || released || !(changed || twin !== undefined)) return undefined;
  return draftOf(tool, fresh.path, twin);
}

function isYoung(first: number | undefined, time: number): boolean {
  return first !== undefined && time - first < YOUNG;
}

/** A tool offered beside it that it is a twin of. */
function twinOf(tool: string, offered: readonly OfferedTool[]): string | undefined {
  return offered.find(({ name }) => isTwin(tool, name))?.name;
}

/** The name of another tool, with or without what stands in front of it, with some letters more: `get_object` and `get_object_fast`. */
export function isTwin(tool: string, other: string): boolean {
  const name = plain(tool);
  const theirs = plain(other);
  for (let more = 1; more <= TWIN_LETTERS && name.length - more >= MIN_TWIN; more++) {
    const root = name.slice(0, -more);
    if (theirs === root || (root.length >= LONG_TWIN && theirs.endsWith(root))) return true;
  }
  return false;
}

function plain(name: string): string {
  return bareName(name)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

/** Arguments that hold free text with somebody's address or account in it: what the model knows, not what the call needs. */
function contentIn({ atoms }: ObservedCall): string[] {
  const kinds = new Map<string, Set<string>>();
  for (const { path, kind } of atoms) kinds.set(path, (kinds.get(path) ?? new Set()).add(kind));
  return [...kinds]
    .filter(([, of]) => (of.has('text') || of.has('code')) && (of.has('email') || of.has('account')))
    .map(([path]) => path);
}

function pathName(path: string): string {
  return `at ${shortName(path, MAX_NAME)}`;
}

function draftOf(tool: string, path: string, twin: string | undefined): FindingDraft {
  const name = bareName(tool);
  return {
    about: `fed:${shortName(path, MAX_NAME)}`,
    title:
      twin === undefined
        ? 'Tool that changed without a release is handed content through a new parameter'
        : 'Twin of a known tool is handed content through a parameter of its own',
    severity: 'medium',
    confidence: 0.6,
    untrustedTrigger: true,
    entities: { tool: name },
    evidence: [
      {
        kind: twin === undefined ? 'fed' : 'twin-fed',
        observed: `text with an address or account went into ${shortName(path, MAX_NAME)} of ${name}${twin === undefined ? ', a parameter that came with a change of its definition' : `, a new tool beside ${bareName(twin)}`}`,
        usual: twin === undefined ? 'the tool was called without it' : 'the known tool was called',
        quiet_if: 'the parameter had been known, had come with a new version of the agent, or had held no such text',
      },
    ],
  };
}
