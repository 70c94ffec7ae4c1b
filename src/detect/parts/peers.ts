/** What detectors say to, and learn from, the tables of what is usual among peers: the same team, else the tenant. */

/**
 * What an observation adds to the tables: that somebody did something (`deed`, `by`), or that a group has an item, for example a session
 * a tool (`series`, `group`, `item`), of which the tables keep how many distinct items groups have.
 */
export type PeerFact = { deed: string; by: string } | { series: string; group: string; item: string };

/** Whom a number is about: those of the observation's team (0 where the log names none), and the whole tenant. */
export interface Peers {
  team: number;
  tenant: number;
}

/**
 * The tables as the observation's event time may read them. A day counts once, from 01:00 UTC of the next, and for 30 days; so the same
 * observation reads the same whatever came before or after it in what order.
 */
export interface PeerView {
  /** Distinct doers of a deed. */
  doers(deed: string): Peers;
  /** Amounts of the last 14 days: of the team where it has 20 or more, else of the tenant. */
  amounts(series: string): number[];
}

/** Nothing known. */
export const NO_PEERS: PeerView = { doers: () => ({ team: 0, tenant: 0 }), amounts: () => [] };
