/** `nightjar simulate`: labelled traffic of an organisation, as its gateway would log it. */
import { type Command, InvalidArgumentError } from 'commander';
import { writeSimulation } from '../simulate/write.ts';

interface Options {
  seed: string;
  days: number;
  people: number;
  agents: number;
  start: number;
  out: string;
}

export function register(program: Command): void {
  program
    .command('simulate')
    .description('write labelled traffic: logs.jsonl.gz (LiteLLM records) and truth.json')
    .option('--seed <text>', 'the same seed gives the same bytes', '1')
    .option('--days <n>', 'calendar days', wholeNumber, 7)
    .option('--people <n>', 'people in the organisation', wholeNumber, 60)
    .option('--agents <n>', 'agents beside them', wholeNumber, 10)
    .option('--start <date>', 'first day, UTC', date, Date.UTC(2026, 8, 7))
    .requiredOption('-o, --out <folder>', 'folder to write to; made when missing')
    .action(async ({ out, ...options }: Options) => {
      const written = await writeSimulation(out, options);
      process.stdout.write(`${JSON.stringify(written)}\n`);
    });
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('give a whole number of at least 1.');
  return value;
}

function date(text: string): number {
  const value = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (Number.isNaN(value)) throw new InvalidArgumentError('give a date such as 2026-09-07.');
  return value;
}
