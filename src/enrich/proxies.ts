/** Who sent a request that came through proxies: their list of addresses is believed only as far as hops that the user trusts wrote it. */
import { NightjarError } from '../errors.ts';
import { cut, parseAddress, parseRange, type Range } from './address.ts';

/**
 * @param peer who connected to the writer of the log, where the log says
 * @param forwarded `X-Forwarded-For`, first entry first; each proxy adds the address that it was called from at the end
 */
export type ClientRule = (peer: string | undefined, forwarded: readonly string[]) => string | undefined;

/**
 * The rule for the setting `trustedProxies`; undefined when nobody is trusted: then the peer is the client. A number is how many proxies stand before the
 * writer of the log, ranges are where proxies are. What is written before the first hop that is not trusted is a claim of the client.
 * @throws NightjarError NJ_CONFIG for a range that is none
 */
export function clientRule(trusted: number | readonly string[]): ClientRule | undefined {
  if (typeof trusted === 'number') return trusted === 0 ? undefined : (peer, list) => byHops(trusted, peer, list);
  if (trusted.length === 0) return undefined;
  const ranges = trusted.map((text, index) => {
    const range = parseRange(text);
    if (typeof range !== 'string') return range;
    throw new NightjarError('NJ_CONFIG', `trustedProxies[${index}]: ${text} ${range}`);
  });
  return (peer, list) => byRanges(ranges, peer, list);
}

/** Envoy adds its own peer to the list before it logs it: that is one hop, not two. */
function hopsBehind(peer: string | undefined, list: readonly string[]): readonly string[] {
  return peer !== undefined && list.at(-1) === peer ? list.slice(0, -1) : list;
}

/** Counted from the peer. A list that is shorter did not come through all of them: its first entry is the farthest that is known. */
function byHops(count: number, peer: string | undefined, list: readonly string[]): string | undefined {
  const before = hopsBehind(peer, list);
  const chosen = before.at(-Math.min(count, before.length));
  return before.length > 0 && isAddress(chosen) ? chosen : peer;
}

/** Goes back from the peer while hops are trusted; what is no address ends the way. Without a known peer nobody vouches for the list. */
function byRanges(ranges: readonly Range[], peer: string | undefined, list: readonly string[]): string | undefined {
  let client = peer;
  for (const hop of hopsBehind(peer, list).toReversed()) {
    if (client === undefined || !isWithin(ranges, client) || !isAddress(hop)) break;
    client = hop;
  }
  return client;
}

function isAddress(text: string | undefined): text is string {
  return text !== undefined && parseAddress(text) !== undefined;
}

function isWithin(ranges: readonly Range[], text: string): boolean {
  const address = parseAddress(text);
  return (
    address !== undefined &&
    ranges.some(({ width, prefix, bits }) => width === address.width && cut(address, prefix) === bits)
  );
}
