/** `{request, response}` records and bare bodies: what the formats of provider APIs share. */
import type { Event } from '../model/event.ts';
import { statusOf } from './answer.ts';
import { clientOf } from './client-address.ts';
import { type Context, type Draft, eventTime, makeEvent } from './contract.ts';
import { type Exchange, readExchange } from './exchange.ts';
import { callerOf, firstIdent, headerFacts, hostOf, httpStatus, ident, pathOf } from './identity.ts';
import { amount, isObj, type Obj, obj } from './read.ts';
import { recordId } from './record-id.ts';
import { timeOf } from './time.ts';

/** True for a record whose `request` or `response` is a body that `test` knows. */
export function isPair(unit: Obj, test: (body: Obj) => boolean): boolean {
  return (isObj(unit.response) && test(unit.response)) || (isObj(unit.request) && test(unit.request));
}

/**
 * Event of a pair. Beside the bodies the wrapper may hold (all optional): `time` or `timestamp`, `headers` (`request_headers`), `url`,
 * `status`, `duration_ms`, `client_ip`, `user`, `session_id`, `agent`, `agent_version`, `parent`, `team`, `provider`, `id`. The wrapper is not a
 * vendor's: these names are what hand-written loggers use.
 */
export function pairEvent(format: string, unit: Obj, context: Context): Event {
  const exchange = readExchange(unit.request, unit.response, context.budget);
  const headers = headerFacts(unit.headers ?? unit.request_headers);
  const caller = callerOf(unit, obj(unit.metadata));
  const status = httpStatus(unit.status ?? unit.status_code) ?? exchange.httpStatus;
  const time = eventTime(context, timeOf(unit.time), timeOf(unit.timestamp), exchange.time);
  return bodyEvent(format, context, exchange, {
    id: exchange.id ?? firstIdent(unit.id, headers.requestId) ?? recordId(unit, time),
    time,
    provider: ident(unit.provider),
    principal: firstIdent(unit.user, exchange.principal),
    credential: headers.credential,
    session: caller.session ?? exchange.session ?? headers.session,
    parent: caller.parent,
    agent: caller.agent,
    agentVersion: caller.agentVersion,
    team: ident(unit.team),
    endpoint: hostOf(unit.url ?? unit.endpoint),
    route: pathOf(unit.url ?? unit.path),
    clientAddress: clientOf(context, unit.client_ip ?? unit.client_address, headers.forwarded),
    userAgent: headers.userAgent,
    httpStatus: status,
    durationMs: amount(unit.duration_ms),
  });
}

/** Event of a response (or request) body that stands alone. */
export function bareEvent(format: string, request: unknown, response: unknown, context: Context): Event {
  const exchange = readExchange(request, response, context.budget);
  const time = eventTime(context, exchange.time);
  return bodyEvent(format, context, exchange, {
    id: exchange.id ?? recordId(response ?? request, time),
    time,
    principal: exchange.principal,
    session: exchange.session,
    httpStatus: exchange.httpStatus,
  });
}

type Around = Omit<Draft, 'operation' | 'status' | 'input' | 'output' | 'tools'>;

/** Event of an exchange with what its surroundings tell; a field of `around`, which is used up, wins where it is given. */
export function bodyEvent(format: string, context: Context, exchange: Exchange, around: Around): Event {
  const code = around.httpStatus;
  // The caller's object is completed instead of copied: this runs for every record.
  const draft = around as Draft;
  draft.operation = exchange.operation;
  draft.status = exchange.status !== 'ok' ? exchange.status : statusOf(code);
  draft.errorType ??= exchange.errorType ?? (code !== undefined && code >= 400 ? String(code) : undefined);
  draft.guardrail ??= exchange.guardrail;
  draft.model ??= exchange.model;
  draft.inputTokens ??= exchange.inputTokens;
  draft.outputTokens ??= exchange.outputTokens;
  draft.stream ??= exchange.stream;
  draft.input = exchange.input;
  draft.output = exchange.output;
  draft.tools = exchange.tools;
  return makeEvent(format, context, draft);
}
