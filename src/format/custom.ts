/**
 * House formats: a JMESPath expression per field of the Event, given in the configuration.
 *
 * A record of the format has `match` true. Fields that an expression does not find are absent, as in any format. `credential` is hashed
 * unless it is `sha256:` and 64 hex digits already. `messages` and `output` may be text, JSON text, messages in the form of any provider, or a
 * provider's whole body; `toolCalls` is a list of `{id, name, arguments, server}` or of OpenAI's tool calls, and joins the answer. A mapping
 * without any of these three describes an access log. Id is a hash of the record where none is mapped or found; time the carrier's.
 */
import { NightjarError } from '../errors.ts';
import type { Message, Status, ToolCall } from '../model/event.ts';
import { readOutput, statusOf } from './answer.ts';
import { readBody } from './body.ts';
import { type Context, eventTime, type Format, makeEvent } from './contract.ts';
import { addressOf, credentialOf, hostOf, httpStatus, ident } from './identity.ts';
import { compileQuery, isTrue, type Query } from './jmespath.ts';
import { Thread } from './messages.ts';
import { listedCall } from './parts.ts';
import { amount, arr, count, isObj, type Obj } from './read.ts';
import { recordId } from './record-id.ts';
import { FORMAT_NAMES } from './registry.ts';
import { timeOf } from './time.ts';

const CUSTOM_FIELDS = [
  'id',
  'time',
  'principal',
  'credential',
  'session',
  'agent',
  'endpoint',
  'clientAddress',
  'model',
  'provider',
  'status',
  'inputTokens',
  'outputTokens',
  'costUsd',
  'messages',
  'output',
  'toolCalls',
] as const;

/** What a mapping may name. */
export type CustomField = (typeof CUSTOM_FIELDS)[number];

/** A mapping as the configuration has it: expressions as text. */
export interface CustomMapping {
  match: string;
  fields: { [F in CustomField]?: string | undefined };
}

/**
 * Compiles the mappings of a configuration, by format id.
 * @throws NightjarError NJ_CONFIG with one line per expression that is none, and per id that is taken
 */
export function customFormats(mappings: Readonly<Record<string, CustomMapping>>): readonly Format[] {
  const faults: string[] = [];
  const compiled = (path: string, expression: string): Query => {
    try {
      return compileQuery(expression);
    } catch (error) {
      faults.push(`formats.${path}: ${(error as Error).message}`);
      return () => undefined;
    }
  };
  const formats = Object.entries(mappings).map(([id, { match, fields }]) => {
    if (FORMAT_NAMES.includes(id)) faults.push(`formats.${id}: is the name of a built-in format`);
    const queries: Queries = {};
    for (const field of CUSTOM_FIELDS) {
      const expression = fields[field];
      if (expression !== undefined) queries[field] = compiled(`${id}.fields.${field}`, expression);
    }
    return customFormat(id, compiled(`${id}.match`, match), queries);
  });
  if (faults.length > 0) throw new NightjarError('NJ_CONFIG', faults.join('\n'));
  return formats;
}

type Queries = { [F in CustomField]?: Query };

function customFormat(id: string, match: Query, queries: Queries): Format {
  const access = queries.messages === undefined && queries.output === undefined && queries.toolCalls === undefined;
  return {
    id,
    kind: 'json',
    recognise: (unit) => isTrue(match(unit)),
    toEvents(unit, context) {
      const q = queries;
      const time = eventTime(context, timeOf(q.time?.(unit)));
      const { input, output } = readContent(q, unit, context);
      const outcome = readStatus(q.status?.(unit));
      return [
        makeEvent(id, context, {
          id: ident(q.id?.(unit)) ?? recordId(unit, time),
          time,
          operation: access ? 'access' : 'chat',
          ...outcome,
          principal: ident(q.principal?.(unit)),
          credential: credential(q.credential?.(unit)),
          session: ident(q.session?.(unit)),
          agent: ident(q.agent?.(unit)),
          endpoint: hostOf(q.endpoint?.(unit)),
          clientAddress: addressOf(q.clientAddress?.(unit)),
          model: ident(q.model?.(unit)),
          provider: ident(q.provider?.(unit)),
          inputTokens: count(q.inputTokens?.(unit)),
          outputTokens: count(q.outputTokens?.(unit)),
          costUsd: amount(q.costUsd?.(unit)),
          input,
          output,
          tools: [],
        }),
      ];
    },
  };
}

function readContent(q: Queries, unit: Obj, { budget }: Context): { input: Message[]; output: Message[] } {
  const history = new Thread().add(readBody(q.messages?.(unit), budget), 'user');
  const output = readOutput(readBody(q.output?.(unit), budget), history);
  const listed = readBody(q.toolCalls?.(unit), budget);
  const calls = (isObj(listed) ? [listed] : arr(listed)).flatMap(callOf);
  if (calls.length > 0) {
    const answer = output.findLast(({ role }) => role === 'assistant');
    if (answer === undefined) output.push({ role: 'assistant', text: '', toolCalls: calls });
    else answer.toolCalls = [...(answer.toolCalls ?? []), ...calls];
  }
  return { input: history.messages, output };
}

function callOf(entry: unknown): ToolCall[] {
  const call = listedCall(entry);
  if (call === undefined || call.name === '') return [];
  const server = ident((entry as Obj).server);
  return [server === undefined || call.server !== undefined ? call : { ...call, server }];
}

/** Only the marked form counts as a hash: a bare row of hex digits may be the key itself. */
function credential(value: unknown): string | undefined {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/i.test(value) ? value.toLowerCase() : credentialOf(value);
}

const FAILED = /^(?:false|err(?:or)?s?|fail(?:ed|ure)?|exception|timeout|aborted|cancel(?:l?ed)?)$/i;
const DENIED = /^(?:den(?:ied|y)|refused|blocked|rejected|forbidden|unauthori[sz]ed)$/i;

function readStatus(value: unknown): { status: Status; httpStatus?: number; errorType?: string } {
  const code = httpStatus(value);
  if (code !== undefined) {
    const status = statusOf(code);
    return { status, httpStatus: code, ...(status === 'ok' ? {} : { errorType: String(code) }) };
  }
  const word = typeof value === 'boolean' ? String(value) : (ident(value) ?? '');
  if (DENIED.test(word)) return { status: 'denied', errorType: word.toLowerCase() };
  if (FAILED.test(word)) return { status: 'error', errorType: /^false$/i.test(word) ? 'error' : word.toLowerCase() };
  return { status: 'ok' };
}
