/** `nightjar replay`: files through the pipeline; alerts as NDJSON on stdout, a summary on stderr. */
import type { Command } from 'commander';
import { fingerprintKey } from '../config/keys.ts';
import { defaultConfig, loadConfig } from '../config/load.ts';
import { type ReplayResult, replay } from '../replay.ts';
import { PUBLIC_TEST_KEY } from '../scan/fingerprint.ts';
import { FileSource } from '../source/file.ts';
import { Progress } from './progress.ts';

interface Options {
  format: string;
  config?: string;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('replay')
    .description('run log files through all detectors at full speed; no server is needed and nothing is changed')
    .argument('<file...>', 'files of records (.jsonl, .json, .gz as read); - reads standard input')
    .option('-f, --format <id>', 'format of the records, or auto to choose per record', 'auto')
    .option('-c, --config <file>', 'configuration: tenant, detectors, fingerprint key')
    .option('--json', 'one JSON value on stdout: the alerts and the summary')
    .addHelpText('after', '\nExit codes: 0 done, 2 wrong usage or input file.')
    .action(run);
}

async function run(files: string[], options: Options): Promise<void> {
  const config = options.config ? loadConfig(options.config) : defaultConfig();
  const key = config.secrets.fingerprintKeyFile ? fingerprintKey(config) : PUBLIC_TEST_KEY;
  const started = performance.now();
  const progress = new Progress();
  const source = new FileSource(files, {
    format: options.format,
    onProgress: ({ read, total }) =>
      progress.show(total ? `${Math.floor((100 * read) / total)} % read` : `${read} bytes read`),
  });
  const result = await replay(config, (handler) => source.run(handler), { key });
  progress.clear();
  const summary = summarise(result, (performance.now() - started) / 1_000);
  if (options.json) process.stdout.write(`${JSON.stringify({ alerts: result.alerts.map(line), summary })}\n`);
  else for (const alert of result.alerts) process.stdout.write(`${JSON.stringify(line(alert))}\n`);
  for (const letter of result.deadLetters.slice(0, 5))
    process.stderr.write(`${letter.partition}:${letter.position}: ${letter.reason}\n`);
  const more = result.deadLetters.length - 5;
  if (more > 0) process.stderr.write(`and ${more} more records that could not be evaluated\n`);
  process.stderr.write(
    `${summary.records} records, ${summary.events} calls, ${summary.alerts} alerts, ${summary.grouped} findings grouped into them, ` +
      `${summary.dead_letters} records could not be evaluated, ${summary.seconds} s\n`,
  );
}

/** The fixed shape of an alert; how often it was revised on the way there is no part of it. */
function line({ revision: _revision, ...alert }: ReplayResult['alerts'][number]) {
  return alert;
}

function summarise(result: ReplayResult, seconds: number) {
  return {
    records: result.records,
    events: result.events,
    not_calls: result.notCalls,
    dead_letters: result.deadLetters.length,
    findings: result.findings,
    grouped: result.grouped,
    alerts: result.alerts.length,
    seconds: Math.round(seconds * 10) / 10,
  };
}
