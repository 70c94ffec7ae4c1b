/** What a span or log record tells about who called, where, and how it ended: the same attributes for every convention on OTLP. */
import type { Status } from '../model/event.ts';
import { clientOf } from './client-address.ts';
import { type Context, type Draft, eventTime } from './contract.ts';
import { addressOf, credentialOf, firstIdent, hostOf, httpStatus, ident, pathOf } from './identity.ts';
import type { LogRecord, Span } from './otlp.ts';
import { arr, type Obj, str } from './read.ts';
import { recordId } from './record-id.ts';

type Facts = Omit<Draft, 'operation' | 'input' | 'output' | 'tools'>;

/**
 * Identity: principal is `enduser.id`, `user.id`, `gen_ai.user`, `llm.user` or Traceloop's association property; session
 * `gen_ai.conversation.id`, `session.id` or `mcp.session.id`; agent `gen_ai.agent.name`, else its id, else `service.name`; parent the
 * parent span; credential the hash of a captured authorization header, which few record; client address `client.address`.
 * Id is the span id, for a log record the id of the span that it belongs to.
 */
export function spanFacts(unit: Span | LogRecord, context: Context): Facts {
  const a = unit.attributes;
  const r = unit.resource;
  const span = 'spanKind' in unit ? (unit as Span) : undefined;
  const log = span === undefined ? (unit as LogRecord) : undefined;
  const time = eventTime(context, span?.end, span?.start, log?.time);
  const ending = endingOf(a, span?.statusCode === 2);
  return {
    id: unit.spanId ?? recordId(ownPart(unit), time),
    time,
    ...ending,
    principal: firstIdent(
      a['enduser.id'],
      a['user.id'],
      a['gen_ai.user'],
      a['llm.user'],
      a['traceloop.association.properties.user_id'],
      a['user.email'],
    ),
    credential: headerCredential(a),
    session: firstIdent(
      a['gen_ai.conversation.id'],
      a['session.id'],
      a['mcp.session.id'],
      a['traceloop.association.properties.session_id'],
    ),
    parent: span?.parentSpanId,
    trace: unit.traceId,
    agent: firstIdent(a['gen_ai.agent.name'], a['gen_ai.agent.id'], r['service.name']),
    agentVersion: firstIdent(
      a['gen_ai.agent.version'],
      (a['gen_ai.agent.name'] ?? a['gen_ai.agent.id']) ? undefined : r['service.version'],
    ),
    endpoint: hostOf(firstIdent(a['server.address'], a['gen_ai.openai.api_base'], a['url.full'])),
    route: firstIdent(pathOf(a['url.path']), pathOf(a['url.full']), pathOf(a['http.route'])),
    clientAddress: spanClient(a, context),
    userAgent: ident(a['user_agent.original']),
    durationMs:
      span?.start !== undefined && span.end !== undefined && span.end >= span.start ? span.end - span.start : undefined,
  };
}

/** A record without the resource that it shares with all others of its export. */
function ownPart(unit: Span | LogRecord): Obj {
  return 'spanKind' in unit
    ? { name: unit.name, start: unit.start, end: unit.end, attributes: unit.attributes }
    : { name: unit.eventName, body: unit.body, attributes: unit.attributes };
}

function endingOf(
  a: Obj,
  failed: boolean,
): { status: Status; errorType: string | undefined; httpStatus: number | undefined } {
  const code = httpStatus(a['http.response.status_code']) ?? httpStatus(a['rpc.response.status_code']);
  const type = ident(a['error.type']);
  const asCode = code ?? httpStatus(type);
  if (!failed && type === undefined && (code === undefined || code < 400)) {
    return { status: 'ok', errorType: undefined, httpStatus: code };
  }
  const denied =
    asCode === 401 || asCode === 403 || /authentication|permission_?denied|unauthorized|forbidden/i.test(type ?? '');
  return {
    status: denied ? 'denied' : 'error',
    errorType: type ?? (code === undefined ? 'error' : String(code)),
    httpStatus: asCode,
  };
}

/** Instrumentations take `client.address` from a forwarded header or from the peer: where both are recorded, ours is the choice. */
function spanClient(a: Obj, context: Context): string | undefined {
  const forwarded = a['http.request.header.x-forwarded-for'];
  const peer = a['network.peer.address'];
  return context.client === undefined || forwarded === undefined || peer === undefined
    ? addressOf(a['client.address'])
    : clientOf(context, peer, forwarded);
}

function headerCredential(a: Obj): string | undefined {
  for (const name of ['authorization', 'x-api-key', 'api-key']) {
    const value = a[`http.request.header.${name}`];
    const credential = credentialOf(str(value) ?? arr(value)[0]);
    if (credential !== undefined) return credential;
  }
  return undefined;
}
