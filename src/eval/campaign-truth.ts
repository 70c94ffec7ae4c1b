/** The truth about labelled traffic: its form, how entities and times in it are read, and whether it agrees with its log. */
import { NightjarError } from '../errors.ts';

/** A time as data gives it: ISO 8601, epoch seconds or epoch milliseconds. */
export type Moment = string | number;

/** Entities by dimension (`{"session": ["s-1"]}`), or as texts `session:s-1`. */
export type EntityList = Record<string, string | readonly string[]> | readonly string[];

export interface Campaign {
  id: string;
  type: string;
  difficulty?: string;
  start: Moment;
  end: Moment;
  first_detectable_at?: Moment;
  entities?: EntityList;
  record_ids: string[];
  /** The attack in short, step by step. */
  path?: string[];
}

export interface Odd {
  id: string;
  type: string;
  entities?: EntityList;
  record_ids?: string[];
}

export interface CampaignTruth {
  campaigns: Campaign[];
  benign_odd: Odd[];
}

/** Epoch milliseconds. Numbers under 10^11 are seconds. */
export function millis(moment: Moment): number {
  const time = typeof moment === 'number' ? (moment < 1e11 ? moment * 1000 : moment) : Date.parse(moment);
  if (!Number.isFinite(time)) throw new NightjarError('NJ_INPUT', `truth.json: not a time: ${moment}`);
  return time;
}

/** Entities as `dimension:id`. */
export function entityNames(list: EntityList | undefined): string[] {
  if (list === undefined || list === null) return [];
  if (Array.isArray(list)) return [...(list as readonly string[])];
  return Object.entries(list as Record<string, string | readonly string[]>).flatMap(([dimension, ids]) =>
    (typeof ids === 'string' ? [ids] : [...ids]).map((id) => `${dimension}:${id}`),
  );
}

/** How often each entity is named: only one that is named once tells whose an alert is. */
export function entityUses(truth: CampaignTruth): Map<string, number> {
  const uses = new Map<string, number>();
  for (const { entities } of [...truth.campaigns, ...truth.benign_odd]) {
    for (const name of new Set(entityNames(entities))) uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  return uses;
}

/** The truth of a text. Throws NJ_INPUT with the file's name. */
export function parseTruth(text: string, file: string): CampaignTruth {
  let truth: CampaignTruth;
  try {
    truth = JSON.parse(text) as CampaignTruth;
  } catch (cause) {
    throw new NightjarError('NJ_INPUT', `${file}: not JSON`, { cause });
  }
  if (!Array.isArray(truth.campaigns)) throw new NightjarError('NJ_INPUT', `${file}: no list "campaigns"`);
  truth.benign_odd ??= [];
  return truth;
}

/** Time of a record of any of the usual forms; undefined when none is found. */
export function lineTime(line: string): number | undefined {
  const nano = /"(?:endTimeUnixNano|timeUnixNano)":\s*"?(\d{10,})\d{6}"?/.exec(line);
  if (nano) return Number(nano[1]);
  const plain =
    /"(?:endTime|end_time|timestamp|@timestamp|time|created_at|startTime|start_time|updated_at)":\s*(?:"([^"]+)"|(\d+(?:\.\d+)?))/.exec(
      line,
    );
  if (!plain) return undefined;
  const time = plain[1] === undefined ? millis(Number(plain[2])) : Date.parse(plain[1]);
  return Number.isFinite(time) ? time : undefined;
}

const IDS = /"(?:id|spanId|span_id|litellm_call_id|x-request-id|request_id|requestId)":\s*"([^"\\]{1,256})"/g;
/** A record's id stands for its end, the time found in it may be its start. */
const LONGEST_CALL = 600_000;

/** Compares a truth with its log, one line after the other. */
export class TruthCheck {
  readonly #truth: CampaignTruth;
  readonly #wanted = new Map<string, { seen: boolean; time: number | undefined }>();

  constructor(truth: CampaignTruth) {
    this.#truth = truth;
    for (const { record_ids } of [...truth.campaigns, ...truth.benign_odd])
      for (const id of record_ids ?? []) this.#wanted.set(id, { seen: false, time: undefined });
  }

  line(line: string): void {
    for (const [, id] of line.matchAll(IDS)) {
      const wanted = this.#wanted.get(id as string);
      if (wanted === undefined || wanted.seen) continue;
      wanted.seen = true;
      wanted.time = lineTime(line);
    }
  }

  /** What does not agree, one sentence each; empty when all is well. */
  problems(): string[] {
    const found: string[] = [];
    const owner = new Map<string, string>();
    for (const campaign of this.#truth.campaigns) {
      const { id, record_ids, start, end, first_detectable_at: first } = campaign;
      const missing = record_ids.filter((record) => !this.#wanted.get(record)?.seen);
      if (record_ids.length === 0) found.push(`${id}: names no record`);
      if (missing.length > 0)
        found.push(
          `${id}: ${missing.length} of ${record_ids.length} records are not in the log, such as ${missing[0]}`,
        );
      for (const record of record_ids) {
        const other = owner.get(record);
        if (other !== undefined && other !== id) found.push(`${id}: shares the record ${record} with ${other}`);
        owner.set(record, id);
      }
      if (first === undefined) continue;
      const at = millis(first);
      if (at < millis(start) || at > millis(end)) found.push(`${id}: first_detectable_at lies outside its time`);
      const times = record_ids.flatMap((record) => this.#wanted.get(record)?.time ?? []);
      const earliest = times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
      if (Number.isFinite(earliest) && (at < earliest - 1_000 || at > earliest + LONGEST_CALL))
        found.push(`${id}: first_detectable_at is not the time of its first record`);
    }
    for (const odd of this.#truth.benign_odd) {
      const evil = (odd.record_ids ?? []).filter((record) => owner.has(record));
      if (evil.length > 0)
        found.push(`${odd.id}: ${evil.length} of its records belong to ${owner.get(evil[0] as string)}`);
      const missing = (odd.record_ids ?? []).filter((record) => !this.#wanted.get(record)?.seen);
      if (missing.length > 0)
        found.push(`${odd.id}: ${missing.length} records are not in the log, such as ${missing[0]}`);
    }
    const uses = entityUses(this.#truth);
    for (const { id, entities } of this.#truth.campaigns) {
      const shared = entityNames(entities).filter((name) => (uses.get(name) ?? 0) > 1);
      if (shared.length > 0) found.push(`${id}: does not own ${shared.slice(0, 3).join(', ')}`);
    }
    return found;
  }
}
