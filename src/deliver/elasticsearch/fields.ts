/** Values that a mapping always takes: a job may come from another version of Nightjar or from a damaged queue. */

/** Null for nothing, JSON text for an object, else the value as text. */
export function text(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Texts of a list; a lone value counts as a list of one. */
export function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map(text).filter((item) => item !== null);
}

/** The list, or an empty one for anything else. */
export function list<T>(value: readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [];
}

/** Null for what is not a finite number. */
export function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function present(value: string | null): string[] {
  return value === null ? [] : [value];
}
