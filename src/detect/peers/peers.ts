/** The peer tables of all tenants: filled by observations, closed once a day of event time, read as they were at an observation's time. */
import type { Observation } from '../../model/observation.ts';
import { NO_PEERS, type PeerFact, type PeerView } from '../parts/peers.ts';
import { amountsOf, count } from './amounts.ts';
import { hashText, mix } from './hash.ts';
import { readTenant, type TenantSnapshot, writeTenant } from './snapshot.ts';
import { closeDays, DEED_DAYS, type OpenDay, type Tenant } from './tenant.ts';
import { use, usersOf } from './users.ts';

const DAY = 24 * 60 * 60 * 1_000;
/** Fewer amounts of a team say too little; the tenant's are read. */
const ENOUGH_AMOUNTS = 20;

/** Says what an observation adds to a detector's tables. */
export type Reporter = { id: string; peers?(observation: Observation): PeerFact[] };

export class PeerTables {
  readonly #tenants = new Map<string, Tenant>();
  readonly #reporters: Reporter[];
  readonly #failed: (detector: string, error: unknown) => void;

  /** @param failed a detector's own code threw: what it had to say about this observation is lost, no more. */
  constructor(detectors: readonly Reporter[], failed: (detector: string, error: unknown) => void = () => {}) {
    this.#reporters = detectors.filter(({ peers }) => peers !== undefined);
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
    for (const reporter of this.#reporters) this.#report(reporter, observation, scopes, day, number);
  }

  #report(reporter: Reporter, observation: Observation, scopes: number[], day: OpenDay, number: number): void {
    try {
      for (const fact of reporter.peers?.(observation) ?? []) {
        const what = hashText(`${reporter.id} ${'deed' in fact ? fact.deed : fact.series}`);
        for (const scope of scopes) {
          if ('deed' in fact) use(day.deeds, mix(what, scope), hashText(fact.by), number);
          else count(day.amounts, mix(what, scope), hashText(fact.group), hashText(fact.item));
        }
      }
    } catch (error) {
      this.#failed(reporter.id, error);
    }
  }

  /** What a detector may read when it judges this observation. */
  view(reporter: Reporter, observation: Observation): PeerView {
    if (reporter.peers === undefined) return NO_PEERS;
    const table = this.#tenants.get(observation.tenant)?.tables.findLast(({ from }) => from <= observation.time);
    if (table === undefined) return NO_PEERS;
    const [tenant = 0, team] = scopesOf(observation);
    const what = (name: string) => hashText(`${reporter.id} ${name}`);
    return {
      doers: (deed) => ({
        team: team === undefined ? 0 : usersOf(table.deeds, mix(what(deed), team)),
        tenant: usersOf(table.deeds, mix(what(deed), tenant)),
      }),
      amounts: (series) => {
        const own = team === undefined ? [] : amountsOf(table.amounts, mix(what(series), team));
        return own.length >= ENOUGH_AMOUNTS ? own : amountsOf(table.amounts, mix(what(series), tenant));
      },
    };
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

export type PeerSnapshot = [tenant: string, TenantSnapshot][];

/** The tenant, and the team where there is one. */
function scopesOf({ team }: Observation): number[] {
  return team === undefined ? [0] : [0, hashText(`team ${team}`)];
}
