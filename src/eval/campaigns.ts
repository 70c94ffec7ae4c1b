/** Labelled campaigns in traffic of days: what was found, how fast, and how many alerts were about nothing. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NightjarError } from '../errors.ts';
import { type Alert, atLeast, type Entities, type Severity } from '../model/finding.ts';
import { namesOf } from './call-record.ts';
import { readLines } from './lines.ts';
import { current, type Miss, type Pipeline, type Report, type Row, row } from './rate.ts';

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

export interface CampaignRow extends Row {
  /** Of the found ones, seconds from the first detectable record to the first alert: median and greatest. */
  seconds_to_find?: { median: number; most: number };
}

const DAY = 86_400_000;

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

function alertEntities(entities: Entities): string[] {
  return Object.entries(entities).flatMap(([dimension, id]) =>
    id && dimension !== 'tenant' ? [`${dimension}:${id}`] : [],
  );
}

export interface CampaignScore {
  rows: CampaignRow[];
  falsePerDay: number;
  /** Of the alerts, the share that names a campaign. */
  precision: number;
  worst: Miss[];
}

/**
 * Scores alerts against the truth. A campaign is found by an alert of at least `floor`, inside its time, that names one of its malicious
 * records or an entity that no other campaign or oddity names. An alert that names nothing of any campaign is false.
 * @param days length of the log, for false alerts a day.
 */
export function scoreCampaigns(
  truth: CampaignTruth,
  alerts: readonly Alert[],
  days: number,
  floor: Severity = 'medium',
): CampaignScore {
  const counted = current(alerts, floor);
  const uses = new Map<string, number>();
  for (const { entities } of [...truth.campaigns, ...truth.benign_odd]) {
    for (const name of new Set(entityNames(entities))) uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  const byName = new Map<string, Set<Campaign>>();
  const put = (name: string, campaign: Campaign): void => {
    const set = byName.get(name) ?? new Set();
    set.add(campaign);
    byName.set(name, set);
  };
  for (const campaign of truth.campaigns) {
    for (const id of campaign.record_ids) for (const name of namesOf(id)) put(`record:${name}`, campaign);
    for (const name of entityNames(campaign.entities)) {
      if (uses.get(name) !== 1) continue;
      const [dimension, ...rest] = name.split(':');
      for (const id of namesOf(rest.join(':'))) put(`${dimension}:${id}`, campaign);
    }
  }
  const found = new Map(truth.campaigns.map((c) => [c.id, { by: new Set<string>(), at: Number.POSITIVE_INFINITY }]));
  const aboutOf = (alert: Alert): Set<Campaign> => {
    const names = [...alert.event_ids.map((id) => `record:${id}`), ...alertEntities(alert.entities)];
    return new Set(names.flatMap((name) => [...(byName.get(name) ?? [])]));
  };
  const wrong = counted.filter((alert) => aboutOf(alert).size === 0);
  // Every revision counts here: what matters is when an alert was first raised.
  for (const alert of alerts.filter((a) => atLeast(a.severity, floor))) {
    const time = Date.parse(alert['@timestamp']);
    for (const campaign of aboutOf(alert)) {
      if (time < millis(campaign.start) || time > millis(campaign.end)) continue;
      const hit = found.get(campaign.id) as { by: Set<string>; at: number };
      hit.by.add(alert.detector);
      hit.at = Math.min(hit.at, time);
    }
  }

  const rows: CampaignRow[] = [];
  const worst: Miss[] = [];
  const add = (group: string, members: readonly Campaign[]): void => {
    const entry: CampaignRow = row(
      group,
      members.map((c) => (found.get(c.id) as { by: Set<string> }).by),
    );
    const seconds = members
      .map((c) => ((found.get(c.id) as { at: number }).at - millis(c.first_detectable_at ?? c.start)) / 1000)
      .filter(Number.isFinite)
      .map((s) => Math.max(0, s))
      .sort((a, b) => a - b);
    if (seconds.length > 0) {
      entry.seconds_to_find = {
        median: seconds[Math.floor((seconds.length - 1) / 2)] as number,
        most: seconds.at(-1) as number,
      };
    }
    rows.push(entry);
  };
  for (const type of [...new Set(truth.campaigns.map((c) => c.type))].sort()) {
    const members = truth.campaigns.filter((c) => c.type === type);
    add(`campaign ${type}`, members);
    for (const difficulty of [...new Set(members.map((c) => c.difficulty))].sort()) {
      if (difficulty)
        add(
          `campaign ${type} / ${difficulty}`,
          members.filter((c) => c.difficulty === difficulty),
        );
    }
    for (const c of members.filter((m) => (found.get(m.id) as { by: Set<string> }).by.size === 0).slice(0, 10)) {
      worst.push({
        group: `campaign ${type}`,
        id: c.id,
        kind: 'missed',
        detectors: [],
        ...(c.difficulty ? { note: c.difficulty } : {}),
      });
    }
  }
  for (const type of [...new Set(truth.benign_odd.map((o) => o.type))].sort()) {
    const members = truth.benign_odd.filter((o) => o.type === type);
    const hits = members.map((odd) => {
      const ids = new Set((odd.record_ids ?? []).flatMap(namesOf));
      const named = new Set(entityNames(odd.entities));
      return new Set(
        wrong
          .filter(
            (a) =>
              a.event_ids.some((id) => ids.has(id)) ||
              (ids.size === 0 && alertEntities(a.entities).some((n) => named.has(n))),
          )
          .map((a) => a.detector),
      );
    });
    rows.push(row(`benign ${type}`, hits));
    for (const [i, by] of hits.entries()) {
      if (by.size > 0)
        worst.push({ group: `benign ${type}`, id: (members[i] as Odd).id, kind: 'false-alarm', detectors: [...by] });
    }
  }
  const named = counted.length - wrong.length;
  return {
    rows,
    worst,
    falsePerDay: days > 0 ? wrong.length / days : 0,
    precision: counted.length === 0 ? 0 : named / counted.length,
  };
}

/** Time of a record of any of the usual forms, by its end; undefined when none is found. */
export function lineTime(line: string): number | undefined {
  const nano = /"(?:endTimeUnixNano|timeUnixNano)":\s*"?(\d{10,})\d{6}"?/.exec(line);
  if (nano) return Number(nano[1]);
  const plain =
    /"(?:endTime|end_time|timestamp|@timestamp|time|created_at|startTime)":\s*(?:"([^"]+)"|(\d+(?:\.\d+)?))/.exec(line);
  if (!plain) return undefined;
  const time = plain[1] === undefined ? millis(Number(plain[2])) : Date.parse(plain[1]);
  return Number.isFinite(time) ? time : undefined;
}

export interface CampaignReport extends Report {
  rows: CampaignRow[];
  precision: number;
}

/** Plays `logs.jsonl.gz` (or `logs.jsonl`) of a folder through a pipeline and scores it against `truth.json`. */
export async function evaluateCampaigns(folder: string, pipeline: Pipeline): Promise<CampaignReport> {
  const truthFile = join(folder, 'truth.json');
  const text = await readFile(truthFile, 'utf8').catch((cause: unknown) => {
    throw new NightjarError('NJ_INPUT', `cannot read ${truthFile}`, {
      hint: 'the folder needs truth.json and logs.jsonl.gz',
      cause,
    });
  });
  let truth: CampaignTruth;
  try {
    truth = JSON.parse(text) as CampaignTruth;
  } catch (cause) {
    throw new NightjarError('NJ_INPUT', `${truthFile}: not JSON`, { cause });
  }
  if (!Array.isArray(truth.campaigns)) throw new NightjarError('NJ_INPUT', `${truthFile}: no list "campaigns"`);
  truth.benign_odd ??= [];
  let first: number | undefined;
  let last = '';
  async function* records(): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder();
    for await (const line of readLines(await logFile(folder))) {
      first ??= lineTime(line);
      last = line;
      yield encoder.encode(line);
    }
  }
  const alerts = await pipeline(records());
  const end = lineTime(last);
  const score = scoreCampaigns(truth, alerts, first !== undefined && end !== undefined ? (end - first) / DAY : 0);
  return {
    data: folder,
    mode: 'installed',
    rows: score.rows,
    alerts: current(alerts, 'medium').length,
    false_per_day: score.falsePerDay,
    precision: score.precision,
    worst: score.worst,
  };
}

async function logFile(folder: string): Promise<string> {
  for (const name of ['logs.jsonl.gz', 'logs.jsonl']) {
    const file = join(folder, name);
    if (
      await access(file).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  throw new NightjarError('NJ_INPUT', `no logs.jsonl.gz in ${folder}`);
}
