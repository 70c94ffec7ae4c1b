/** Where a call came from: the peer of whoever wrote the log, or the hop before the proxies that the configuration trusts. */
import type { Context } from './contract.ts';
import { addressOf } from './identity.ts';
import { str } from './read.ts';

/** Characters of one header that are looked at, from its end. */
const MAX_FORWARDED = 4_096;
/** Longer lists are cut at their beginning: what counts stands at the end. */
const MAX_HOPS = 32;

/**
 * Address of the client: the peer, or, where the configuration trusts proxies and the record has their list, the hop that its rule chooses.
 * @param peer who connected to the writer of the log
 * @param forwarded value of `X-Forwarded-For`: text, or a list of texts when the header came more than once
 */
export function clientOf({ client }: Pick<Context, 'client'>, peer: unknown, forwarded: unknown): string | undefined {
  const address = addressOf(peer);
  if (client === undefined || forwarded === undefined || forwarded === null) return address;
  const values = Array.isArray(forwarded) ? forwarded.slice(-MAX_HOPS) : [forwarded];
  const hops = values.flatMap((value) => (str(value) ?? '').slice(-MAX_FORWARDED).split(','));
  return client(
    address,
    hops.slice(-MAX_HOPS).map((hop) => addressOf(hop) ?? ''),
  );
}
