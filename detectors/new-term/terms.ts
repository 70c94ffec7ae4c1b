/** The terms of an observation: which names it uses, per dimension whose habits they belong to. */
import { shortName } from '../../src/detect/parts/name.ts';
import { templateOf } from '../../src/detect/parts/template.ts';
import type { Dimension } from '../../src/model/key.ts';
import type { Observation } from '../../src/model/observation.ts';

/** A name of a kind, without its random part and of bounded size. */
export interface Term {
  kind: Kind;
  name: string;
  /** Both, as peers are asked about it. */
  text: string;
}

export type Kind =
  | 'model'
  | 'client'
  | 'tool'
  | 'server'
  | 'prompt'
  | 'agent'
  | 'country'
  | 'system'
  | 'network-kind'
  | 'target';

/** Where a call comes from, as against what it does. */
export const ORIGINS: readonly Kind[] = ['client', 'country', 'system', 'network-kind'];

/** In the words of an alert. */
export const WORDS: Record<Kind, string> = {
  model: 'model',
  client: 'client program',
  tool: 'tool',
  server: 'MCP server',
  prompt: 'system prompt',
  agent: 'agent',
  country: 'country',
  system: 'autonomous system',
  'network-kind': 'kind of network',
  target: 'target',
};

/** Fingerprints and numbers: nothing in them is a random part of a name. */
const WHOLE: ReadonlySet<Kind> = new Set(['prompt', 'system', 'country', 'network-kind']);

const MAX_NAME = 80;
const MAX_TERMS = 12;

/** Dimensions with habits of their own. */
export const HABITS = ['principal', 'agent', 'credential', 'tool'] as const satisfies Dimension[];

/**
 * Terms that count for a key. What an agent does is its own habit, not that of the person or service it runs for.
 * @param tool for dimension `tool`: which one.
 */
export function termsOf(observation: Observation, dimension: Dimension, tool = ''): readonly Term[] {
  if (observation !== last.observation) last = { observation, terms: new Map() };
  const name = dimension === 'tool' ? `tool ${tool}` : dimension;
  const known = last.terms.get(name);
  if (known !== undefined) return known;
  const terms = collect(observation, dimension, tool);
  last.terms.set(name, terms);
  return terms;
}

/** The observation that was asked about last is mostly asked about again. Speed only. */
let last: { observation: Observation | null; terms: Map<string, readonly Term[]> } = {
  observation: null,
  terms: new Map(),
};

function collect(observation: Observation, dimension: Dimension, tool: string): Term[] {
  const terms: Term[] = [];
  const add = (kind: Kind, name: string | number | undefined): void => {
    if (name === undefined || name === '' || terms.length >= MAX_TERMS) return;
    const short = shortName(WHOLE.has(kind) ? String(name) : templateOf(String(name)), MAX_NAME);
    if (!terms.some((term) => term.kind === kind && term.name === short))
      terms.push({ kind, name: short, text: `${kind} ${short}` });
  };
  const { agent, place } = observation;
  if (dimension === 'tool') {
    for (const call of observation.calls)
      if (call.tool === tool) for (const resource of call.resources) add('target', targetOf(resource));
    return terms;
  }
  if (dimension === 'agent' || (dimension === 'principal' && agent === undefined)) {
    add('model', observation.model);
    if (dimension === 'agent') add('prompt', observation.systemPrompt && `print:${observation.systemPrompt}`);
    for (const call of observation.calls) {
      add('tool', call.tool);
      add('server', call.server);
    }
  }
  if (dimension === 'credential') add('agent', agent);
  if (dimension === 'credential' || (dimension === 'principal' && agent === undefined))
    add('client', observation.client);
  if (dimension !== 'agent') {
    add('country', place?.country);
    add('system', place?.asn);
    add('network-kind', observation.networkKind);
  }
  return terms;
}

/** Hosts and mail domains; paths and queries are too many to have habits. */
function targetOf(resource: string): string | undefined {
  if (resource.startsWith('mail:')) return resource.slice(resource.lastIndexOf('@') + 1);
  return resource.startsWith('host:') ? resource.slice('host:'.length) : undefined;
}
