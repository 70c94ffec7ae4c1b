/** Typed readers for untrusted values: every field of a record is reached through them, so that a wrong type is an absent field. */

/** A JSON object, or a null-prototype record made from OTLP attributes. */
export type Obj = { readonly [key: string]: unknown };

/** What `obj` gives for anything that is no object. */
export const NO_FIELDS: Obj = Object.freeze({ __proto__: null }) as Obj;
const NO_ITEMS: readonly unknown[] = Object.freeze([]);

export function isObj(value: unknown): value is Obj {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object, or an empty one. */
export function obj(value: unknown): Obj {
  return isObj(value) ? value : NO_FIELDS;
}

/** The array, or an empty one. */
export function arr(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NO_ITEMS;
}

/** A string that is not empty. */
export function str(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A finite number, also when written as a decimal string. */
export function num(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.length > 40 || !/^\s*[-+]?(\d|\.\d)/.test(value)) return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** A count: a whole number from 0 to 2^53 − 1. */
export function count(value: unknown): number | undefined {
  const parsed = num(value);
  return parsed !== undefined && parsed >= 0 && parsed <= Number.MAX_SAFE_INTEGER ? Math.trunc(parsed) : undefined;
}

/** A number that is not negative and not beyond 2^53 (cost, duration). */
export function amount(value: unknown): number | undefined {
  const parsed = num(value);
  return parsed !== undefined && parsed >= 0 && parsed <= Number.MAX_SAFE_INTEGER ? parsed : undefined;
}

/** A boolean, also when written as `"true"`/`"false"` or 1/0. */
export function bool(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 1 || value === '1') return true;
  if (value === 'false' || value === 0 || value === '0') return false;
  return undefined;
}

/** Whether an answer was streamed, as any log spells it: a boolean, `"True"`, `"Streaming"`, `"Non-Streaming"`. */
export function streamed(value: unknown): boolean | undefined {
  if (typeof value !== 'string') return bool(value);
  const word = value.length > 16 ? '' : value.toLowerCase();
  return STREAMED.get(word) ?? bool(word);
}

const STREAMED = new Map([
  ['streaming', true],
  ['non-streaming', false],
]);

function Fields(): void {}
Fields.prototype = Object.create(null);
const Constructor = Fields as unknown as new () => Record<string, unknown>;

/**
 * An object for names that others choose: it inherits nothing, so that any name is only a name. One made by a constructor is faster than
 * what Object.create(null) gives, which is kept as a hash table.
 */
export function newFields(): Record<string, unknown> {
  return new Constructor();
}

/** The first value that is neither undefined, null nor an empty string. */
export function first(...values: unknown[]): unknown {
  for (const value of values) if (value !== undefined && value !== null && value !== '') return value;
  return undefined;
}

/** JSON text of a value that the safe parser let through; "" for nothing, strings as they are. */
export function jsonText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  return JSON.stringify(value) ?? '';
}
