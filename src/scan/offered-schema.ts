/** The schema of a tool's parameters, read so that neither the order of keys nor generated values make two of one. */
import type { Parameter } from './offered-facts.ts';

export interface ReadSchema {
  /** Everything but values that are generated: numbers, and what an enumeration lists. */
  canonical: string;
  /** Names and types of the parameters alone. */
  shape: string;
  /** Every string in the schema, for people and models to read. */
  text: string;
  parameters: Parameter[];
}

const MAX_DEPTH = 16;
const MAX_NODES = 4_000;
const MAX_PARAMETERS = 128;
/** Keywords whose values change without the tool changing. */
const GENERATED = new Set(['enum', 'const', 'default', 'examples', 'example', '$schema', '$id', 'title']);
const PROSE = new Set(['description', '$comment', 'markdownDescription', ...GENERATED]);

/** @param given JSON text, or undefined; text that is not JSON counts as it is. */
export function readSchema(given: string | undefined): ReadSchema {
  if (given === undefined || given === '') return { canonical: '', shape: '', text: '', parameters: [] };
  let value: unknown;
  try {
    value = JSON.parse(given);
  } catch {
    return { canonical: given, shape: given, text: given, parameters: [] };
  }
  const strings: string[] = [];
  const parameters: Parameter[] = [];
  collect(value, strings, parameters, 0, { left: MAX_NODES });
  return {
    canonical: JSON.stringify(sorted(value, GENERATED, 0, { left: MAX_NODES })) ?? '',
    shape: JSON.stringify(sorted(value, PROSE, 0, { left: MAX_NODES })) ?? '',
    text: strings.join('\n'),
    parameters,
  };
}

interface Work {
  left: number;
}

/** What {@link steady} would change. */
const UNSTEADY = /\d|\s\s|[^\S ]|^\s|\s$/;

/** Numbers and white space change with every day and deploy, and mean nothing here. */
export function steady(text: string): string {
  return UNSTEADY.test(text) ? text.replace(/\d+/g, '0').replace(/\s+/g, ' ').trim() : text;
}

/** Keys in order; the named keywords left out, but not a parameter that is called like one. */
function sorted(value: unknown, without: ReadonlySet<string>, depth: number, work: Work, names = false): unknown {
  if (typeof value === 'string') return steady(value);
  if (typeof value === 'number') return 0;
  if (value === null || typeof value !== 'object') return value;
  if (depth > MAX_DEPTH || work.left-- <= 0) return '…';
  if (Array.isArray(value)) {
    const items = value.map((item) => sorted(item, without, depth + 1, work));
    // `required` and types are sets.
    return items.every((item) => typeof item === 'string') ? items.sort() : items;
  }
  const entries = Object.entries(value)
    .filter(([key]) => names || !without.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, item]) => [
    key,
    sorted(item, without, depth + 1, work, !names && (key === 'properties' || key === '$defs')),
  ]);
}

function collect(value: unknown, strings: string[], parameters: Parameter[], depth: number, work: Work): void {
  if (typeof value === 'string') strings.push(value);
  if (value === null || typeof value !== 'object' || depth > MAX_DEPTH || work.left-- <= 0) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, strings, parameters, depth + 1, work);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (key === 'properties' && item !== null && typeof item === 'object' && !Array.isArray(item)) {
      for (const [name, schema] of Object.entries(item as Record<string, unknown>)) {
        const own = (schema as { description?: unknown } | null)?.description;
        if (parameters.length < MAX_PARAMETERS) parameters.push({ name, text: typeof own === 'string' ? own : '' });
        // A name is read by the model as well.
        if (name.length > 40) strings.push(name);
        collect(schema, strings, parameters, depth + 2, work);
      }
    } else if (key !== 'type' && key !== 'required' && key !== 'format')
      collect(item, strings, parameters, depth + 1, work);
  }
}
