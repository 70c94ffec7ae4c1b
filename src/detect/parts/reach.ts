/** Reach: whether a network is the organisation's own or the open internet, as far as its text form tells. */
import { isIPv4 } from 'node:net';
import type { Observation } from '../../model/observation.ts';

/** `inside` private, local or carrier-internal addresses, and ranges that the inventory names · `outside` all other addresses. */
export type Reach = 'inside' | 'outside' | 'unknown';

/**
 * Of the observation's client network. An address that a proxy reports as its own is the proxy's: behind one that hides its clients
 * everything is inside.
 */
export function reachOf({ network }: Pick<Observation, 'network'>): Reach {
  if (network === undefined) return 'unknown';
  const known = REMEMBERED.get(network);
  if (known !== undefined) return known;
  const reach = workOut(network);
  if (REMEMBERED.size >= MAX_REMEMBERED) REMEMBERED.clear();
  REMEMBERED.set(network, reach);
  return reach;
}

/** Networks come again and again. Speed only: the same network has the same reach. */
const REMEMBERED = new Map<string, Reach>();
const MAX_REMEMBERED = 4_096;

function workOut(network: string): Reach {
  const slash = network.lastIndexOf('/');
  const base = slash < 0 ? '' : network.slice(0, slash);
  if (slash > 0 && isIPv4(base)) return isPrivateV4(base) ? 'inside' : 'outside';
  if (network.endsWith('::/48')) return isPrivateV6(base) ? 'inside' : 'outside';
  return 'inside';
}

/** RFC 1918, loopback, link-local (RFC 3927), carrier-grade NAT (RFC 6598), "this network". */
function isPrivateV4(address: string): boolean {
  const [a = 0, b = 0] = address.split('.').map(Number);
  return (
    a === 10 ||
    a === 127 ||
    a === 0 ||
    (a === 172 && b >= 16 && b <= 31) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    (a === 100 && b >= 64 && b <= 127)
  );
}

/** Loopback and unspecified, unique local (RFC 4193), link-local. */
function isPrivateV6(base: string): boolean {
  return /^(?:0:0:0|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/.test(base);
}
