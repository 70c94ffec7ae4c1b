/** `nightjar eval`: detection quality on labelled data, with intervals. */
import { type Command, Option } from 'commander';
import { defaultConfig, loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Installed } from '../engine.ts';
import { evaluateCampaigns } from '../eval/campaigns.ts';
import type { Report } from '../eval/rate.ts';
import { evaluateTraces } from '../eval/score.ts';
import { markdownTable, textTable } from '../eval/table.ts';
import { evaluateTexts } from '../eval/texts.ts';
import { evaluateLeavingOut, type LeaveOut } from '../leave-out.ts';
import type { Alert } from '../model/finding.ts';
import type { SourceHandler } from '../ports.ts';
import { replay } from '../replay.ts';
import { PUBLIC_TEST_KEY } from '../scan/fingerprint.ts';
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

const BATCH = 500;

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
    .action((path: string, options: Options) =>
      report(options, (pipeline) => evaluateTexts(path, pipeline, { as: options.as ?? 'user' })),
    );
  shared(evaluate.command('campaigns <folder>'), 'simulated traffic (logs.jsonl.gz and truth.json)').action(
    (path: string, options: Options) => report(options, (pipeline) => evaluateCampaigns(path, pipeline)),
  );
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
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else process.stdout.write(`${options.markdown ? markdownTable(result.rows) : textTable(result.rows)}\n`);
}

async function play(
  config: Config,
  records: AsyncIterable<Uint8Array>,
  progress: Progress,
  installed: Installed[] | undefined,
): Promise<Alert[]> {
  const feed = async (handler: SourceHandler) => {
    let batch: Uint8Array[] = [];
    let position = 0;
    const flush = async () => {
      const first = position - batch.length;
      const raw = batch.map((value, i) => ({ value, position: first + i }));
      await handler.batch(
        { partition: 'eval', format: 'auto', records: raw, next: position, caughtUp: true },
        async () => undefined,
      );
      batch = [];
      progress.show(`${position} records`);
    };
    for await (const record of records) {
      batch.push(record);
      position++;
      if (batch.length === BATCH) await flush();
    }
    await flush();
  };
  return (await replay(config, feed, PUBLIC_TEST_KEY, installed)).alerts;
}
