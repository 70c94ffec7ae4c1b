/**
 * The enrich stage: Event in, Event out, with what an inventory knows about its credential, principal and network. The inventory is the
 * user's own word: where it says something, it goes before the log.
 */
import type { Event, Place } from '../model/event.ts';
import type { Inventory } from './files.ts';

/** The Event itself when nothing is known about it. Never changes the one given. */
export function enrich(event: Event, inventory: Inventory): Event {
  const credential = event.credential === undefined ? undefined : inventory.credentials.get(event.credential);
  const principal = event.principal === undefined ? undefined : inventory.principals.get(event.principal);
  const network = event.clientAddress === undefined ? undefined : inventory.networks.find(event.clientAddress);
  const place = event.clientAddress === undefined ? undefined : placeOf(event.clientAddress, inventory);
  if (credential === undefined && principal === undefined && network === undefined && place === undefined) return event;
  const known: Event = { ...event };
  if (credential?.owner !== undefined) known.credentialOwner = credential.owner;
  if (credential?.created !== undefined) known.credentialCreated = credential.created;
  if (credential?.expires !== undefined) known.credentialExpires = credential.expires;
  if (credential?.scopes !== undefined) known.scopes = credential.scopes;
  if (principal?.team !== undefined) known.team = principal.team;
  if (principal?.kind !== undefined) known.principalKind = principal.kind;
  if (network !== undefined) known.network = network.name;
  if (network?.kind !== undefined) known.networkKind = network.kind;
  if (place !== undefined) known.place = place;
  return known;
}

/** The two databases together: one may know the country and place, the other the network. */
function placeOf(address: string, { geo, asn }: Inventory): Place | undefined {
  const place = geo.find(address);
  const system = asn.find(address);
  return place && system ? { ...system, ...place } : (place ?? system);
}
