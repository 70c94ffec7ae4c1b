/**
 * LiteLLM `StandardLoggingPayload`, as the proxy's `generic_api` logger and its other carriers write it: success, failure and MCP calls.
 *
 * Identity: principal is the end user (`end_user`, `metadata.user_api_key_end_user_id`), else the owner of the key (`…_user_id`,
 * `…_user_email`, `…_alias`), else the `user` of the request, which is all that the package without its proxy has. Credential is
 * `metadata.user_api_key_hash`, which is sha256 hex of the virtual key already; the literal `litellm_proxy_master_key` becomes the hash
 * of that literal with `credentialKind` master. Session is `session_id`, else what the client put into its request metadata
 * (`session_id`, `agent`, `parent`). Team, route, client address and user agent are the proxy's own fields.
 * `trace_id` groups retries and fallbacks. Endpoint is the host of `api_base`, which a refused call does not have.
 *
 * Id is `id`; an answer from the cache repeats the completion's id, so there it is `litellm_call_id`.
 */
import type { Event, Message, Operation } from '../model/event.ts';
import { readOutput } from './answer.ts';
import { clientOf } from './client-address.ts';
import { type Context, eventTime, type Format, makeEvent } from './contract.ts';
import { readGuardrailScan } from './guardrail-scan.ts';
import {
  addressOf,
  callerOf,
  credentialOf,
  credentialOfHash,
  firstIdent,
  hostOf,
  httpStatus,
  ident,
  sha256,
} from './identity.ts';
import { Thread } from './messages.ts';
import { resultText, toolCall } from './parts.ts';
import { amount, arr, bool, count, isObj, type Obj, obj, str, streamed } from './read.ts';
import { recordId } from './record-id.ts';
import { timeOf } from './time.ts';
import { readTools } from './tools.ts';

const MASTER_KEY = 'litellm_proxy_master_key';
const MASTER_CREDENTIAL = `sha256:${sha256(MASTER_KEY)}`;
/** What the proxy writes instead of content when message logging is off. */
const REDACTED = 'redacted-by-litellm';

export const litellm: Format = {
  id: 'litellm',
  kind: 'json',
  recognise: (unit) =>
    typeof unit.call_type === 'string' &&
    (unit.litellm_call_id !== undefined || unit.metadata !== undefined || unit.startTime !== undefined) &&
    unit.schemaType === undefined,
  toEvents: (unit, context) => [read(unit, context)],
};

function read(unit: Obj, context: Context): Event {
  const metadata = obj(unit.metadata);
  const mcp = isObj(metadata.mcp_tool_call_metadata) ? metadata.mcp_tool_call_metadata : undefined;
  const isTool = unit.call_type === 'call_mcp_tool' || mcp !== undefined;
  const content = isTool ? toolContent(unit, obj(mcp)) : chatContent(unit);
  const requester = obj(metadata.requester_metadata);
  const caller = callerOf(requester, obj(metadata.spend_logs_metadata), obj(metadata.user_api_key_auth_metadata));
  const start = timeOf(unit.startTime);
  const end = timeOf(unit.endTime);
  const seconds = amount(unit.response_time);
  const key = keyOf(metadata);
  const ending = outcome(unit);
  return makeEvent('litellm', context, {
    id: idOf(unit),
    time: eventTime(context, end, start),
    operation: operationOf(unit, isTool),
    principal: firstIdent(
      unit.end_user,
      metadata.user_api_key_end_user_id,
      metadata.user_api_key_user_id,
      metadata.user_api_key_user_email,
      metadata.user_api_key_alias,
      obj(unit.model_parameters).user,
    ),
    credential: key.credential,
    credentialKind: key.kind,
    session: firstIdent(unit.session_id, caller.session, mcp?.mcp_session_id),
    parent: caller.parent,
    trace: ident(unit.trace_id),
    agent: caller.agent,
    agentVersion: caller.agentVersion,
    team: firstIdent(
      metadata.user_api_key_team_alias,
      metadata.user_api_key_team_id,
      metadata.team_alias,
      metadata.team_id,
    ),
    endpoint: isTool ? hostOf(mcp?.mcp_server_resource) : hostOf(unit.api_base),
    route: ident(metadata.user_api_key_request_route),
    clientAddress: requesterAddress(unit.requester_ip_address ?? metadata.requester_ip_address, context),
    userAgent: firstIdent(unit.user_agent, metadata.user_agent),
    provider: ident(unit.custom_llm_provider),
    model: isTool ? undefined : firstIdent(obj(unit.response).model, unit.model_group, unit.model),
    status: ending.status,
    errorType: ending.errorType,
    httpStatus: ending.httpStatus,
    guardrail: ending.guardrail,
    guardrailScan: readGuardrailScan(unit),
    inputTokens: count(unit.prompt_tokens),
    outputTokens: count(unit.completion_tokens),
    costUsd: amount(unit.response_cost),
    durationMs:
      seconds !== undefined
        ? Math.round(seconds * 1_000)
        : start !== undefined && end !== undefined
          ? end - start
          : undefined,
    stream: streamed(unit.stream) ?? streamed(obj(unit.model_parameters).stream),
    input: content.input,
    output: content.output,
    tools: content.tools,
  });
}

/** With its `use_x_forwarded_for` the proxy logs the whole header here, and no peer. */
function requesterAddress(value: unknown, context: Context): string | undefined {
  return str(value)?.includes(',') ? clientOf(context, undefined, value) : addressOf(value);
}

function idOf(unit: Obj): string {
  const id = bool(unit.cache_hit) === true ? undefined : ident(unit.id);
  return id ?? firstIdent(unit.litellm_call_id, unit.id) ?? recordId(unit);
}

function operationOf(unit: Obj, isTool: boolean): Operation {
  if (isTool) return 'tool';
  return (str(unit.call_type) ?? '').includes('embedding') ? 'embeddings' : 'chat';
}

function keyOf(metadata: Obj): { credential: string | undefined; kind: Event['credentialKind'] } {
  const hash = str(metadata.user_api_key_hash) ?? str(metadata.user_api_key);
  if (hash === undefined) return { credential: undefined, kind: undefined };
  if (hash === MASTER_KEY) return { credential: MASTER_CREDENTIAL, kind: 'master' };
  return {
    credential: hash.length === 64 && /^[0-9a-f]+$/i.test(hash) ? credentialOfHash(hash) : credentialOf(hash),
    kind: undefined,
  };
}

function outcome(unit: Obj): Pick<Event, 'status'> & {
  errorType: string | undefined;
  httpStatus: number | undefined;
  guardrail: Event['guardrail'] | undefined;
} {
  const verdict = obj(unit.status_fields).guardrail_status;
  const blocked = verdict === 'guardrail_intervened';
  const guardrail = blocked ? 'blocked' : verdict === 'guardrail_flagged' ? 'flagged' : undefined;
  if (unit.status !== 'failure' && !blocked) {
    const failed = toolFailed(unit);
    return {
      status: failed ? 'error' : 'ok',
      errorType: failed ? 'tool_error' : undefined,
      httpStatus: undefined,
      guardrail,
    };
  }
  const error = obj(unit.error_information);
  const code = httpStatus(error.error_code);
  const type = firstIdent(error.error_class, error.normalized_error) ?? (blocked ? 'guardrail' : 'error');
  const denied = blocked || code === 401 || code === 403 || /Authentication|PermissionDenied|ContentPolicy/.test(type);
  return { status: denied ? 'denied' : 'error', errorType: type, httpStatus: code, guardrail };
}

/** An MCP tool that failed is logged as a success whose result says so. */
function toolFailed(unit: Obj): boolean {
  if (unit.call_type !== 'call_mcp_tool') return false;
  const response = obj(unit.response);
  return (response.is_error ?? response.isError) === true;
}

type Content = Pick<Event, 'input' | 'output' | 'tools'>;

function chatContent(unit: Obj): Content {
  const parameters = obj(unit.model_parameters);
  const asked = isObj(unit.messages) && Array.isArray(unit.messages.messages) ? unit.messages.messages : unit.messages;
  const history = new Thread().add(asked, 'user');
  const system = parameters.instructions ?? parameters.system;
  if (system !== undefined && system !== null) history.addSystem(system);
  return {
    input: withoutRedacted(history.messages),
    output: withoutRedacted(readOutput(unit.response, history)),
    tools: readTools(parameters.tools ?? parameters.functions),
  };
}

function withoutRedacted(messages: Message[]): Message[] {
  return messages.some((message) => message.text === REDACTED && message.toolCalls === undefined)
    ? messages.filter((message) => message.text !== REDACTED || message.toolCalls !== undefined)
    : messages;
}

/** The record's `messages` of an MCP call hold a default value, not a prompt. */
function toolContent(unit: Obj, mcp: Obj): Content {
  const named = ident(mcp.name) ?? ident((str(unit.model) ?? '').replace(/^MCP: /, ''));
  const call = toolCall(unit.litellm_call_id ?? unit.id, named, mcp.arguments, mcp.mcp_server_name);
  const thread = new Thread();
  thread.addCalls([call]);
  const result = Object.keys(obj(unit.response)).length > 0 ? unit.response : (mcp.result ?? arr(unit.response)[0]);
  const given = typeof unit.response === 'string' ? unit.response : result;
  if (given !== undefined && given !== null) {
    thread.addResult({
      callId: call.id === '' ? undefined : call.id,
      name: named,
      ...resultText(given),
      error: toolFailed(unit),
    });
  }
  return { input: [], output: thread.messages, tools: [] };
}
