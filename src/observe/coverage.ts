/** The coverage ledger: per source and shape of call, how much could be read, attributed and scanned. What is not seen cannot be judged. */
import type { Observation } from '../model/observation.ts';

/** Calls, and how many of them showed what detectors need. */
export interface Seen {
  calls: number;
  /** With any message. */
  content: number;
  /** With a principal, credential or session; the others are unattributed. */
  identity: number;
  /** With tools offered or called. */
  tools: number;
}

export interface ShapeCoverage extends Seen {
  format: string;
  /** Path with ids as `{id}`; null where the log has none. */
  route: string | null;
  operation: string;
}

export interface SourceCoverage extends Seen {
  /** Topic, file or `intake`. */
  source: string;
  unattributed: number;
  not_calls: number;
  dead_letters: number;
  /** Most calls first. */
  shapes: ShapeCoverage[];
}

/** Since the start of the process; records that are read again count again. */
export interface CoverageReport {
  sources: SourceCoverage[];
}

/** Stands for everything beyond the bounds. */
const OTHERS = '(others)';
const MAX_SOURCES = 100;
const MAX_SHAPES = 500;
/** Routes come from the log: what is remembered of them is bounded. */
const MAX_ROUTES = 2_000;
const MAX_SEGMENTS = 6;
const MAX_ROUTE = 100;

interface Source {
  seen: Seen;
  notCalls: number;
  deadLetters: number;
  shapes: Map<string, ShapeCoverage>;
}

export class CoverageLedger {
  readonly #sources = new Map<string, Source>();
  readonly #routes = new Map<string, string>();
  readonly #sourceOf: (partition: string) => string;
  #shapes = 0;

  /** @param sourceOf the source that a partition belongs to; default: the partition itself */
  constructor(sourceOf: (partition: string) => string = (partition) => partition) {
    this.#sourceOf = sourceOf;
  }

  observed(partition: string, observation: Pick<Observation, 'format' | 'route' | 'operation' | 'coverage'>): void {
    const source = this.#source(partition);
    count(source.seen, observation.coverage);
    count(this.#shape(source, observation), observation.coverage);
  }

  notCalls(partition: string, parts: number): void {
    if (parts > 0) this.#source(partition).notCalls += parts;
  }

  deadLetter(partition: string): void {
    this.#source(partition).deadLetters++;
  }

  /** Sources and shapes with most calls first. */
  report(): CoverageReport {
    const sources = [...this.#sources].map(([source, { seen, notCalls, deadLetters, shapes }]) => ({
      source,
      ...seen,
      unattributed: seen.calls - seen.identity,
      not_calls: notCalls,
      dead_letters: deadLetters,
      shapes: [...shapes.values()].map((shape) => ({ ...shape })).sort((a, b) => b.calls - a.calls),
    }));
    return { sources: sources.sort((a, b) => b.calls - a.calls) };
  }

  #source(partition: string): Source {
    const name = this.#sourceOf(partition);
    const known = this.#sources.get(name) ?? (this.#sources.size < MAX_SOURCES ? undefined : this.#sources.get(OTHERS));
    if (known !== undefined) return known;
    const made = { seen: newSeen(), notCalls: 0, deadLetters: 0, shapes: new Map() };
    this.#sources.set(this.#sources.size < MAX_SOURCES - 1 ? name : OTHERS, made);
    return made;
  }

  #shape(source: Source, observation: Pick<Observation, 'format' | 'route' | 'operation'>): ShapeCoverage {
    const { format, operation } = observation;
    const route = observation.route === undefined ? null : this.#route(observation.route);
    const key = `${format}\0${operation}\0${route ?? ''}`;
    const known = source.shapes.get(key);
    if (known !== undefined) return known;
    if (this.#shapes >= MAX_SHAPES) return this.#others(source);
    this.#shapes++;
    const made = { format, route, operation, ...newSeen() };
    source.shapes.set(key, made);
    return made;
  }

  #others(source: Source): ShapeCoverage {
    const made = source.shapes.get(OTHERS) ?? { format: OTHERS, route: null, operation: OTHERS, ...newSeen() };
    source.shapes.set(OTHERS, made);
    return made;
  }

  #route(path: string): string {
    const known = this.#routes.get(path);
    if (known !== undefined) return known;
    const route = withoutIds(path);
    if (this.#routes.size >= MAX_ROUTES) this.#routes.clear();
    this.#routes.set(path, route);
    return route;
  }
}

function newSeen(): Seen {
  return { calls: 0, content: 0, identity: 0, tools: 0 };
}

function count(seen: Seen, { content, identity, tools }: Observation['coverage']): void {
  seen.calls++;
  if (content) seen.content++;
  if (identity) seen.identity++;
  if (tools) seen.tools++;
}

/** Segments that look like ids (digits, or very long) become `{id}`; version segments such as `v1` and `v1beta` stay. */
export function withoutIds(path: string): string {
  const segments = path.split('/', MAX_SEGMENTS + 1).slice(0, MAX_SEGMENTS);
  const plain = (segment: string) =>
    /^v\d[a-z0-9]{0,8}$/i.test(segment) || !(segment.length > 32 || /\d/.test(segment));
  return segments
    .map((segment) => (plain(segment) ? segment : '{id}'))
    .join('/')
    .slice(0, MAX_ROUTE);
}
