/** Which network addresses a request may go to. Checked where the connection is made, so that a name cannot change in between. */
import { BlockList, isIP } from 'node:net';

/** `public` the internet only · `loopback` this machine only · `any` wherever the operator's config points. */
export type Reach = 'public' | 'loopback' | 'any';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** IPv4 that is not the public internet: this network, private, shared, loopback, link-local, test, benchmark, multicast, reserved. */
const special4 = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  special4.addSubnet(network, bits, 'ipv4');
}

/** Global unicast IPv6, and the parts of it that tunnel to IPv4 or are for documentation. */
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');
const special6 = new BlockList();
special6.addSubnet('2001::', 23, 'ipv6');
special6.addSubnet('2001:db8::', 32, 'ipv6');
special6.addSubnet('2002::', 16, 'ipv6');
special6.addSubnet('3fff::', 20, 'ipv6');

/** Whether an IP address (as text) lies within the reach. Anything that is no IP address does not. */
export function within(reach: Reach, address: string): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  if (reach === 'any') return true;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (reach === 'loopback') return loopback.check(address, family);
  if (version === 4) return !special4.check(address, 'ipv4');
  return global6.check(address, 'ipv6') && !special6.check(address, 'ipv6');
}

/** A URL's host without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Whether a URL names this machine itself: `localhost` or a loopback address. */
export function isLoopbackHost(url: URL): boolean {
  const host = hostOf(url);
  return host === 'localhost' || within('loopback', host);
}
