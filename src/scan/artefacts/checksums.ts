/** Checksums that issuers build into their keys: a match rules chance out. */
import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * Undefined for types without a known checksum. GitHub's and npm's tokens end with the CRC-32 of their random part, in base 62, six
 * characters long (as GitHub described it in 2021).
 */
export function hasValidChecksum(type: string, key: string): boolean | undefined {
  if (!(type === 'github-token' || type === 'npm-token') || key.startsWith('github_pat_')) return undefined;
  const random = key.slice(key.indexOf('_') + 1, -6);
  return inBase62(crc32(random)) === key.slice(-6);
}

function inBase62(value: number): string {
  let left = value;
  let text = '';
  while (text.length < 6) {
    text = BASE62[left % 62] + text;
    left = Math.floor(left / 62);
  }
  return text;
}
