/** Keyed fingerprints: equal values have equal fingerprints under one key, and nobody without the key can test a guess. */
import { createHmac, hash } from 'node:crypto';

/** For `replay` without a key of one's own: public, so that anyone can reproduce its output. Never used by the service. */
export const PUBLIC_TEST_KEY = Buffer.from('nightjar public test key: not secret');

const SHINGLE = 32;
/** One shingle in so many is kept, chosen by content, so that the same text keeps the same ones wherever it stands. */
const SAMPLE = 8;
const MAX_SHINGLES = 32;

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
  const of = (value: string) => hash('sha256', secret + value, 'hex').slice(0, 16);
  return {
    of,
    shingles(text) {
      const flat = text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
      const found = new Set<string>();
      let hash = 0;
      for (let i = 0; i < flat.length && found.size < MAX_SHINGLES; i++) {
        hash = rolling(hash, flat.charCodeAt(i), i >= SHINGLE ? flat.charCodeAt(i - SHINGLE) : 0);
        if (i >= SHINGLE - 1 && (hash >>> 7) % SAMPLE === 0) found.add(flat.slice(i - SHINGLE + 1, i + 1));
      }
      // Hashed at the end: a text that repeats itself has the same few shingles everywhere.
      return [...found].map(of);
    },
  };
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
