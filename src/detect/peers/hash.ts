/** Hashes for the peer tables: 32 bits, the same on every machine. Not for secrets. */

/** Part of a text that is hashed: what comes after it need not begin anew. */
export interface Begun {
  hash: number;
  length: number;
}

const NOTHING: Begun = { hash: 0x811c9dc5, length: 0 };

/** FNV-1a over UTF-16 units, finished so that all bits depend on all characters. */
export function hashText(text: string, { hash, length }: Begun = NOTHING): number {
  return mix(fnv(text, hash), length + text.length);
}

/** `hashText(b, begin(a))` is `hashText(a + b)`. */
export function begin(text: string): Begun {
  return { hash: fnv(text, NOTHING.hash), length: text.length };
}

function fnv(text: string, from: number): number {
  let hash = from;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** One hash of two; not symmetric. The finaliser is that of MurmurHash3. */
export function mix(a: number, b: number): number {
  let hash = (a ^ Math.imul(b + 0x9e3779b9, 0x85ebca6b)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
