/** Where a call came from, coarse enough to compare: the network of an address, the family of a user agent. */
import { isIPv4, isIPv6 } from 'node:net';

/** Addresses that are remembered before all are forgotten. */
const REMEMBERED = 4_096;
const MAX_LENGTH = 64;
const known = new Map<string, string | undefined>();

/** `192.0.2.0/24`, `2001:db8:1::/48`; undefined when the text is no address. A port and brackets are ignored. */
export function networkOf(address: string): string | undefined {
  if (address.length > MAX_LENGTH) return read(address);
  const found = known.get(address);
  if (found !== undefined || known.has(address)) return found;
  if (known.size === REMEMBERED) known.clear();
  const network = read(address);
  known.set(address, network);
  return network;
}

function read(address: string): string | undefined {
  const bare = address.startsWith('[') ? address.slice(1, address.indexOf(']')) : address;
  const text = bare.replace(/^::ffff:(?=\d+\.)/i, '').replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1');
  if (isIPv4(text)) return `${text.split('.').slice(0, 3).join('.')}.0/24`;
  if (!isIPv6(text)) return undefined;
  const [head = '', tail] = text.toLowerCase().split('::');
  const groups = head.split(':').filter(Boolean);
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter(Boolean).length;
  const first = [...groups, ...Array<string>(Math.max(0, missing)).fill('0')].slice(0, 3);
  return `${first.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/48`;
}

/** Product name of a user agent in lower case, without version: `openai/python 1.2` gives `openai`. At most 64 characters. */
export function clientFamily(userAgent: string): string | undefined {
  const product = /^[^\s/;(]{1,64}/.exec(userAgent.trim())?.[0];
  return product?.toLowerCase();
}
