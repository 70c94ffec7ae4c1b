/** Keyed fingerprints: equal values have equal fingerprints under one key, and nobody without the key can test a guess. */
import { createHmac, hash } from 'node:crypto';
import { Units } from './units.ts';

/** For `replay` without a key of one's own: public, so that anyone can reproduce its output. Never used by the service. */
export const PUBLIC_TEST_KEY = Buffer.from('nightjar public test key: not secret');

const SHINGLE = 32;
/** One shingle in so many is kept, chosen by content, so that the same text keeps the same ones wherever it stands. */
const SAMPLE = 8;
const MAX_SHINGLES = 32;

const UNITS = new Units();

/** Short values come again and again: addresses, ids, names. So many are remembered before all are forgotten. */
const REMEMBERED = 8_192;
const MAX_REMEMBERED = 64;

export interface Fingerprinter {
  /** 16 hex characters (64 bits). */
  of(value: string): string;
  /** Fingerprints of sampled 32-character shingles of a text, at most 32. */
  shingles(text: string): string[];
}

/**
 * SHA-256 over a 256-bit secret and the value, cut to 64 bits: the secret has a fixed length and most of the digest is dropped, so the
 * plain prefix construction is safe, and it costs a third of an HMAC.
 * @param key at least 16 bytes.
 */
export function fingerprinter(key: Uint8Array): Fingerprinter {
  const secret = createHmac('sha256', key).update('nightjar fingerprint').digest('hex');
  const compute = (value: string) => hash('sha256', secret + value, 'hex').slice(0, 16);
  const known = new Map<string, string>();
  return {
    of(value) {
      if (value.length > MAX_REMEMBERED) return compute(value);
      let found = known.get(value);
      if (found === undefined) {
        if (known.size === REMEMBERED) known.clear();
        found = compute(value);
        known.set(value, found);
      }
      return found;
    },
    shingles(text) {
      // The beginning of a long text nearly always holds enough.
      const head = text.length > 2 * HEAD ? text.slice(0, HEAD) : '';
      let found = Buffer.byteLength(head) === head.length ? sampled(head) : [];
      if (found.length < MAX_SHINGLES) found = sampled(text);
      return found.map(compute);
    },
  };
}

/** Characters that are looked at first. */
const HEAD = 1_024;

/** Letters and digits in lower case, 32 at a time, chosen by content; at most 32, each once. */
function sampled(text: string): string[] {
  const flat = text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
  const units = UNITS.of(flat);
  const found = new Set<string>();
  let hash = 0;
  for (let i = 0; i < flat.length && found.size < MAX_SHINGLES; i++) {
    hash = rolling(hash, units[i] as number, i >= SHINGLE ? (units[i - SHINGLE] as number) : 0);
    if (i >= SHINGLE - 1 && (hash >>> 7) % SAMPLE === 0) found.add(flat.slice(i - SHINGLE + 1, i + 1));
  }
  // They are hashed at the end: a text that repeats itself has the same few shingles everywhere.
  return [...found];
}

const BASE = 31;
const DROP = power(BASE, SHINGLE);

function power(base: number, exponent: number): number {
  let value = 1;
  for (let i = 0; i < exponent; i++) value = Math.imul(value, base);
  return value;
}

/** Rabin–Karp: the hash of the last 32 characters, in constant time per character. */
function rolling(hash: number, added: number, dropped: number): number {
  return (Math.imul(hash, BASE) + added - Math.imul(dropped, DROP)) | 0;
}
