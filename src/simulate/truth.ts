/** What really happened: the labels of a simulation, filled in as its records are made. */

import type { Difficulty } from './campaigns/campaign.ts';
import type { Fact } from './fact.ts';
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
  /** Source ids of the records that hold the attack. */
  record_ids: string[];
  /** The attack in short, step by step, for people; at most {@link MAX_STEPS}. */
  path: string[];
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

const MAX_STEPS = 12;

/** The first argument of a call, cut short. */
function target(json: string): string {
  const first = Object.values(JSON.parse(json) as Record<string, unknown>)[0];
  const text = typeof first === 'string' ? first : first === undefined ? '' : JSON.stringify(first);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** Who does what, without the time: equal steps that follow one another are written once. */
function stepOf(fact: Fact): string {
  if (fact.kind === 'change') return `${fact.by}: ${fact.action} ${fact.table.replace('LiteLLM_', '')}`;
  if (fact.kind === 'request') return `${fact.address}: ${fact.method} ${fact.path} ${fact.status}`;
  const { caller, failure, reply } = fact;
  const who = `${caller.agent?.name ?? caller.userId ?? 'nobody'} from ${caller.address}`;
  if (failure) return `${who}: ${failure.code} on ${fact.model}`;
  const tools = (reply?.tool_calls ?? []).map((c) => `${c.function.name}(${target(c.function.arguments)})`);
  return `${who}: ${tools.length > 0 ? tools.join(', ') : `answer of ${fact.model}`}`;
}

function widen(entry: { start: string; end: string }, played: Played): void {
  const first = new Date(played.start).toISOString();
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
      path: [],
    });
  }

  addOdd(id: string, type: string, entities: Record<string, string[]>): void {
    this.#odd.set(id, { id, type, start: '', end: '', entities, record_ids: [] });
  }

  isCampaign(id: string): boolean {
    return this.#campaigns.has(id);
  }

  /** Notes a record of a campaign; returns the campaign's id when the record holds the attack. */
  campaign(id: string, played: Played, recordId: string): string | undefined {
    const entry = this.#campaigns.get(id) as CampaignTruth;
    widen(entry, played);
    if (played.session !== '') {
      entry.entities.session ??= [];
      const sessions = entry.entities.session;
      if (!sessions.includes(played.session)) sessions.push(played.session);
    }
    if (!played.evil) return undefined;
    entry.first_detectable_at ||= new Date(played.end).toISOString();
    entry.record_ids.push(recordId);
    const step = stepOf(played.fact);
    if (entry.path.length < MAX_STEPS && !entry.path.at(-1)?.endsWith(step)) {
      entry.path.push(`${new Date(played.end).toISOString().slice(5, 16)} ${step}`);
    }
    return id;
  }

  odd(id: string, played: Played, recordId: string): void {
    const entry = this.#odd.get(id) as OddTruth;
    widen(entry, played);
    entry.record_ids.push(recordId);
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
