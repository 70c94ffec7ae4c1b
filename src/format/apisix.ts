/**
 * Apache APISIX `kafka-logger` (and its other loggers): with `ai-proxy` logging it has `llm_summary`, `llm_request` and
 * `llm_response_text`. A request without them is a call only when its path or body is a model API's; any other is not a call.
 *
 * Identity: principal is the consumer, else `llm_summary.end_user_id`; credential the hash of a key header; client address APISIX's own.
 * Id is the `x-request-id` header, else a hash of the record. `llm_summary.tool_count` counts tools that were offered and is not used.
 */
import type { Event } from '../model/event.ts';
import { type Context, eventTime, type Format } from './contract.ts';
import { readExchange } from './exchange.ts';
import { httpFacts } from './http-log.ts';
import { firstIdent } from './identity.ts';
import { isModelPath } from './model-path.ts';
import { bodyEvent } from './pair.ts';
import { amount, count, isObj, type Obj, obj, streamed } from './read.ts';
import { recordId } from './record-id.ts';

export const apisix: Format = {
  id: 'apisix',
  kind: 'json',
  recognise: (unit) =>
    isObj(unit.llm_summary) ||
    (isObj(unit.request) &&
      unit.request.uri !== undefined &&
      (unit.route_id !== undefined || unit.service_id !== undefined || isObj(unit.server))),
  toEvents: (unit, context) => {
    const request = obj(unit.request);
    const facts = httpFacts(unit, context);
    const logged = isObj(unit.llm_summary) || isObj(unit.llm_request);
    if (!logged && !isModelPath(facts.route)) return [];
    return [read(unit, request, facts, logged, context)];
  },
};

function read(unit: Obj, request: Obj, facts: ReturnType<typeof httpFacts>, logged: boolean, context: Context): Event {
  const summary = obj(unit.llm_summary);
  const asked = isObj(unit.llm_request) ? unit.llm_request : request.body;
  const answered = unit.llm_response_text ?? obj(unit.response).body;
  const exchange = readExchange(asked, answered, context.budget);
  // A model path without any content or statistics was seen, not read.
  if (!logged && exchange.input.length === 0 && exchange.output.length === 0) exchange.operation = 'access';
  return bodyEvent('apisix', context, exchange, {
    id: facts.requestId ?? recordId(unit),
    time: eventTime(context, facts.time, exchange.time),
    principal: firstIdent(facts.principal, summary.end_user_id, exchange.principal),
    credential: facts.credential,
    session: facts.session ?? exchange.session,
    endpoint: facts.endpoint,
    route: facts.route,
    clientAddress: facts.clientAddress,
    userAgent: facts.userAgent,
    model: firstIdent(summary.model, summary.request_model),
    httpStatus: facts.httpStatus,
    inputTokens: count(summary.prompt_tokens),
    outputTokens: count(summary.completion_tokens),
    durationMs: amount(summary.upstream_response_time) ?? facts.durationMs,
    stream: streamed(summary.stream),
  });
}
