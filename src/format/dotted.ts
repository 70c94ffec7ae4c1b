/** Attributes that spell lists and objects in their names (`gen_ai.prompt.0.role`), back to the values they spell. */
import { isObj, type Obj } from './read.ts';

const MAX_SEGMENTS = 12;

/** The tree under a prefix; positions stay keys, `itemsOf` makes lists of them. */
export function treeOf(attributes: Obj, prefix: string): Obj {
  const root: Record<string, unknown> = Object.create(null);
  const start = `${prefix}.`;
  for (const name in attributes) {
    if (!name.startsWith(start)) continue;
    const segments = name.slice(start.length).split('.', MAX_SEGMENTS + 1);
    if (segments.length > MAX_SEGMENTS) continue;
    let node = root;
    for (const segment of segments.slice(0, -1)) {
      if (!isObj(node[segment])) node[segment] = Object.create(null);
      node = node[segment] as Record<string, unknown>;
    }
    node[segments.at(-1) as string] = attributes[name];
  }
  return root;
}

/** Values of a node's numbered children, in order. */
export function itemsOf(node: unknown): unknown[] {
  if (Array.isArray(node)) return node;
  if (!isObj(node)) return [];
  // Keys that are array positions come in ascending order by themselves.
  return Object.keys(node)
    .filter((key) => /^(0|[1-9]\d{0,8})$/.test(key))
    .map((key) => node[key]);
}
