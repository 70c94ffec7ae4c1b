/**
 * Cloudflare: AI Gateway logs (Logpush and API) and MCP portal logs. No recorded samples; the list of clear fields of a Logpush record is
 * unverified, so snake case and Pascal case are read alike.
 *
 * Identity: the gateway log names nobody but what the operator put into `metadata` (`user`, `user_id`, `session_id`, `agent`, `team`), which
 * Logpush encrypts together with the bodies; encrypted parts are not read. Portal logs name user, session, client address and server.
 * Id is `id`; a portal log has none, so it is a hash of the record.
 */
import type { Event } from '../model/event.ts';
import { type Context, eventTime, type Format, makeEvent } from './contract.ts';
import { readExchange } from './exchange.ts';
import { addressOf, callerOf, firstIdent, hostOf, httpStatus, ident, pathOf } from './identity.ts';
import { Thread } from './messages.ts';
import { bodyEvent } from './pair.ts';
import { toolCall } from './parts.ts';
import { amount, bool, count, first, isObj, type Obj, obj } from './read.ts';
import { recordId } from './record-id.ts';
import { timeOf } from './time.ts';

export const cloudflare: Format = {
  id: 'cloudflare',
  kind: 'json',
  recognise: (unit) =>
    (unit.tokens_in !== undefined && unit.provider !== undefined) ||
    (unit.TokensIn !== undefined && unit.Provider !== undefined) ||
    isSealed(unit.RequestBody) ||
    isSealed(unit.request_body),
  toEvents: (unit, context) => {
    const field = (snake: string, pascal: string): unknown => first(unit[snake], unit[pascal]);
    const metadata = open(field('metadata', 'Metadata'));
    const caller = callerOf(obj(metadata));
    const exchange = readExchange(
      open(field('request_body', 'RequestBody')),
      open(field('response_body', 'ResponseBody')),
      context.budget,
    );
    if (bool(field('success', 'Success')) === false && exchange.status === 'ok') {
      exchange.status = 'error';
      exchange.errorType = 'error';
    }
    const code = httpStatus(field('status_code', 'StatusCode'));
    if (code === 401 || code === 403) exchange.status = 'denied';
    const path = field('path', 'Path');
    return [
      bodyEvent('cloudflare', context, exchange, {
        id: firstIdent(unit.id, unit.Id, unit.ID) ?? recordId(unit),
        time: eventTime(context, timeOf(field('created_at', 'CreatedAt')), timeOf(unit.Datetime)),
        principal: firstIdent(obj(metadata).user, obj(metadata).user_id, exchange.principal),
        session: caller.session ?? exchange.session,
        agent: caller.agent,
        parent: caller.parent,
        team: ident(obj(metadata).team),
        endpoint: hostOf(field('endpoint', 'Endpoint')),
        route: pathOf(path) ?? ident(path),
        provider: ident(field('provider', 'Provider')),
        model: ident(field('model', 'Model')),
        httpStatus: code,
        inputTokens: count(field('tokens_in', 'TokensIn')),
        outputTokens: count(field('tokens_out', 'TokensOut')),
        costUsd: amount(field('cost', 'Cost')),
        durationMs: amount(field('duration', 'Duration')),
      }),
    ];
  },
};

/** An encrypted part: `{key, iv, data}`. */
function isSealed(value: unknown): boolean {
  return isObj(value) && typeof value.iv === 'string' && typeof value.data === 'string';
}

function open(value: unknown): unknown {
  return isSealed(value) ? undefined : value;
}

export const cloudflarePortal: Format = {
  id: 'cloudflare-mcp-portal',
  family: 'cloudflare',
  kind: 'json',
  recognise: (unit) =>
    unit.Datetime !== undefined &&
    unit.Method !== undefined &&
    (unit.ServerID !== undefined || unit.ServerURL !== undefined),
  toEvents: (unit, context) => {
    const method = ident(unit.Method) ?? '';
    const read = method === 'resources/read' || method === 'prompts/get';
    if (method !== 'tools/call' && !read) return method.endsWith('/list') ? [portalEvent(unit, false, context)] : [];
    return [portalEvent(unit, true, context)];
  },
};

function portalEvent(unit: Obj, isTool: boolean, context: Context): Event {
  const id = recordId(unit);
  const thread = new Thread();
  const method = ident(unit.Method);
  const name = method === 'tools/call' ? ident(unit.ToolCallName) : method;
  const target = first(unit.ResourceReadURI, unit.PromptGetName);
  if (isTool) thread.addCalls([toolCall(id, name, target === undefined ? undefined : { target }, unit.ServerID)]);
  const failed = bool(unit.Success) === false;
  return makeEvent('cloudflare-mcp-portal', context, {
    id,
    time: eventTime(context, timeOf(unit.Datetime)),
    operation: isTool ? 'tool' : 'access',
    principal: firstIdent(unit.UserEmail, unit.UserID),
    session: ident(unit.SessionID),
    endpoint: hostOf(unit.ServerURL),
    route: method,
    clientAddress: addressOf(unit.ClientIP),
    status: failed ? (/unauthori|forbidden|denied/i.test(ident(unit.Error) ?? '') ? 'denied' : 'error') : 'ok',
    errorType: failed ? 'error' : undefined,
    durationMs: amount(unit.ServerResponseDurationMs),
    input: [],
    output: thread.messages,
    tools: [],
  });
}
