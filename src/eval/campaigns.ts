/** Labelled campaigns in traffic of days: what was found, how fast, by which detector, and how many alerts were about nothing. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NightjarError } from '../errors.ts';
import { type Alert, atLeast, type Entities, type Severity } from '../model/finding.ts';
import { namesOf } from './call-record.ts';
import {
  type Campaign,
  type CampaignTruth,
  entityNames,
  entityUses,
  lineTime,
  millis,
  type Odd,
  parseTruth,
  TruthCheck,
} from './campaign-truth.ts';
import { readLines } from './lines.ts';
import { current, type Miss, type Pipeline, type Report, type Row, row } from './rate.ts';

export interface CampaignRow extends Row {
  /** Of the found ones, seconds from the first detectable record to the first alert: median and greatest. */
  seconds_to_find?: { median: number; most: number };
  /** Of benign oddities: incidents that alerts about one of them opened, on average and at most. */
  pages?: { mean: number; most: number };
}

/** A miss, with the steps of the attack where the truth tells them. */
export interface CampaignMiss extends Miss {
  path?: string[];
}

export interface CampaignScore {
  rows: CampaignRow[];
  /** Alerts a day that name nothing of a campaign; in all, by detector, and those of them about a benign oddity by its type. */
  falsePerDay: number;
  falseByDetector: Record<string, number>;
  falseByOddity: Record<string, number>;
  /** Of the alerts, the share that names a campaign. */
  precision: number;
  worst: CampaignMiss[];
}

const DAY = 86_400_000;
/** Misses listed per type. */
const LISTED = 10;

function alertEntities(entities: Entities): string[] {
  return Object.entries(entities).flatMap(([dimension, id]) =>
    id && dimension !== 'tenant' ? [`${dimension}:${id}`] : [],
  );
}

function alertNames(alert: Alert): string[] {
  return [...alert.event_ids.map((id) => `record:${id}`), ...alertEntities(alert.entities)];
}

/** Campaigns by what an alert may name of them: their records, and entities that are theirs alone. */
function campaignsByName(truth: CampaignTruth): Map<string, Set<Campaign>> {
  const uses = entityUses(truth);
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
  return byName;
}

interface Hit {
  by: Set<string>;
  /** Time of the first alert; infinite while there is none. */
  at: number;
}

function campaignRow(group: string, members: readonly Campaign[], found: ReadonlyMap<string, Hit>): CampaignRow {
  const hits = members.map((c) => found.get(c.id) as Hit);
  const entry: CampaignRow = row(
    group,
    hits.map((hit) => hit.by),
  );
  const seconds = members
    .map((c, i) => ((hits[i] as Hit).at - millis(c.first_detectable_at ?? c.start)) / 1000)
    .filter(Number.isFinite)
    .map((s) => Math.max(0, s))
    .sort((a, b) => a - b);
  if (seconds.length > 0) {
    entry.seconds_to_find = {
      median: seconds[Math.floor((seconds.length - 1) / 2)] as number,
      most: seconds.at(-1) as number,
    };
  }
  return entry;
}

function* campaignRows(truth: CampaignTruth, found: ReadonlyMap<string, Hit>): Generator<CampaignRow> {
  const levels = (list: readonly Campaign[]) => [...new Set(list.map((c) => c.difficulty))].filter((d) => d).sort();
  const all = truth.campaigns;
  if (all.length > 0) yield campaignRow('all campaigns', all, found);
  for (const level of levels(all))
    yield campaignRow(
      `all campaigns / ${level}`,
      all.filter((c) => c.difficulty === level),
      found,
    );
  for (const type of [...new Set(all.map((c) => c.type))].sort()) {
    const members = all.filter((c) => c.type === type);
    yield campaignRow(`campaign ${type}`, members, found);
    for (const level of levels(members))
      yield campaignRow(
        `campaign ${type} / ${level}`,
        members.filter((c) => c.difficulty === level),
        found,
      );
  }
}

/** Alerts about nothing hostile that name this oddity: one of its records, or where it has none one of its entities. */
function aboutOdd(odd: Odd, wrong: readonly Alert[]): Alert[] {
  const ids = new Set((odd.record_ids ?? []).flatMap(namesOf));
  const named = new Set(entityNames(odd.entities));
  return wrong.filter(
    (a) =>
      a.event_ids.some((id) => ids.has(id)) || (ids.size === 0 && alertEntities(a.entities).some((n) => named.has(n))),
  );
}

function perDay(names: readonly string[], days: number): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, count]) => [name, days > 0 ? count / days : 0]));
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
  const byName = campaignsByName(truth);
  const aboutOf = (alert: Alert): Set<Campaign> =>
    new Set(alertNames(alert).flatMap((name) => [...(byName.get(name) ?? [])]));
  const wrong = counted.filter((alert) => aboutOf(alert).size === 0);
  const found = new Map<string, Hit>(
    truth.campaigns.map((c) => [c.id, { by: new Set<string>(), at: Number.POSITIVE_INFINITY }]),
  );
  // Every revision counts here: what matters is when an alert was first raised.
  for (const alert of alerts.filter((a) => atLeast(a.severity, floor))) {
    const time = Date.parse(alert['@timestamp']);
    for (const campaign of aboutOf(alert)) {
      if (time < millis(campaign.start) || time > millis(campaign.end)) continue;
      const hit = found.get(campaign.id) as Hit;
      hit.by.add(alert.detector);
      hit.at = Math.min(hit.at, time);
    }
  }

  const rows = [...campaignRows(truth, found)];
  const worst: CampaignMiss[] = [];
  for (const type of [...new Set(truth.campaigns.map((c) => c.type))].sort()) {
    const missed = truth.campaigns.filter((c) => c.type === type && found.get(c.id)?.by.size === 0);
    for (const c of missed.slice(0, LISTED)) {
      const about = { ...(c.difficulty ? { note: c.difficulty } : {}), ...(c.path ? { path: c.path } : {}) };
      worst.push({ group: `campaign ${type}`, id: c.id, kind: 'missed', detectors: [], ...about });
    }
  }
  const odd: string[] = [];
  for (const type of [...new Set(truth.benign_odd.map((o) => o.type))].sort()) {
    const members = truth.benign_odd.filter((o) => o.type === type);
    const about = members.map((member) => aboutOdd(member, wrong));
    const pages = about.map((list) => new Set(list.map((a) => a.incident_id)).size);
    rows.push({
      ...row(
        `benign ${type}`,
        about.map((list) => new Set(list.map((a) => a.detector))),
      ),
      pages: { mean: pages.reduce((a, b) => a + b, 0) / members.length, most: Math.max(...pages) },
    });
    for (const [i, list] of about.entries()) {
      const member = members[i] as Odd;
      if (list.length > 0) {
        const detectors = [...new Set(list.map((a) => a.detector))];
        worst.push({ group: `benign ${type}`, id: member.id, kind: 'false-alarm', detectors });
      }
    }
    odd.push(...[...new Set(about.flat())].map(() => type));
  }
  const named = counted.length - wrong.length;
  return {
    rows,
    worst,
    falsePerDay: days > 0 ? wrong.length / days : 0,
    falseByDetector: perDay(
      wrong.map((a) => a.detector),
      days,
    ),
    falseByOddity: perDay(odd, days),
    precision: counted.length === 0 ? 0 : named / counted.length,
  };
}

export interface CampaignReport extends Report {
  rows: CampaignRow[];
  /** Alerts a day about nothing hostile, by detector; and those of them about a benign oddity, by its type. */
  false_by_detector: Record<string, number>;
  false_by_oddity: Record<string, number>;
  precision: number;
  worst: CampaignMiss[];
  /** Where truth and log do not agree; empty when all is well. */
  truth_problems: string[];
  /** Records of the log, and its days from first to last. */
  records: number;
  days: number;
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
  const truth = parseTruth(text, truthFile);
  const check = new TruthCheck(truth);
  let first: number | undefined;
  let last = '';
  let count = 0;
  async function* records(): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder();
    for await (const line of readLines(await logFile(folder))) {
      first ??= lineTime(line);
      last = line;
      count++;
      check.line(line);
      yield encoder.encode(line);
    }
  }
  const alerts = await pipeline(records());
  const end = lineTime(last);
  const days = first !== undefined && end !== undefined ? (end - first) / DAY : 0;
  const score = scoreCampaigns(truth, alerts, days);
  const facts = { alerts: current(alerts, 'medium').length, truth_problems: check.problems(), records: count, days };
  return {
    data: folder,
    mode: 'installed',
    rows: score.rows,
    false_per_day: score.falsePerDay,
    false_by_detector: score.falseByDetector,
    false_by_oddity: score.falseByOddity,
    precision: score.precision,
    worst: score.worst,
    ...facts,
    notes: notesOf(score, facts),
  };
}

/** What the table of rows does not say, for people. */
function notesOf(
  score: CampaignScore,
  {
    alerts,
    truth_problems: problems,
    records,
    days,
  }: Pick<CampaignReport, 'alerts' | 'truth_problems' | 'records' | 'days'>,
): string[] {
  const list = (counts: Record<string, number>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count.toFixed(2)}`)
      .join(', ') || 'none';
  const missed = score.worst.filter((miss) => miss.kind === 'missed');
  const noisy = score.rows.filter((r) => r.pages && r.pages.most > 0);
  return [
    `${records} records over ${days.toFixed(1)} days, ${alerts} alerts; ${(100 * score.precision).toFixed(1)} % of them name an attack`,
    `false alerts a day: ${score.falsePerDay.toFixed(2)} (${list(score.falseByDetector)})`,
    `of these about something benign but odd: ${list(score.falseByOddity)}`,
    ...noisy.map(
      (r) =>
        `pages for each ${r.group.replace('benign ', '')}: ${r.pages?.mean.toFixed(2)} on average, ${r.pages?.most} at most`,
    ),
    ...problems.map((problem) => `truth and log do not agree: ${problem}`),
    ...missed.flatMap((miss) => [
      `missed ${miss.id}${miss.note ? ` (${miss.note})` : ''}`,
      ...(miss.path ?? []).map((step) => `    ${step}`),
    ]),
  ];
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
