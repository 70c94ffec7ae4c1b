/**
 * Portkey log export (JSONL). Columns follow an older revision of the documentation; newer ones are unverified, so dotted and nested names are
 * both read. Logs pushed as OTLP are read as OpenTelemetry GenAI.
 *
 * Identity: principal is metadata `_user` (or `user`, `user_id`), session metadata `session_id`, credential `portkey:<virtual key>`, which is
 * the name of a stored key and no secret. `trace_id` groups calls. Cost is in cents. Id is `id`, else a hash of the row.
 */
import { eventTime, type Format } from './contract.ts';
import { readExchange } from './exchange.ts';
import { callerOf, firstIdent, hostOf, httpStatus, ident, pathOf } from './identity.ts';
import { bodyEvent } from './pair.ts';
import { amount, bool, count, first, isObj, type Obj, obj } from './read.ts';
import { recordId } from './record-id.ts';
import { timeOf } from './time.ts';

export const portkey: Format = {
  id: 'portkey',
  kind: 'json',
  recognise: (unit) =>
    unit.ai_model !== undefined &&
    (unit.ai_org !== undefined || unit.request_url !== undefined || unit.response_status_code !== undefined),
  toEvents: (unit, context) => {
    const metadata = metadataOf(unit);
    const caller = callerOf(metadata);
    const exchange = readExchange(
      unit['request.body'] ?? obj(unit.request).body,
      unit['response.body'] ?? obj(unit.response).body,
      context.budget,
    );
    const key = ident(unit.virtual_key);
    const cents = amount(unit.cost);
    const code = httpStatus(unit.response_status_code);
    if (bool(unit.is_success) === false && exchange.status === 'ok' && (code === undefined || code < 400)) {
      exchange.status = 'error';
      exchange.errorType = 'error';
    }
    return [
      bodyEvent('portkey', context, exchange, {
        id: ident(unit.id) ?? recordId(unit),
        time: eventTime(context, timeOf(unit.created_at), exchange.time),
        principal: firstIdent(metadata._user, metadata.user, metadata.user_id, exchange.principal),
        credential: key === undefined ? undefined : `portkey:${key}`,
        session: caller.session ?? exchange.session,
        agent: caller.agent,
        agentVersion: caller.agentVersion,
        parent: caller.parent,
        trace: ident(unit.trace_id),
        team: ident(metadata.team),
        endpoint: hostOf(unit.request_url),
        route: pathOf(unit.request_url),
        provider: ident(unit.ai_org),
        model: ident(unit.ai_model),
        httpStatus: code,
        inputTokens: count(unit.req_units),
        outputTokens: count(unit.res_units),
        costUsd: cents === undefined ? undefined : cents / 100,
        durationMs: amount(unit.response_time),
      }),
    ];
  },
};

/** Metadata as an object, or as the export's parallel columns of keys and values. */
function metadataOf(unit: Obj): Obj {
  if (isObj(unit.metadata) && !Array.isArray(unit.metadata.key)) return unit.metadata;
  const keys = first(unit['metadata.key'], obj(unit.metadata).key);
  const values = first(unit['metadata.value'], obj(unit.metadata).value);
  const metadata: Record<string, unknown> = Object.create(null);
  if (Array.isArray(keys) && Array.isArray(values)) {
    keys.slice(0, 200).forEach((key, at) => {
      if (typeof key === 'string') metadata[key] = values[at];
    });
  }
  return metadata;
}
