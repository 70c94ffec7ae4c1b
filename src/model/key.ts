/** Key dimensions: what a detector's state belongs to, and the text form `tenant|dimension|id` that partitions it. */

export const DIMENSIONS = [
  'principal',
  'session',
  'credential',
  'agent',
  'tool',
  'endpoint',
  'resource',
  'network',
  'team',
  'tenant',
] as const;

export type Dimension = (typeof DIMENSIONS)[number];

export interface Key {
  tenant: string;
  dimension: Dimension;
  id: string;
}

/** `tenant|dimension|id`; a `|` or `%` inside tenant is percent-encoded, so that the form is unambiguous. */
export function keyText(key: Key): string {
  const { tenant } = key;
  const plain = !tenant.includes('%') && !tenant.includes('|');
  return `${plain ? tenant : tenant.replaceAll('%', '%25').replaceAll('|', '%7C')}|${key.dimension}|${key.id}`;
}
