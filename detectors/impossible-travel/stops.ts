/** Stops: where a key was used from lately, and how two of them differ. Plain JSON, bounded. */

import { shortName } from '../../src/detect/parts/name.ts';
import { type Reach, reachOf } from '../../src/detect/parts/reach.ts';
import type { Observation } from '../../src/model/observation.ts';

const MAX_STOPS = 24;
const MAX_NAME = 80;

export interface Stop {
  time: number;
  id: string;
  session: string;
  network: string;
  reach: Reach;
  client: string;
  country: string;
  asn: number;
  at: [number, number] | null;
}

/** Undefined where the log does not tell the network. */
export function stopOf(observation: Observation): Stop | undefined {
  const { time, id, session, network, client, place } = observation;
  if (network === undefined) return undefined;
  return {
    time,
    id,
    session: shortName(session ?? '', MAX_NAME),
    network: shortName(network, MAX_NAME),
    reach: reachOf(observation),
    client: shortName(client ?? '', MAX_NAME),
    country: place?.country ?? '',
    asn: place?.asn ?? 0,
    at: place?.at ?? null,
  };
}

/** Each session and network once for its first and its last use within the span. */
export function visit(stops: Stop[], stop: Stop, span: number): Stop[] {
  const recent = stops.filter(({ time }) => time >= stop.time - span);
  const same = recent.filter(({ session, network }) => session === stop.session && network === stop.network);
  const kept = same.length > 1 ? recent.filter((one) => one !== same.at(-1)) : recent;
  return [...kept, stop].slice(-MAX_STOPS);
}

export interface Difference {
  /** Both are known and are not the same. */
  client: boolean;
  country: boolean;
  system: boolean;
  /** One inside, one outside. */
  reach: boolean;
}

/**
 * How two stops differ; undefined when nobody need have moved: the own networks, one provider, or IPv4 and IPv6 of one device.
 */
export function differenceOf(a: Stop, b: Stop): Difference | undefined {
  if (a.network === b.network || (a.reach === 'inside' && b.reach === 'inside')) return undefined;
  const client = a.client !== '' && b.client !== '' && a.client !== b.client;
  const system = a.asn > 0 && b.asn > 0 && a.asn !== b.asn;
  if (a.asn > 0 && a.asn === b.asn) return undefined;
  if (!client && !system && (isV4(a.network) !== isV4(b.network) || providerOf(a.network) === providerOf(b.network)))
    return undefined;
  return {
    client,
    system,
    reach: a.reach !== b.reach,
    country: a.country !== '' && b.country !== '' && a.country !== b.country,
  };
}

function isV4(network: string): boolean {
  return !network.includes(':');
}

/** The first two groups: addresses that one provider hands out in turn mostly share them. */
function providerOf(network: string): string {
  return network.split(isV4(network) ? '.' : ':', 2).join('.');
}

/** For people. */
export function textOf({ network, client, country, asn }: Stop): string {
  const facts = [country, asn > 0 ? `AS${asn}` : '', client.slice(0, 40)].filter((fact) => fact !== '');
  return facts.length > 0 ? `${network} (${facts.join(', ')})` : network;
}
