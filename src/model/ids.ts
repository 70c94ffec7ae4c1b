/** Deterministic ids: made of content, never of a clock, a random number or a secret. */
import { createHash } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * `prefix_` and 20 base-32 characters (100 bits) of SHA-256 over the parts. Parts are length-prefixed, so that no two lists collide.
 * @example contentId('al', ['default', 'toxic-flow', 's-1'])
 */
export function contentId(prefix: string, parts: readonly (string | number)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const text = String(part);
    hash.update(`${text.length}:`).update(text);
  }
  const digest = hash.digest();
  let text = '';
  let bits = 0;
  let value = 0;
  for (let i = 0; text.length < 20; i++) {
    value = ((value << 8) | (digest[i] as number)) & 0xffff;
    bits += 8;
    while (bits >= 5 && text.length < 20) {
      text += ALPHABET[(value >> (bits - 5)) & 31];
      bits -= 5;
    }
  }
  return `${prefix}_${text}`;
}

const PRINT = /\b(print|secret):[0-9a-f]{0,16}(?![0-9a-f])/g;

/**
 * A text without fingerprints, for use in ids: fingerprints depend on a secret key, and the same log must give the same ids under any key.
 * Whoever puts a fingerprint into a finding's `about` or into a key writes it as `print:<hex>`, or as `secret:<hex>` where it is a secret's.
 */
export function withoutPrints(text: string): string {
  return text.replace(PRINT, '$1');
}
