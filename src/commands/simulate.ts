/** `nightjar simulate`: labelled traffic of an organisation, as its gateway would log it. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DIFFICULTIES, type Difficulty } from '../simulate/campaigns/campaign.ts';
import { FORMS, type Form } from '../simulate/forms.ts';
import { writeSimulation } from '../simulate/write.ts';

interface Options {
  seed: string;
  days: number;
  people: number;
  agents: number;
  scale: number;
  start: number;
  form: Form;
  campaigns?: number;
  difficulty?: Difficulty[];
  out: string;
}

export function register(program: Command): void {
  program
    .command('simulate')
    .description('write labelled traffic of an organisation: logs.jsonl.gz and truth.json')
    .option('--seed <text>', 'the same seed gives the same bytes', '1')
    .option('--days <n>', 'calendar days; the first are without attacks', wholeNumber, 7)
    .option('--people <n>', 'people in the organisation', wholeNumber, 60)
    .option('--agents <n>', 'agents beside them', wholeNumber, 10)
    .option('--scale <factor>', 'multiplies ordinary traffic', factor, 1)
    .option('--campaigns <n>', 'attacks of each type; by default one for every five days', wholeNumber)
    .addOption(
      new Option('--difficulty <level...>', 'only attacks of these levels; by default all in turn').choices(
        DIFFICULTIES,
      ),
    )
    .addOption(new Option('--form <form>', 'how calls are logged').choices(FORMS).default('litellm'))
    .option('--start <date>', 'first day, UTC', date, Date.UTC(2026, 8, 7))
    .requiredOption('-o, --out <folder>', 'folder to write to; made when missing')
    .addHelpText(
      'after',
      '\nForm litellm: StandardLoggingPayload of the LiteLLM proxy. Form otlp: OTLP/JSON with OpenTelemetry GenAI spans.\n' +
        "Changes of keys are in the proxy's audit form, requests at the edge in that of Apache APISIX, whatever the form of calls.",
    )
    .action(async ({ out, difficulty, ...options }: Options) => {
      const started = performance.now();
      const written = await writeSimulation(out, { ...options, difficulties: difficulty });
      const seconds = (performance.now() - started) / 1_000;
      process.stdout.write(`${JSON.stringify(written)}\n`);
      process.stderr.write(
        `nightjar: ${written.records} records, ${(written.bytes / 1e6).toFixed(0)} MB before compression, in ${seconds.toFixed(1)} s ` +
          `(${Math.round(written.records / seconds)}/s); ${written.campaigns} attacks\n`,
      );
    });
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('give a whole number of at least 1.');
  return value;
}

function factor(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1_000)) throw new InvalidArgumentError('give a number above 0, such as 0.5.');
  return value;
}

function date(text: string): number {
  const value = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (Number.isNaN(value)) throw new InvalidArgumentError('give a date such as 2026-09-07.');
  return value;
}
