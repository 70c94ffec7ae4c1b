/** `nightjar check --sample`: the Event that each record of a file yields, and what it lacks. Texts are shortened and masked. */
import type { Config } from '../config/schema.ts';
import { loadInventory } from '../enrich/inventory.ts';
import { clientRule } from '../enrich/proxies.ts';
import { NightjarError } from '../errors.ts';
import { customFormats } from '../format/custom.ts';
import { type Decoded, decode, FORMAT_NAMES } from '../format/decode.ts';
import type { Event, Message, ToolCall } from '../model/event.ts';
import type { RawRecord } from '../ports.ts';
import { FileSource } from '../source/file.ts';

export interface SampleOptions {
  /** A format id, or `auto`. */
  format: string;
  /** Show texts whole. */
  showText: boolean;
  json: boolean;
}

export interface SampleReport {
  records: number;
  events: number;
  not_calls: number;
  /** Events that lack a field, by field. */
  missing: Record<string, number>;
  /** The first few. `record` counts from 1: the line in NDJSON. */
  samples: { record: number; event: Event; missing: string[] }[];
  /** The first few records, or parts of them, that could not be read. */
  errors: { record: number; reason: string }[];
  /** How many there are. */
  failed: number;
}

const SHOWN = 5;
const EXCERPT = 48;

/** Prints the report; exit code 3 when no record gave an Event. */
export async function showSample(config: Config, file: string, options: SampleOptions): Promise<void> {
  const report = await readSample(config, file, options.format);
  if (!options.showText) for (const sample of report.samples) sample.event = masked(sample.event);
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : sampleText(report));
  if (report.events === 0) process.exitCode = 3;
}

/** @throws NightjarError NJ_USAGE for a format that does not exist, NJ_INPUT for a file that cannot be read. */
export async function readSample(config: Config, file: string, format: string): Promise<SampleReport> {
  const own = customFormats(config.formats);
  const names = [...FORMAT_NAMES, ...own.map(({ id }) => id)];
  if (!names.includes(format))
    throw new NightjarError('NJ_USAGE', `there is no format ${format}`, { hint: `formats: ${names.join(', ')}` });
  const inventory = loadInventory(config.inventory);
  const client = clientRule(config.trustedProxies);
  const report: SampleReport = { records: 0, events: 0, not_calls: 0, missing: {}, samples: [], errors: [], failed: 0 };
  const fail = (record: number, reason: string) => {
    report.failed++;
    if (report.errors.length < SHOWN) report.errors.push({ record, reason });
  };
  // Where a record has no time, its carrier's counts: a file has none, so the time of reading stands for it.
  const time = Date.now();
  const read = (raw: RawRecord): Decoded => {
    if (raw.fault !== undefined || raw.value === null) throw new NightjarError('NJ_RECORD', raw.fault ?? 'no value');
    return decode(raw.value, { format, tenant: config.tenant, time, own, ...(client ? { client } : {}) });
  };
  const take = (raw: RawRecord) => {
    const record = raw.position + 1;
    report.records++;
    try {
      const { events, notCalls, errors } = read(raw);
      report.not_calls += notCalls;
      for (const { reason } of errors) fail(record, reason);
      for (const decoded of events) {
        const event = inventory.enrich(decoded);
        const missing = lacks(event, time);
        report.events++;
        for (const field of missing) report.missing[field] = (report.missing[field] ?? 0) + 1;
        if (report.samples.length < SHOWN) report.samples.push({ record, event, missing });
      }
    } catch (error) {
      if (!(error instanceof NightjarError)) throw error;
      fail(record, error.message);
    }
  };
  await new FileSource([file], { format }).run({
    assigned: async () => new Map(),
    revoked: async () => undefined,
    batch: async ({ records }, alive) => {
      for (const raw of records) {
        take(raw);
        await alive();
      }
    },
  });
  return report;
}

const WANTED = [
  'principal',
  'credential',
  'session',
  'agent',
  'endpoint',
  'clientAddress',
  'model',
  'provider',
  'inputTokens',
  'outputTokens',
  'costUsd',
] as const;

/** Fields of the Event that detectors use and that this one does not have, by the names of a custom mapping. */
function lacks(event: Event, timeOfReading: number): string[] {
  const calls = event.output.some(({ toolCalls }) => toolCalls !== undefined);
  return [
    ...(event.id.startsWith('rec-') ? ['id'] : []),
    ...(event.time === timeOfReading ? ['time'] : []),
    ...WANTED.filter((field) => event[field] === undefined),
    ...(event.input.length === 0 ? ['messages'] : []),
    ...(event.output.length === 0 ? ['output'] : []),
    ...(calls ? [] : ['toolCalls']),
  ];
}

/** The Event with every text cut to its first words; what looks like an address, a number or a key in them is left out. */
function masked(event: Event): Event {
  const message = (one: Message): Message => ({
    ...one,
    text: excerpt(one.text),
    ...(one.toolCalls ? { toolCalls: one.toolCalls.map(call) } : {}),
  });
  const call = (one: ToolCall): ToolCall => ({ ...one, arguments: excerpt(one.arguments) });
  const tools = event.tools.map(({ name, description, parameters }) => ({
    name,
    ...(description === undefined ? {} : { description: excerpt(description) }),
    ...(parameters === undefined ? {} : { parameters: excerpt(parameters) }),
  }));
  return { ...event, input: event.input.map(message), output: event.output.map(message), tools };
}

function excerpt(text: string): string {
  const head = text
    .slice(0, EXCERPT)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, ' ')
    .replace(/\S*(?:@|\d{3}|sk-)\S*/g, '…');
  return text.length > EXCERPT ? `${head}… (${text.length} characters)` : head;
}

function sampleText(report: SampleReport): string {
  const samples = report.samples.map(({ record, event, missing }) =>
    [`record ${record}`, ...eventLines(event), `missing: ${missing.join(', ') || 'nothing'}`].join('\n  '),
  );
  const errors = report.errors.map(({ record, reason }) => `record ${record}: ${reason}`);
  const missing = Object.entries(report.missing).map(([field, events]) => `${field} ${events}`);
  const summary =
    `${report.records} records, ${report.events} calls, ${report.not_calls} parts that are no calls, ${report.failed} that could not be read\n` +
    (missing.length > 0 ? `calls without: ${missing.join(', ')}\n` : '');
  return [...samples, ...errors, summary].join('\n');
}

/** One line per field; messages one line each. JSON keeps control characters of a log off the terminal. */
function eventLines({ input, output, tools, ...fields }: Event): string[] {
  const facts = Object.entries(fields).map(([name, value]) => {
    const text = name === 'time' ? new Date(Number(value)).toISOString() : value;
    return `${name}: ${typeof text === 'string' ? text : JSON.stringify(text)}`;
  });
  const said = (list: Message[], where: string) =>
    list.map(({ role, text, toolCalls }) => {
      const calls = (toolCalls ?? []).map((call) => ` calls ${call.name}(${call.arguments})`);
      return `${where} ${role}: ${JSON.stringify(text)}${calls.join('')}`;
    });
  const offered = tools.length > 0 ? [`tools: ${tools.map(({ name }) => name).join(', ')}`] : [];
  return [...facts, ...said(input, 'input'), ...said(output, 'output'), ...offered];
}
