/** Seeded choice without a random number generator: order and numbers come from a hash of seed and text. */
import { createHash } from 'node:crypto';

/** A number in [0, 1) that belongs to this text. */
export function fraction(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 4294967296;
}

/** The list in an order that depends on seed and keys alone. */
export function shuffled<T>(list: readonly T[], seed: string, key: (item: T) => string): T[] {
  return list
    .map((item) => ({
      item,
      rank: createHash('sha256')
        .update(`${seed}\n${key(item)}`)
        .digest('hex'),
    }))
    .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0))
    .map(({ item }) => item);
}

/**
 * About `count` members, of every stratum in proportion and at least one.
 * @param list in the order in which members are preferred.
 */
export function stratified<T>(list: readonly T[], count: number, stratum: (item: T) => string): T[] {
  if (count >= list.length) return [...list];
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const name = stratum(item);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  const chosen = new Set<T>();
  for (const group of groups.values()) {
    const share = Math.max(1, Math.round((count * group.length) / list.length));
    for (const item of group.slice(0, share)) chosen.add(item);
  }
  return list.filter((item) => chosen.has(item));
}
