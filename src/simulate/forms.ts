/** Facts as records on the wire: the gateway's own JSON, or OpenTelemetry for the calls. Changes and edge requests have one form. */
import type { Change, Fact, Request } from './fact.ts';
import { toSpan } from './otlp.ts';
import { toRecord } from './record.ts';

export const FORMS = ['litellm', 'otlp'] as const;
/** `litellm`: StandardLoggingPayload · `otlp`: one OTLP/JSON export with one GenAI span. */
export type Form = (typeof FORMS)[number];

export interface Wire {
  record: Record<string, unknown>;
  /** The source's own id of the record. */
  id: string;
}

/** The record of a fact; what is logged is the same in every form. */
export function toWire(fact: Fact, form: Form): Wire {
  if (fact.kind === 'change') return { record: auditRecord(fact), id: fact.id };
  if (fact.kind === 'request') return { record: edgeRecord(fact), id: fact.id };
  return form === 'otlp' ? { record: toSpan(fact), id: fact.spanId } : { record: toRecord(fact), id: fact.id };
}

/** LiteLLM `StandardAuditLogPayload`. */
function auditRecord(change: Change): Record<string, unknown> {
  return {
    id: change.id,
    updated_at: new Date(change.end).toISOString().replace('Z', '+00:00'),
    changed_by: change.by,
    changed_by_api_key: change.byKeyHash,
    action: change.action,
    table_name: change.table,
    object_id: change.object,
    before_value: JSON.stringify(change.before),
    updated_values: JSON.stringify(change.after),
  };
}

/** Apache APISIX `kafka-logger` without its AI plugin: an access log. */
function edgeRecord(request: Request): Record<string, unknown> {
  return {
    start_time: request.start,
    client_ip: request.address,
    route_id: 'models-edge',
    service_id: '',
    request: {
      uri: request.path,
      url: `https://models.alderway.example${request.path}`,
      method: request.method,
      size: request.method === 'POST' ? 2_048 : 310,
      headers: { host: 'models.alderway.example', 'user-agent': request.userAgent, 'x-request-id': request.id },
      querystring: {},
    },
    response: { status: request.status, size: request.status === 200 ? 4_096 : 162, headers: {} },
    server: { hostname: 'edge-1', version: '3.14.1' },
    upstream: request.status === 404 ? '' : 'gpu-01.prod.alderway.example:8000',
    ...(request.consumer === undefined ? {} : { consumer: { username: request.consumer } }),
    latency: request.end - request.start,
  };
}
