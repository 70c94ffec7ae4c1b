/** `nightjar eval`: detection quality on labelled data, with intervals. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { defaultConfig, loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Installed } from '../engine.ts';
import { type CampaignReport, evaluateCampaigns } from '../eval/campaigns.ts';
import type { Miss, Pipeline, Report } from '../eval/rate.ts';
import { evaluateTraces } from '../eval/score.ts';
import { markdownTable, textTable } from '../eval/table.ts';
import { evaluateLeavingOut, type LeaveOut } from '../leave-out.ts';
import {
  evaluateEvasion,
  evaluateInstalledTexts,
  evaluateTextsLeavingOut,
  type PlayTexts,
} from '../leave-out-texts.ts';
import type { Alert } from '../model/finding.ts';
import { feedOf, replay } from '../replay.ts';
import type { Classifier } from '../scan/classify.ts';
import { FORMS, type Form } from '../simulate/forms.ts';
import { writeSimulation } from '../simulate/write.ts';
import { Progress } from './progress.ts';
import { wholeNumber } from './simulate.ts';

interface Options {
  config?: string;
  json?: boolean;
  markdown?: boolean;
  sample?: number;
  leaveOut?: LeaveOut;
  as?: 'user' | 'tool';
}

type TextsOptions = Omit<Options, 'leaveOut'> & { leaveOut?: 'group'; evasion?: boolean };

interface SimulationOptions {
  seed: string;
  weeks: number;
  form: Form;
}

/** Probability from which a text counts as an attempt. */
const ATTEMPT = 0.5;
/** A Monday. */
const START = Date.UTC(2026, 8, 7);

export function register(program: Command): void {
  const evaluate = program
    .command('eval')
    .description('measure detection quality on labelled data; forms are described in CONTRIBUTING.md');
  shared(evaluate.command('traces <path>'), 'recorded agent conversations, benign and attacked (*.jsonl.gz)')
    .option('--sample <n>', 'play only so many traces, drawn evenly from all groups', wholeNumber)
    .addOption(
      new Option('--leave-out <part>', 'learn again without each part in turn, and measure on that part').choices([
        'source',
        'suite+template',
      ]),
    )
    .action((path: string, options: Options) =>
      report(options, (play, config, progress) =>
        options.leaveOut === undefined
          ? evaluateTraces(path, play, options.sample === undefined ? {} : { sample: options.sample })
          : evaluateLeavingOut(path, options.leaveOut, config, play, (line) => progress.show(line)),
      ),
    );
  shared(evaluate.command('texts <path>'), 'labelled single texts (*.jsonl.gz)')
    .addOption(new Option('--as <role>', 'who says the text').choices(['user', 'tool']).default('user'))
    .addOption(
      new Option('--leave-out <part>', 'learn again without each group of sources, and measure on it').choices([
        'group',
      ]),
    )
    .option('--evasion', 'attacks that are found, disguised in every way we know: the share still found')
    .action((path: string, { as = 'user', leaveOut, evasion, ...options }: TextsOptions) =>
      report(options, async (_play, config, progress) => {
        if (evasion) return evaluateEvasion(path, ATTEMPT);
        const playTexts: PlayTexts = (records, classifier) => play(config, records, progress, undefined, classifier);
        const { markdown, ...result } = await (leaveOut === undefined
          ? evaluateInstalledTexts(path, playTexts, { as })
          : evaluateTextsLeavingOut(path, playTexts, { as }, (line) => progress.show(line)));
        return { ...result, markdown, notes: [markdown, ...result.worst.map(worstLine)] };
      }),
    );
  shared(
    evaluate.command('campaigns [folder]'),
    'labelled traffic (logs.jsonl.gz and truth.json); without a folder it is simulated: 200 people, 25 agents',
  )
    .option('--seed <text>', 'of the simulation', '1')
    .option('--weeks <n>', 'of the simulation', wholeNumber, 3)
    .addOption(new Option('--form <form>', 'of the simulation').choices(FORMS).default('litellm'))
    .action((folder: string | undefined, options: Options & SimulationOptions) =>
      report(options, (pipeline, _config, progress) =>
        folder === undefined ? evaluateSimulated(options, pipeline, progress) : evaluateCampaigns(folder, pipeline),
      ),
    );
}

/** Simulates into a folder of its own, which is deleted afterwards. */
async function evaluateSimulated(
  { seed, weeks, form }: SimulationOptions,
  pipeline: Pipeline,
  progress: Progress,
): Promise<CampaignReport> {
  const folder = await mkdtemp(join(tmpdir(), 'nightjar-simulation-'));
  try {
    progress.show('simulating');
    await writeSimulation(folder, { seed, form, days: weeks * 7, start: START, people: 200, agents: 25 });
    const result = await evaluateCampaigns(folder, pipeline);
    return { ...result, data: `simulation seed ${seed}, ${weeks} weeks, ${form}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function shared(command: Command, description: string): Command {
  return command
    .description(description)
    .option('-c, --config <file>', 'configuration: detectors and their params')
    .option('--json', 'one JSON value on stdout')
    .option('--markdown', 'a Markdown table on stdout');
}

type Play = (records: AsyncIterable<Uint8Array>, installed?: Installed[]) => Promise<Alert[]>;

async function report(
  options: Options,
  evaluate: (play: Play, config: Config, progress: Progress) => Promise<Report>,
): Promise<void> {
  const config = options.config ? loadConfig(options.config) : defaultConfig();
  const progress = new Progress();
  const result = await evaluate((records, installed) => play(config, records, progress, installed), config, progress);
  progress.clear();
  const { notes, markdown, ...rest } = result;
  if (options.json) process.stdout.write(`${JSON.stringify(rest)}\n`);
  else {
    process.stdout.write(`${options.markdown ? (markdown ?? markdownTable(result.rows)) : textTable(result.rows)}\n`);
    if (notes !== undefined && !options.markdown) process.stdout.write(`\n${notes.join('\n')}\n`);
  }
}

function worstLine({ kind, group, id, note }: Miss): string {
  return `${kind}: ${group}, ${id}: ${note ?? ''}`;
}

async function play(
  config: Config,
  records: AsyncIterable<Uint8Array>,
  progress: Progress,
  installed: Installed[] | undefined,
  classifier?: Classifier,
): Promise<Alert[]> {
  const feed = feedOf(records, (count) => progress.show(`${count} records`));
  return (await replay(config, feed, { installed, classifier })).alerts;
}
