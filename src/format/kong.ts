/**
 * Kong AI Gateway: the serialised request with `ai.<namespace>` statistics. The namespace is `proxy` in current releases and the plugin's
 * name in older ones, which also kept the request at `ai.payload.request`; each namespace with statistics is a call.
 *
 * Identity: principal is the consumer's name, credential the hash of an `apikey` or `x-api-key` header (`authorization` arrives blanked),
 * else `kong:<id>` of the authenticated entity, since the key itself is not logged. Client address is Kong's own `client_ip`.
 * Id is `request.id`, with the namespace behind it where a request made several calls.
 */
import type { Event } from '../model/event.ts';
import { type Context, eventTime, type Format } from './contract.ts';
import { readExchange } from './exchange.ts';
import { httpFacts } from './http-log.ts';
import { firstIdent, ident } from './identity.ts';
import { bodyEvent } from './pair.ts';
import { amount, count, first, isObj, type Obj, obj } from './read.ts';
import { recordId } from './record-id.ts';

/** Plugins that one request passes; more is not a configuration. */
const MAX_SPACES = 16;

export const kong: Format = {
  id: 'kong',
  kind: 'json',
  recognise: (unit) => isObj(unit.ai) && Object.values(unit.ai).some(isSpace),
  toEvents: (unit, context) => {
    const ai = obj(unit.ai);
    const spaces = Object.keys(ai)
      .filter((name) => isSpace(ai[name]))
      .slice(0, MAX_SPACES);
    const facts = httpFacts(unit, context);
    const id = facts.requestId ?? recordId(unit);
    return spaces.map((name) => read(unit, name, facts, spaces.length > 1 ? `${id}/${name}` : id, context));
  },
};

function isSpace(value: unknown): boolean {
  return isObj(value) && (isObj(value.meta) || isObj(value.usage));
}

function read(unit: Obj, name: string, facts: ReturnType<typeof httpFacts>, id: string, context: Context): Event {
  const ai = obj(unit.ai);
  const space = obj(ai[name]);
  const meta = obj(space.meta);
  const usage = obj(space.usage);
  const payload = obj(space.payload);
  const exchange = readExchange(first(payload.request, obj(ai.payload).request), payload.response, context.budget);
  const entity = ident(obj(unit.authenticated_entity).id);
  return bodyEvent('kong', context, exchange, {
    id: ident(id) ?? id,
    time: eventTime(context, facts.time, exchange.time),
    principal: facts.principal ?? exchange.principal,
    credential: facts.credential ?? (entity === undefined ? undefined : `kong:${entity}`),
    session: facts.session ?? exchange.session,
    team: facts.workspace,
    endpoint: facts.endpoint,
    route: facts.route,
    clientAddress: facts.clientAddress,
    userAgent: facts.userAgent,
    provider: ident(meta.provider_name),
    model: firstIdent(meta.response_model, meta.request_model),
    httpStatus: facts.httpStatus,
    inputTokens: count(first(usage.prompt_tokens, usage.prompt_token)),
    outputTokens: count(first(usage.completion_tokens, usage.completion_token)),
    costUsd: amount(usage.cost),
    durationMs: amount(meta.llm_latency) ?? facts.durationMs,
  });
}
