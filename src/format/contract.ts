/** What a wire format is: a recogniser and a pure function from one unit of a record to Events. */
import type { Event } from '../model/event.ts';
import type { Budget } from './parse.ts';
import { reject } from './parse.ts';
import type { Obj } from './read.ts';

/** Who called: chosen among the peer of the log's writer and the addresses that a request's proxies noted, the first one first. */
export type ClientRule = (peer: string | undefined, forwarded: readonly string[]) => string | undefined;

/** What the carrier of a record knows about it. */
export interface Context {
  readonly tenant: string;
  /** The carrier's own time, epoch milliseconds: used when the record has none. */
  readonly time: number | undefined;
  /** Headers of the carrier, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** How far `X-Forwarded-For` is believed; without it the peer is the client. */
  readonly client?: ClientRule;
  /** Shared by all JSON texts nested in one record. */
  readonly budget: Budget;
}

/**
 * `json` is an object of the record, `span` and `log` are OTLP spans and log records (shapes in otlp.ts), `line` is `{ line: string }` of
 * a text.
 */
export type UnitKind = 'json' | 'span' | 'log' | 'line';

export interface Format {
  /** Kebab-case; `event.dataset` of its Events. */
  readonly id: string;
  /** A wider name that also selects this format, for example `otlp`. */
  readonly family?: string;
  readonly kind: UnitKind;
  /** Cheap, and true for at most the units that this format can read. */
  recognise(unit: Obj): boolean;
  /**
   * The Events of one unit; none when it is legitimately not a call. Throws NJ_RECORD when it should be a call and cannot be read.
   */
  toEvents(unit: Obj, context: Context): Event[];
}

/** What became of one record. `index` counts the units of the record: array elements, lines, spans. */
export interface Decoded {
  events: Event[];
  /** Units that are no calls (plain requests, spans of other libraries): counted, nothing else. */
  notCalls: number;
  errors: { index: number; reason: string }[];
}

/** An Event before tenant, format and absent fields are settled; undefined means absent. */
export type Draft = Pick<Event, 'id' | 'time' | 'operation' | 'status' | 'input' | 'output' | 'tools'> & {
  [K in keyof Omit<Event, 'tenant' | 'format'>]?: Event[K] | undefined;
};

/** The Event of a draft: fields that are undefined are left out. */
export function makeEvent(format: string, context: Context, draft: Draft): Event {
  const event: Event = {
    id: draft.id,
    time: draft.time,
    operation: draft.operation,
    format,
    tenant: context.tenant,
    status: draft.status,
    input: draft.input,
    output: draft.output,
    tools: draft.tools,
  };
  // One line per field: a loop over names costs more than the rest of a small record's mapping.
  if (draft.principal !== undefined) event.principal = draft.principal;
  if (draft.credential !== undefined) event.credential = draft.credential;
  if (draft.credentialKind !== undefined) event.credentialKind = draft.credentialKind;
  if (draft.scopes !== undefined) event.scopes = draft.scopes;
  if (draft.session !== undefined) event.session = draft.session;
  if (draft.parent !== undefined) event.parent = draft.parent;
  if (draft.trace !== undefined) event.trace = draft.trace;
  if (draft.agent !== undefined) event.agent = draft.agent;
  if (draft.agentVersion !== undefined) event.agentVersion = draft.agentVersion;
  if (draft.team !== undefined) event.team = draft.team;
  if (draft.endpoint !== undefined) event.endpoint = draft.endpoint;
  if (draft.route !== undefined) event.route = draft.route;
  if (draft.clientAddress !== undefined) event.clientAddress = draft.clientAddress;
  if (draft.userAgent !== undefined) event.userAgent = draft.userAgent;
  if (draft.provider !== undefined) event.provider = draft.provider;
  if (draft.model !== undefined) event.model = draft.model;
  if (draft.errorType !== undefined) event.errorType = draft.errorType;
  if (draft.httpStatus !== undefined) event.httpStatus = draft.httpStatus;
  if (draft.guardrail !== undefined) event.guardrail = draft.guardrail;
  if (draft.guardrailScan !== undefined) event.guardrailScan = draft.guardrailScan;
  if (draft.change !== undefined) event.change = draft.change;
  if (draft.inputTokens !== undefined) event.inputTokens = draft.inputTokens;
  if (draft.outputTokens !== undefined) event.outputTokens = draft.outputTokens;
  if (draft.costUsd !== undefined) event.costUsd = draft.costUsd;
  if (draft.durationMs !== undefined) event.durationMs = draft.durationMs;
  if (draft.stream !== undefined) event.stream = draft.stream;
  return event;
}

/** The first time that is known, else the carrier's; NJ_RECORD when there is none. */
export function eventTime(context: Context, ...times: (number | undefined)[]): number {
  for (const time of times) if (time !== undefined) return time;
  return context.time ?? reject('no time: neither the record nor its carrier has one');
}
