/** IP addresses and ranges as numbers. IPv4 inside IPv6 (`::ffff:192.0.2.1`) is IPv4. */
import { isIPv4, isIPv6 } from 'node:net';

/** `width` is 32 or 128; `bits` is the address as a number of that width. */
export interface Address {
  width: 32 | 128;
  bits: bigint;
}

export interface Range extends Address {
  /** Leading bits that count. */
  prefix: number;
}

const MAPPED = 0xffffn;
const LOW_32 = 0xffffffffn;

/** An address as logs write it: also in brackets, with a port, with a zone. Undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > 64) return undefined;
  const bare = text.startsWith('[') ? text.slice(1, text.indexOf(']')) : text;
  const v4 = bare.replace(/:\d{1,5}$/, '');
  if (isIPv4(v4)) return { width: 32, bits: v4Bits(v4) };
  const v6 = bare.replace(/%.*$/, '');
  if (!isIPv6(v6)) return undefined;
  const bits = v6Bits(v6);
  return bits >> 32n === MAPPED ? { width: 32, bits: bits & LOW_32 } : { width: 128, bits };
}

/** `192.0.2.0/24`, `2001:db8::/32`, or one address. A string says what is wrong with the text. */
export function parseRange(text: string): Range | string {
  const slash = text.indexOf('/');
  const written = slash < 0 ? text : text.slice(0, slash);
  const address = isIPv4(written) || isIPv6(written) ? parseAddress(written) : undefined;
  if (address === undefined) return 'is no address range, such as 192.0.2.0/24 or 2001:db8::/32';
  const given = slash < 0 ? undefined : text.slice(slash + 1);
  const mapped = address.width === 32 && isIPv6(written) ? 96 : 0;
  const prefix = given === undefined ? address.width : /^\d{1,3}$/.test(given) ? Number(given) - mapped : -1;
  if (prefix < 0 || prefix > address.width) return `has no prefix length from ${mapped} to ${address.width + mapped}`;
  if (cut(address, prefix) !== address.bits) return 'has bits set behind its prefix length';
  return { ...address, prefix };
}

/** The address with all bits behind the prefix cleared. */
export function cut({ width, bits }: Address, prefix: number): bigint {
  const rest = BigInt(width - prefix);
  return (bits >> rest) << rest;
}

function v4Bits(text: string): bigint {
  return BigInt(text.split('.').reduce((bits, part) => bits * 256 + Number(part), 0));
}

function v6Bits(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const missing = Array<bigint>(Math.max(0, 8 - front.length - back.length)).fill(0n);
  return [...front, ...missing, ...back].reduce((bits, group) => (bits << 16n) | group, 0n);
}

function groups(text: string): bigint[] {
  return text
    .split(':')
    .filter(Boolean)
    .flatMap((group) => {
      if (!group.includes('.')) return [BigInt(`0x${group}`)];
      const bits = v4Bits(group);
      return [bits >> 16n, bits & 0xffffn];
    });
}
