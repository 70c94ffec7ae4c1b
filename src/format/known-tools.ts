/**
 * Tools offered before: a log repeats the same definitions on every call, and comparing one with what is known costs a fraction of writing
 * its schema as text again. Changes speed, never results.
 */
import type { ToolDefinition } from '../model/event.ts';
import { jsonText } from './read.ts';

/** Names that are remembered, and different tools of one name. */
const NAMES = 512;
const PER_NAME = 4;
/** Longer schemas are not remembered. */
const MAX_TEXT = 16 * 1024;

interface Known {
  definition: ToolDefinition;
  /** The schema's keys and values in order, with marks where an object or a list opens and closes. */
  tokens: unknown[];
}

const known = new Map<string, Known[]>();
const OPEN_OBJECT = Symbol('{');
const OPEN_LIST = Symbol('[');
const CLOSE = Symbol('close');

/** The definition of a tool; the same object for the same tool. @param schema JSON value of its parameters, undefined or null for none */
export function toolDefinition(name: string, description: string | undefined, schema: unknown): ToolDefinition {
  let ofName = known.get(name);
  for (const { definition, tokens } of ofName ?? [])
    if (definition.description === description && matches(schema, tokens, 0) === tokens.length) return definition;
  const definition: ToolDefinition = { name };
  if (description !== undefined) definition.description = description;
  if (schema !== undefined && schema !== null) definition.parameters = jsonText(schema);
  if ((definition.parameters?.length ?? 0) + (description?.length ?? 0) > MAX_TEXT) return definition;
  const tokens: unknown[] = [];
  flatten(schema, tokens);
  if (ofName === undefined) {
    if (known.size >= NAMES) known.clear();
    ofName = [];
    known.set(name, ofName);
  } else if (ofName.length >= PER_NAME) ofName.shift();
  ofName.push({ definition: Object.freeze(definition), tokens });
  return definition;
}

function flatten(value: unknown, into: unknown[]): void {
  if (typeof value !== 'object' || value === null) {
    into.push(value);
    return;
  }
  const list = Array.isArray(value);
  into.push(list ? OPEN_LIST : OPEN_OBJECT);
  for (const key in value) {
    if (!list) into.push(key);
    flatten((value as Record<string, unknown>)[key], into);
  }
  into.push(CLOSE);
}

/** Place behind the value's tokens, or -1 where it differs. */
function matches(value: unknown, tokens: readonly unknown[], from: number): number {
  if (typeof value !== 'object' || value === null) return tokens[from] === value ? from + 1 : -1;
  let at = from + 1;
  if (Array.isArray(value)) {
    if (tokens[from] !== OPEN_LIST) return -1;
    for (let i = 0; i < value.length; i++) {
      at = matches(value[i], tokens, at);
      if (at < 0) return -1;
    }
  } else {
    if (tokens[from] !== OPEN_OBJECT) return -1;
    for (const key in value) {
      if (tokens[at] !== key) return -1;
      at = matches((value as Record<string, unknown>)[key], tokens, at + 1);
      if (at < 0) return -1;
    }
  }
  return tokens[at] === CLOSE ? at + 1 : -1;
}
