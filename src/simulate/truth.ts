/** What really happened: the labels of a simulation, filled in as its records are made. */

import type { Difficulty } from './campaigns/campaign.ts';
import type { Played } from './play.ts';

/** Times are ISO 8601. `entities` lists, by dimension, those that belong to the campaign alone. */
export interface CampaignTruth {
  id: string;
  type: string;
  difficulty: Difficulty;
  start: string;
  end: string;
  /** End of the first call that holds the attack. */
  first_detectable_at: string;
  entities: Record<string, string[]>;
  /** Source ids of the calls that hold the attack. */
  record_ids: string[];
}

export interface OddTruth {
  id: string;
  type: string;
  start: string;
  end: string;
  entities: Record<string, string[]>;
  record_ids: string[];
}

export interface Truth {
  campaigns: CampaignTruth[];
  benign_odd: OddTruth[];
}

function widen(entry: { start: string; end: string }, played: Played): void {
  const first = new Date((played.record.startTime as number) * 1000).toISOString();
  if (entry.start === '' || first < entry.start) entry.start = first;
  const last = new Date(played.end).toISOString();
  if (last > entry.end) entry.end = last;
}

/** Collects the labels of campaigns and oddities; those without any record are left out. */
export class Labels {
  readonly #campaigns = new Map<string, CampaignTruth>();
  readonly #odd = new Map<string, OddTruth>();

  addCampaign(id: string, type: string, difficulty: Difficulty, entities: Record<string, string[]>): void {
    this.#campaigns.set(id, {
      id,
      type,
      difficulty,
      start: '',
      end: '',
      first_detectable_at: '',
      entities,
      record_ids: [],
    });
  }

  addOdd(id: string, type: string, entities: Record<string, string[]>): void {
    this.#odd.set(id, { id, type, start: '', end: '', entities, record_ids: [] });
  }

  /** Notes a record of a campaign; returns the campaign's id when the record holds the attack. */
  campaign(id: string, played: Played): string | undefined {
    const entry = this.#campaigns.get(id) as CampaignTruth;
    widen(entry, played);
    if (played.session !== '') {
      entry.entities.session ??= [];
      const sessions = entry.entities.session;
      if (!sessions.includes(played.session)) sessions.push(played.session);
    }
    if (!played.evil) return undefined;
    entry.first_detectable_at ||= new Date(played.end).toISOString();
    entry.record_ids.push(played.id);
    return id;
  }

  odd(id: string, played: Played): void {
    const entry = this.#odd.get(id) as OddTruth;
    widen(entry, played);
    entry.record_ids.push(played.id);
  }

  truth(): Truth {
    const byStart = (a: { start: string; id: string }, b: { start: string; id: string }): number =>
      a.start < b.start ? -1 : a.start > b.start ? 1 : a.id < b.id ? -1 : 1;
    return {
      campaigns: [...this.#campaigns.values()].filter((c) => c.record_ids.length > 0).sort(byStart),
      benign_odd: [...this.#odd.values()].filter((o) => o.record_ids.length > 0).sort(byStart),
    };
  }
}
