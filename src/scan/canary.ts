/**
 * Canary tokens: text that is put in one place and belongs nowhere else. Made from a key, so that nothing need be stored: place and week give
 * the token, and the token names place and week when it turns up.
 */
import { createHmac } from 'node:crypto';

export const CANARY_KINDS = ['prompt', 'document', 'record', 'credential'] as const;
/** Where it was put: a system prompt, a document that tools read, a record in a database, or as a key that nobody uses. */
export type CanaryKind = (typeof CANARY_KINDS)[number];

export interface CanaryPlace {
  name: string;
  kind: CanaryKind;
}

export interface CanaryHit {
  place: CanaryPlace;
  /** Week of the token, counted from 1970. */
  week: number;
  /** Which windows of the token were seen, 0 to 24. */
  windows: number[];
}

const WEEK = 7 * 24 * 60 * 60 * 1_000;
/** Weeks for which a token is still known. */
const REMEMBERED = 53;
export const CANARY_LENGTH = 32;
const WINDOW = 8;
export const CANARY_WINDOWS = CANARY_LENGTH - WINDOW + 1;
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const BITMAP_BITS = 1 << 20;
const MAX_HITS = 8;

/** Letters and digits that are not confused by eye; natural enough to stand as an id or a key. */
export function canaryToken(key: Uint8Array, tenant: string, place: string, week: number): string {
  const secret = createHmac('sha256', key).update('nightjar canary').digest();
  const digest = createHmac('sha256', secret).update(`${tenant}\0${place}\0${week}`).digest();
  let token = '';
  for (const byte of digest) token += ALPHABET[byte % ALPHABET.length];
  return token.slice(0, CANARY_LENGTH);
}

export function weekOf(time: number): number {
  return Math.floor(time / WEEK);
}

interface Index {
  bitmap: Uint8Array;
  windows: Map<string, { place: CanaryPlace; week: number; window: number }>;
}

/** Places as the configuration names them: name to kind. */
export function canaryBook(key: Uint8Array, places: Record<string, CanaryKind>): CanaryBook {
  return new CanaryBook(
    key,
    Object.entries(places).map(([name, kind]) => ({ name, kind })),
  );
}

/** The tokens of all places of the last 53 weeks, indexed by their windows of eight characters, forwards and backwards. */
export class CanaryBook {
  readonly #key: Uint8Array;
  readonly #places: readonly CanaryPlace[];
  readonly #indexes = new Map<string, Index>();

  /** @param key the fingerprint key. */
  constructor(key: Uint8Array, places: readonly CanaryPlace[]) {
    this.#key = key;
    this.#places = places;
  }

  get isEmpty(): boolean {
    return this.#places.length === 0;
  }

  /** Tokens, or parts of them, in a text; white space, punctuation and case do not matter. Time is linear. */
  find(text: string, tenant: string, time: number): CanaryHit[] {
    const { bitmap, windows } = this.#index(tenant, weekOf(time));
    const flat = text.toLowerCase().replace(/[^a-z0-9]+/g, '');
    const hits = new Map<string, CanaryHit>();
    let hash = 0;
    for (let i = 0; i < flat.length; i++) {
      hash = roll(hash, flat.charCodeAt(i), i >= WINDOW ? flat.charCodeAt(i - WINDOW) : 0);
      const bit = hash & (BITMAP_BITS - 1);
      if (i < WINDOW - 1 || ((bitmap[bit >> 3] as number) & (1 << (bit & 7))) === 0) continue;
      const known = windows.get(flat.slice(i - WINDOW + 1, i + 1));
      if (!known) continue;
      const id = `${known.place.name}\0${known.week}`;
      const hit = hits.get(id) ?? { place: known.place, week: known.week, windows: [] };
      if (!hit.windows.includes(known.window)) hit.windows.push(known.window);
      hits.set(id, hit);
      if (hits.size >= MAX_HITS) break;
    }
    return [...hits.values()];
  }

  #index(tenant: string, week: number): Index {
    const name = `${tenant}\0${week}`;
    const known = this.#indexes.get(name);
    if (known) return known;
    const index: Index = { bitmap: new Uint8Array(BITMAP_BITS / 8), windows: new Map() };
    for (const place of this.#places)
      for (let back = 0; back < REMEMBERED; back++) {
        const token = canaryToken(this.#key, tenant, place.name, week - back);
        for (let window = 0; window < CANARY_WINDOWS; window++) {
          const part = token.slice(window, window + WINDOW);
          for (const text of [part, [...part].reverse().join('')]) {
            let hash = 0;
            for (let i = 0; i < WINDOW; i++) hash = roll(hash, text.charCodeAt(i), 0);
            const bit = hash & (BITMAP_BITS - 1);
            index.bitmap[bit >> 3] = (index.bitmap[bit >> 3] as number) | (1 << (bit & 7));
            index.windows.set(text, { place, week: week - back, window });
          }
        }
      }
    // Records come in the order of time: few weeks are in use at once.
    if (this.#indexes.size >= 4) this.#indexes.delete(this.#indexes.keys().next().value as string);
    this.#indexes.set(name, index);
    return index;
  }
}

const BASE = 1_000_003;
let drop = 1;
for (let i = 0; i < WINDOW; i++) drop = Math.imul(drop, BASE);
const DROP = drop;

/** Rabin–Karp over the last eight characters. */
function roll(hash: number, added: number, dropped: number): number {
  return (Math.imul(hash, BASE) + added - Math.imul(dropped, DROP)) | 0;
}
