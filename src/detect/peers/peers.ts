/** The peer tables of all tenants: filled by observations, closed once a day of event time, read as they were at an observation's time. */
import type { Observation } from '../../model/observation.ts';
import { NO_PEERS, type PeerFact, type Peers, type PeerView } from '../parts/peers.ts';
import { amountsOf, count } from './amounts.ts';
import { type Begun, begin, hashText, mix } from './hash.ts';
import { readTenant, type TenantSnapshot, writeTenant } from './snapshot.ts';
import { closeDays, DEED_DAYS, type OpenDay, type Table, type Tenant } from './tenant.ts';
import { use, usersOf } from './users.ts';

const DAY = 24 * 60 * 60 * 1_000;
/** Fewer amounts of a team say too little; the tenant's are read. */
const ENOUGH_AMOUNTS = 20;

/** Says what an observation adds to a detector's tables. */
export type Reporter = { id: string; peers?(observation: Observation): PeerFact[] };

export class PeerTables {
  readonly #tenants = new Map<string, Tenant>();
  readonly #reporters: { reporter: Reporter; name: Begun }[];
  readonly #failed: (detector: string, error: unknown) => void;

  /** @param failed a detector's own code threw: what it had to say about this observation is lost, no more. */
  constructor(detectors: readonly Reporter[], failed: (detector: string, error: unknown) => void = () => {}) {
    this.#reporters = detectors
      .filter(({ peers }) => peers !== undefined)
      .map((reporter) => ({ reporter, name: begin(`${reporter.id} `) }));
    this.#failed = failed;
  }

  /** Adds what an observation says; a record of a day that is closed comes too late. */
  observe(observation: Observation): void {
    if (this.#reporters.length === 0) return;
    const tenant = this.#tenants.get(observation.tenant) ?? this.#open(observation.tenant);
    closeDays(tenant, observation.time);
    const number = Math.floor(observation.time / DAY);
    if (number <= tenant.closed) return;
    let day = tenant.open.get(number);
    if (day === undefined) {
      day = { deeds: new Map(), amounts: new Map() };
      tenant.open.set(number, day);
    }
    const scopes = scopesOf(observation);
    for (const { reporter, name } of this.#reporters) {
      try {
        for (const fact of reporter.peers?.(observation) ?? []) add(day, fact, name, scopes, number);
      } catch (error) {
        this.#failed(reporter.id, error);
      }
    }
  }

  /** What a detector may read when it judges this observation. */
  view(reporter: Reporter, observation: Observation): PeerView {
    if (reporter.peers === undefined) return NO_PEERS;
    const tables = this.#tenants.get(observation.tenant)?.tables;
    if (tables === undefined || tables.length === 0) return NO_PEERS;
    const table = tables.findLast(({ from }) => from <= observation.time);
    return table === undefined ? NO_PEERS : new View(table, reporter.id, observation);
  }

  /** Nothing before the watermark will be judged any more: tables that only such records could read are let go. */
  close(watermark: number): void {
    for (const [name, tenant] of this.#tenants) {
      const current = tenant.tables.findLastIndex(({ from }) => from <= watermark);
      if (current > 0) tenant.tables.splice(0, current);
      const idle = watermark / DAY - tenant.closed > DEED_DAYS && tenant.open.size === 0;
      if (idle && Number.isSafeInteger(tenant.closed)) this.#tenants.delete(name);
    }
  }

  snapshot(): PeerSnapshot {
    return [...this.#tenants].map(([name, tenant]) => [name, writeTenant(tenant)]);
  }

  restore(snapshot: PeerSnapshot): void {
    for (const [name, tenant] of snapshot) this.#tenants.set(name, readTenant(tenant));
  }

  #open(name: string): Tenant {
    const tenant: Tenant = { open: new Map(), closed: Number.NEGATIVE_INFINITY, tables: [] };
    this.#tenants.set(name, tenant);
    return tenant;
  }
}

/** A detector may ask nothing: what it would need is worked out when it asks. */
class View implements PeerView {
  readonly #table: Table;
  readonly #reporter: string;
  readonly #observation: Observation;

  constructor(table: Table, reporter: string, observation: Observation) {
    this.#table = table;
    this.#reporter = reporter;
    this.#observation = observation;
  }

  doers(deed: string): Peers {
    const [tenant = 0, team] = scopesOf(this.#observation);
    const what = hashText(`${this.#reporter} ${deed}`);
    const { deeds } = this.#table;
    return {
      team: team === undefined ? 0 : usersOf(deeds, mix(what, team)),
      tenant: usersOf(deeds, mix(what, tenant)),
    };
  }

  amounts(series: string): number[] {
    const [tenant = 0, team] = scopesOf(this.#observation);
    const what = hashText(`${this.#reporter} ${series}`);
    const { amounts } = this.#table;
    const own = team === undefined ? [] : amountsOf(amounts, mix(what, team));
    return own.length >= ENOUGH_AMOUNTS ? own : amountsOf(amounts, mix(what, tenant));
  }
}

export type PeerSnapshot = [tenant: string, TenantSnapshot][];

function add(day: OpenDay, fact: PeerFact, name: Begun, scopes: number[], number: number): void {
  if ('deed' in fact) {
    const what = hashText(fact.deed, name);
    const by = hashText(fact.by);
    for (const scope of scopes) use(day.deeds, mix(what, scope), by, number);
    return;
  }
  const what = hashText(fact.series, name);
  const group = hashText(fact.group);
  const item = hashText(fact.item);
  for (const scope of scopes) count(day.amounts, mix(what, scope), group, item);
}

/** The tenant, and the team where there is one. */
function scopesOf({ team }: Observation): number[] {
  return team === undefined ? [0] : [0, hashText(`team ${team}`)];
}
