/**
 * MCP JSON-RPC messages, revisions 2024-11-05 to 2025-11-25 and the stateless 2026-07-28: a request, a response, or `{request, response}`.
 *
 * A message has no identity, id or time of its own: time is the wrapper's or the carrier's, the session only what the wrapper, its headers
 * or the carrier's headers give as `mcp-session-id`, agent the `clientInfo` that 2026-07-28 sends with each request, parent and trace those
 * of `_meta.traceparent`. Nothing is invented where they are absent. Id is a hash of the message and its time, as JSON-RPC ids repeat.
 * A response alone tells the result but not the tool: it carries the JSON-RPC id of its call.
 */
import type { Event, Status } from '../model/event.ts';
import { clientOf } from './client-address.ts';
import { type Context, eventTime, type Format, makeEvent } from './contract.ts';
import { callerOf, firstIdent, headerFacts, hostOf, ident, traceparent } from './identity.ts';
import { Thread } from './messages.ts';
import { resultText, toolCall } from './parts.ts';
import { amount, isObj, type Obj, obj, str } from './read.ts';
import { recordId } from './record-id.ts';
import { timeOf } from './time.ts';
import { readTools } from './tools.ts';

const META = 'io.modelcontextprotocol/';
const READS = new Set<unknown>(['resources/read', 'prompts/get']);

function isMessage(value: unknown): boolean {
  return isObj(value) && value.jsonrpc === '2.0';
}

export const mcp: Format = {
  id: 'mcp',
  kind: 'json',
  recognise: (unit) => isMessage(unit) || isMessage(unit.request) || isMessage(unit.response),
  toEvents: (unit, context) => {
    const wrapper = isMessage(unit) ? {} : unit;
    const request = isMessage(unit) ? (unit.method === undefined ? {} : unit) : obj(unit.request);
    const response = isMessage(unit) ? (unit.method === undefined ? unit : {}) : obj(unit.response);
    return read(unit, wrapper, request, response, context);
  },
};

function read(unit: Obj, wrapper: Obj, request: Obj, response: Obj, context: Context): Event[] {
  const result = obj(response.result);
  const listing = Array.isArray(result.tools);
  const call = request.method === 'tools/call' || READS.has(request.method);
  const answer = request.method === undefined && (response.error !== undefined || isToolResult(result));
  if (!call && !answer && !listing && !(str(request.method) ?? '').endsWith('/list')) return [];
  const facts = factsOf(unit, wrapper, request, response, context);
  if (!call && !answer) {
    const tools = readTools(result.tools);
    return [makeEvent('mcp', context, { ...facts, operation: 'access', status: 'ok', input: [], output: [], tools })];
  }
  const { status, errorType } = outcomeOf(response, result);
  const output = messagesOf(request, response, result);
  return [makeEvent('mcp', context, { ...facts, operation: 'tool', status, errorType, input: [], output, tools: [] })];
}

function isToolResult(result: Obj): boolean {
  return Array.isArray(result.content) || result.structuredContent !== undefined || result.isError !== undefined;
}

function factsOf(unit: Obj, wrapper: Obj, request: Obj, response: Obj, context: Context) {
  const meta = obj(obj(request.params)._meta);
  const client = obj(meta[`${META}clientInfo`]);
  const caller = callerOf(wrapper);
  const headers = headerFacts(wrapper.headers);
  const link = traceparent(meta.traceparent ?? context.headers.traceparent);
  const time = eventTime(context, timeOf(wrapper.time), timeOf(wrapper.timestamp), timeOf(unit.timestamp));
  return {
    id: firstIdent(wrapper.id) ?? recordId(unit, time),
    time,
    principal: firstIdent(wrapper.user, wrapper.principal),
    credential: headers.credential,
    session: caller.session ?? headers.session ?? ident(context.headers['mcp-session-id']),
    agent: caller.agent ?? ident(client.name),
    agentVersion: caller.agent === undefined ? ident(client.version) : caller.agentVersion,
    parent: caller.parent ?? link.span,
    trace: link.trace,
    endpoint: hostOf(wrapper.url) ?? serverOf(response),
    route: ident(request.method),
    clientAddress: clientOf(context, wrapper.client_ip, headers.forwarded),
    userAgent: headers.userAgent,
    durationMs: amount(wrapper.duration_ms),
  };
}

function serverOf(response: Obj): string | undefined {
  return ident(obj(obj(obj(response.result)._meta)[`${META}serverInfo`]).name);
}

function messagesOf(request: Obj, response: Obj, result: Obj) {
  const thread = new Thread();
  const params = obj(request.params);
  const id = ident(request.id ?? response.id);
  const name = request.method === 'tools/call' ? ident(params.name) : ident(request.method);
  if (request.method !== undefined) {
    const args = request.method === 'tools/call' ? params.arguments : { uri: params.uri, name: params.name };
    thread.addCalls([toolCall(id, name, args, serverOf(response))]);
  }
  if (response.error !== undefined && response.error !== null) {
    thread.addResult({ callId: id, name, text: str(obj(response.error).message) ?? '', attachments: 0, error: true });
  } else if (response.result !== undefined) {
    const content = Array.isArray(result.contents)
      ? result.contents
      : Array.isArray(result.messages)
        ? result.messages.map((message) => obj(message).content)
        : result;
    thread.addResult({ callId: id, name, ...resultText(content), error: result.isError === true });
  }
  return thread.messages;
}

function outcomeOf(response: Obj, result: Obj): { status: Status; errorType: string | undefined } {
  const code = ident(obj(response.error).code);
  if (response.error !== undefined && response.error !== null) {
    return { status: code === '401' || code === '403' ? 'denied' : 'error', errorType: code ?? 'error' };
  }
  return result.isError === true
    ? { status: 'error', errorType: 'tool_error' }
    : { status: 'ok', errorType: undefined };
}
