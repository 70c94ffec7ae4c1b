/** `nightjar coverage`: how much of a log can be read, attributed and scanned, before anything depends on it. */
import type { Command } from 'commander';
import { defaultConfig, loadConfig } from '../config/load.ts';
import type { CoverageReport, Seen } from '../observe/coverage.ts';
import { replay } from '../replay.ts';
import { FileSource } from '../source/file.ts';
import { Progress } from './progress.ts';

interface Options {
  format: string;
  config?: string;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('coverage')
    .description('show how much of log files can be read, attributed and scanned, by kind of call')
    .argument('<file...>', 'files of records (.jsonl, .json, .gz as read); - reads standard input')
    .option('-f, --format <id>', 'format of the records, or auto to choose per record', 'auto')
    .option('-c, --config <file>', 'configuration: tenant, formats, inventory')
    .option('--json', 'one JSON value on stdout')
    .addHelpText(
      'after',
      '\nThe running service answers the same as JSON at /coverage of its metrics server.\nExit codes: 0 done, 2 wrong usage or input file.',
    )
    .action(run);
}

async function run(files: string[], options: Options): Promise<void> {
  const config = options.config ? loadConfig(options.config) : defaultConfig();
  const progress = new Progress();
  const source = new FileSource(files, {
    format: options.format,
    onProgress: ({ read, total }) =>
      progress.show(total ? `${Math.floor((100 * read) / total)} % read` : `${read} bytes read`),
  });
  // No detector is needed to tell what one could see.
  const { coverage } = await replay(config, (handler) => source.run(handler), { installed: [] });
  progress.clear();
  process.stdout.write(options.json ? `${JSON.stringify(coverage)}\n` : coverageText(coverage));
}

const HEAD = ['format', 'operation', 'route', 'calls', 'content', 'identity', 'tools'];
/** Columns of text; the numbers behind them stand to the right. */
const TEXTS = 3;

/** A table per source, with what is no call or could not be read below it. */
export function coverageText({ sources }: CoverageReport): string {
  if (sources.length === 0) return 'no records\n';
  return sources
    .map((source) => {
      const rows = source.shapes.map((shape) => [shape.format, shape.operation, shape.route ?? '-', ...shares(shape)]);
      const all = source.shapes.length > 1 ? [['all', '', '', ...shares(source)]] : [];
      const body = rows.length === 0 ? '' : table([HEAD, ...rows, ...all]);
      return (
        `${source.source}\n${body}` +
        `${source.unattributed} calls without a caller, ${source.not_calls} parts that are no calls, ` +
        `${source.dead_letters} records that could not be evaluated\n`
      );
    })
    .join('\n');
}

function shares({ calls, content, identity, tools }: Seen): string[] {
  const percent = (part: number) => `${Math.floor((100 * part) / calls)} %`;
  return [String(calls), percent(content), percent(identity), percent(tools)];
}

function table(lines: string[][]): string {
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const cell = (text: string, column: number) =>
    column < TEXTS ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  return lines.map((line) => `  ${line.map(cell).join('  ').trimEnd()}\n`).join('');
}
