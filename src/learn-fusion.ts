/**
 * Measures what signals say: in labelled traffic, how often each comes from a principal on a day on which it is attacked, and how often on
 * any other day.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config/schema.ts';
import { fusionKey, signalName } from './correlate/fusion.ts';
import { type Likelihoods, MEASURED } from './correlate/likelihoods.ts';
import { namesOf } from './eval/call-record.ts';
import { parseTruth } from './eval/campaign-truth.ts';
import { dataFiles, readLines } from './eval/lines.ts';
import { keyText } from './model/key.ts';
import { feedOf, replay } from './replay.ts';

const DAY = 86_400_000;
/** No signal says more than this, however seldom it came without an attack: what was never seen may yet come. */
const MOST = 50;
/** Signals that say less are left out of the table. */
const LEAST = 2;
/** Attacked days on which a signal must have come before it is believed. */
const TIMES = 2;

interface Counts {
  attacked: Set<string>;
  others: Set<string>;
}

/** Counts of one or several folders of labelled traffic. */
export class SignalCounts {
  readonly #days: Counts = { attacked: new Set(), others: new Set() };
  readonly #signals = new Map<string, Counts>();

  /** @param day `folder|key|day`, unique over all that is counted. */
  day(day: string, attacked: boolean): void {
    add(this.#days, day, attacked);
  }

  signal(name: string, day: string): void {
    const counts = this.#signals.get(name) ?? { attacked: new Set(), others: new Set() };
    this.#signals.set(name, counts);
    add(counts, day, this.#days.attacked.has(day));
  }

  /** Ratios of shares, each smoothed by half a case (Jeffreys), at most 50. */
  ratios(): Record<string, number> {
    const share = (some: Set<string>, all: Set<string>) => (some.size + 0.5) / (all.size + 1);
    const ratios = [...this.#signals].flatMap(([name, { attacked, others }]): [string, number][] => {
      if (attacked.size < TIMES) return [];
      const ratio = share(attacked, this.#days.attacked) / share(others, this.#days.others);
      return ratio < LEAST ? [] : [[name, Math.min(MOST, Math.round(ratio * 10) / 10)]];
    });
    return Object.fromEntries(ratios.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

function add(counts: Counts, day: string, attacked: boolean): void {
  if (attacked) {
    counts.attacked.add(day);
    counts.others.delete(day);
  } else if (!counts.attacked.has(day)) counts.others.add(day);
}

/**
 * Likelihoods from folders that `nightjar simulate` wrote; groups and prior stay as they are.
 * @param progress told what is being done, in a few words.
 */
export async function learnFusion(
  folders: readonly string[],
  config: Config,
  progress: (line: string) => void = () => {},
): Promise<Likelihoods> {
  const counts = new SignalCounts();
  for (const folder of folders) await count(folder, config, counts, progress);
  return { ...MEASURED, ratios: counts.ratios() };
}

async function count(
  folder: string,
  config: Config,
  counts: SignalCounts,
  progress: (line: string) => void,
): Promise<void> {
  const file = join(folder, 'truth.json');
  const truth = parseTruth(await readFile(file, 'utf8'), file);
  const hostile = new Set(truth.campaigns.flatMap(({ record_ids }) => record_ids.flatMap(namesOf)));
  const dayOf = (about: Parameters<typeof fusionKey>[0], time: number) => {
    const key = fusionKey(about);
    return key && `${folder}|${keyText(key)}|${Math.floor(time / DAY)}`;
  };
  const signals: [string, string][] = [];
  await replay(
    config,
    feedOf(linesOf(folder), (n) => progress(`${folder}: ${n} records`)),
    {
      scanned: (observation) => {
        const day = dayOf(observation, observation.time);
        if (day) counts.day(day, hostile.has(observation.id));
      },
      found: (finding) => {
        const day = dayOf(finding.entities, finding.time);
        if (day) signals.push([signalName(finding), day]);
      },
    },
  );
  for (const [name, day] of signals) counts.signal(name, day);
}

async function* linesOf(folder: string): AsyncGenerator<Uint8Array> {
  for (const file of await dataFiles(folder)) for await (const line of readLines(file)) yield Buffer.from(line);
}
