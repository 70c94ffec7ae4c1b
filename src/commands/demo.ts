/** `nightjar demo`: the main job on this machine alone. Plays a simulated organisation with attacks in it through the whole pipeline. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type App, openApp } from '../app.ts';
import { defaultConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { lockFolder } from '../deliver/embedded/folder-lock.ts';
import type { CampaignTruth } from '../eval/campaign-truth.ts';
import { scoreCampaigns } from '../eval/campaigns.ts';
import { type Alert, atLeast } from '../model/finding.ts';
import { createLog } from '../observe/log.ts';
import { PLAYBOOKS } from '../package.ts';
import { simulate } from '../simulate/simulate.ts';
import { SimulationSource } from '../simulate/source.ts';
import { Progress } from './progress.ts';
import { wholeNumber } from './simulate.ts';

interface Options {
  seed: string;
  days: number;
  people: number;
  agents: number;
  data: string;
  json?: boolean;
}

/** A Monday: the first days are quiet, so that there is a usual to differ from. */
const START = Date.UTC(2026, 8, 7);
/** Less ordinary traffic than such an organisation has, so that the play is short. */
const SCALE = 0.4;
const DRAIN_MS = 30_000;

export function register(program: Command): void {
  program
    .command('demo')
    .description(
      'play a simulated organisation with attacks through the whole pipeline, on this machine alone; ends by itself',
    )
    .option('--seed <text>', 'the same seed gives the same traffic', '1')
    .option('--days <n>', 'calendar days to play', wholeNumber, 5)
    .option('--people <n>', 'people in the organisation', wholeNumber, 40)
    .option('--agents <n>', 'agents beside them', wholeNumber, 8)
    .option('--data <folder>', 'folder for the demo, emptied first', join('.nightjar', 'demo'))
    .option('--json', 'one JSON value on stdout: what was planted, found and missed')
    .addHelpText('after', '\nNothing leaves this machine, and no response is carried out: the mode is observe.')
    .action(run);
}

async function run(options: Options): Promise<void> {
  const config = await demoConfig(options.data);
  const progress = new Progress();
  const alerts: Alert[] = [];
  const started = performance.now();
  const source = new SimulationSource(simulate({ ...options, start: START, scale: SCALE }), (records, time) =>
    progress.show(
      `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC  ${records} calls  ${alerts.length} alerts`,
    ),
  );
  const app = await openApp(config, createLog('error'), {
    source,
    alerted: (alert) => {
      alerts.push(alert);
      if (options.json || !atLeast(alert.severity, 'medium')) return;
      progress.clear();
      process.stdout.write(`${alertLine(alert)}\n`);
    },
  });
  try {
    await app.run();
    progress.clear();
    await drained(app);
    const stored = await app.store.findAlerts({ limit: 10_000 });
    const responses = (await app.queues.queue('responses').counts()).completed;
    const seconds = (performance.now() - started) / 1_000;
    summarise(options, source.truth, stored, { records: source.records, responses, seconds });
  } finally {
    progress.clear();
    await app.stop();
  }
}

/** The folder is emptied only by the one who owns it: a demo beside another Nightjar says so and ends. */
async function demoConfig(folder: string): Promise<Config> {
  if (existsSync(folder)) {
    const lock = await lockFolder(folder);
    for (const part of ['database', 'dead-letters.ndjson', 'audit.ndjson'])
      rmSync(join(folder, part), { recursive: true, force: true });
    lock.release();
  }
  const config = defaultConfig();
  return { ...config, data: folder, respond: { ...config.respond, mode: 'observe', playbooks: PLAYBOOKS } };
}

/** Waits until every job is done, so that the store holds what was found. */
async function drained(app: App): Promise<void> {
  const end = performance.now() + DRAIN_MS;
  for (const name of ['alerts', 'responses'] as const) {
    for (;;) {
      const { waiting, active, delayed, failed } = await app.queues.queue(name).counts();
      const left = waiting + active + delayed;
      if (left > 0 && performance.now() > end)
        process.stderr.write(`nightjar: ${left} jobs of ${name} are not done yet; the table below may miss them\n`);
      else if (left === 0 && failed > 0)
        process.stderr.write(`nightjar: ${failed} jobs of ${name} failed; the table below may miss them\n`);
      if (left === 0 || performance.now() > end) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const COLOURS = { low: '', medium: '\u001b[33m', high: '\u001b[31m', critical: '\u001b[1;31m' };

function alertLine(alert: Alert): string {
  const { principal, agent, session } = alert.entities;
  const severity = alert.severity.toUpperCase().padEnd(8);
  const shown = process.stdout.isTTY ? `${COLOURS[alert.severity]}${severity}\u001b[0m` : severity;
  const time = alert['@timestamp'].slice(0, 16).replace('T', ' ');
  const why = alert.evidence[0]?.observed ?? '';
  return `${time}  ${shown}  ${alert.detector}: ${alert.title} (${agent ?? principal ?? session ?? 'unknown caller'}): ${why}`;
}

function summarise(
  options: Options,
  truth: CampaignTruth,
  alerts: Alert[],
  facts: { records: number; responses: number; seconds: number },
): void {
  const { falsePerDay } = scoreCampaigns(truth, alerts, options.days);
  const rows = truth.campaigns.map((campaign) => {
    const found = scoreCampaigns({ campaigns: [campaign], benign_odd: [] }, alerts, options.days).rows[0];
    return {
      id: campaign.id,
      type: campaign.type,
      difficulty: campaign.difficulty ?? '',
      found: (found?.flagged ?? 0) > 0,
      detectors: Object.keys(found?.detectors ?? {}),
    };
  });
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ ...facts, planted: rows, false_per_day: falsePerDay, alerts: alerts.length })}\n`,
    );
    return;
  }
  const width = Math.max(...rows.map(({ id }) => id.length), 7);
  process.stdout.write(`\n${'planted'.padEnd(width)}  level   result  by\n`);
  for (const { id, difficulty, found, detectors } of rows)
    process.stdout.write(
      `${id.padEnd(width)}  ${difficulty.padEnd(6)}  ${found ? 'found ' : 'MISSED'}  ${detectors.join(', ')}\n`,
    );
  const found = rows.filter((row) => row.found).length;
  process.stdout.write(
    `\n${found} of ${rows.length} attacks found; ${falsePerDay.toFixed(1)} false alerts a day; ${facts.records} calls in ${facts.seconds.toFixed(0)} s; ` +
      `${facts.responses} playbook runs observed, none carried out\n` +
      `alerts, incidents and responses are kept in ${options.data}\n`,
  );
}
