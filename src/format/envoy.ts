/**
 * Envoy AI Gateway access log as JSON. Field names are the operator's choice: those of the documentation's example are read, and the
 * `gen_ai.*` and `mcp.*` names that others choose.
 *
 * Identity: none but the client address, which is Envoy's peer (`downstream_remote_address`; forwarded headers are the client's claim and not
 * read), the user agent and, for MCP, `mcp_session_id`. The log has neither content nor the tool's name: an MCP `tools/call` is a tool
 * call with an empty name at the server `mcp_backend`. Id is `x-request-id`.
 */
import type { Event, Operation } from '../model/event.ts';
import { statusOf } from './answer.ts';
import { clientOf } from './client-address.ts';
import { type Context, eventTime, type Format, makeEvent } from './contract.ts';
import { firstIdent, hostOf, httpStatus, ident, pathOf } from './identity.ts';
import { Thread } from './messages.ts';
import { toolCall } from './parts.ts';
import { amount, count, first, type Obj } from './read.ts';
import { recordId } from './record-id.ts';
import { timeOf } from './time.ts';

export const envoy: Format = {
  id: 'envoy-ai-gateway',
  kind: 'json',
  recognise: (unit) =>
    unit.response_code !== undefined &&
    (unit.genai_model_name !== undefined ||
      unit.mcp_method !== undefined ||
      unit['gen_ai.request.model'] !== undefined),
  toEvents: (unit, context) => {
    const method = text(first(unit.mcp_method, unit['mcp.method.name']));
    const model = text(
      first(
        unit.genai_model_name_override,
        unit['gen_ai.response.model'],
        unit.genai_model_name,
        unit['gen_ai.request.model'],
      ),
    );
    if (method !== undefined) {
      if (method === 'tools/call') return [read(unit, 'tool', undefined, context)];
      return method.endsWith('/list') ? [read(unit, 'access', undefined, context)] : [];
    }
    if (model === undefined) return [];
    const path = pathOf(unit['x-envoy-origin-path']) ?? pathOf(unit.path);
    return [read(unit, path?.includes('embeddings') ? 'embeddings' : 'chat', model, context)];
  },
};

/** Envoy writes `-` for a value that is absent in text formats. */
function text(value: unknown): string | undefined {
  const id = ident(value);
  return id === '-' ? undefined : id;
}

function read(unit: Obj, operation: Operation, model: string | undefined, context: Context): Event {
  const thread = new Thread();
  const backend = text(first(unit.mcp_backend, unit['mcp.provider.name']));
  const code = httpStatus(unit.response_code);
  const status = statusOf(code);
  const start = timeOf(unit.start_time);
  const duration = amount(unit.duration);
  if (operation === 'tool')
    thread.addCalls([toolCall(first(unit.mcp_request_id, unit['jsonrpc.request.id']), '', undefined, backend)]);
  return makeEvent('envoy-ai-gateway', context, {
    id: text(unit['x-request-id']) ?? recordId(unit),
    time: eventTime(context, start === undefined ? undefined : start + Math.round(duration ?? 0)),
    operation,
    session: text(first(unit.mcp_session_id, unit['mcp.session.id'])),
    endpoint: hostOf(unit.upstream_host) ?? hostOf(unit[':authority']),
    route: pathOf(unit['x-envoy-origin-path']) ?? pathOf(unit.path),
    clientAddress: clientOf(context, text(unit.downstream_remote_address), text(unit['x-forwarded-for'])),
    userAgent: text(unit['user-agent']),
    provider: firstIdent(unit['gen_ai.provider.name']),
    model,
    status,
    errorType: status === 'ok' ? undefined : String(code),
    httpStatus: code,
    inputTokens: count(first(unit.genai_tokens_input, unit['gen_ai.usage.input_tokens'])),
    outputTokens: count(first(unit.genai_tokens_output, unit['gen_ai.usage.output_tokens'])),
    durationMs: duration,
    input: [],
    output: thread.messages,
    tools: [],
  });
}
