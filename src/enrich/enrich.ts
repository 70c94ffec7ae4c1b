/**
 * The enrich stage: Event in, Event out, with what an inventory knows about its credential, principal and network. The inventory is the
 * user's own word: where it says something, it goes before the log.
 */
import type { Event } from '../model/event.ts';
import type { Inventory } from './files.ts';

/** The Event itself when nothing is known about it. Never changes the one given. */
export function enrich(event: Event, inventory: Inventory): Event {
  const credential = event.credential === undefined ? undefined : inventory.credentials.get(event.credential);
  const principal = event.principal === undefined ? undefined : inventory.principals.get(event.principal);
  const network = event.clientAddress === undefined ? undefined : inventory.networks.find(event.clientAddress);
  if (credential === undefined && principal === undefined && network === undefined) return event;
  const known: Event = { ...event };
  if (credential?.owner !== undefined) known.credentialOwner = credential.owner;
  if (credential?.created !== undefined) known.credentialCreated = credential.created;
  if (credential?.expires !== undefined) known.credentialExpires = credential.expires;
  if (credential?.scopes !== undefined) known.scopes = credential.scopes;
  if (principal?.team !== undefined) known.team = principal.team;
  if (principal?.kind !== undefined) known.principalKind = principal.kind;
  if (network !== undefined) known.network = network.name;
  if (network?.kind !== undefined) known.networkKind = network.kind;
  return known;
}
