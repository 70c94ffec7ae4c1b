/** The request and response as HTTP gateways serialise them (Kong, APISIX): who, where, when, with what outcome. */
import { clientOf } from './client-address.ts';
import type { Context } from './contract.ts';
import { firstIdent, headerFacts, hostOf, httpStatus, ident, pathOf } from './identity.ts';
import { amount, type Obj, obj } from './read.ts';
import { timeOf } from './time.ts';

/**
 * Principal is the gateway's consumer, credential the hash of a key header that was not blanked. The client address is the one the gateway
 * itself determined; its forwarded header is believed as far as proxies are trusted.
 */
export function httpFacts(unit: Obj, context: Context) {
  const request = obj(unit.request);
  const response = obj(unit.response);
  const consumer = obj(unit.consumer);
  const headers = headerFacts(request.headers);
  const latency = amount(unit.latency) ?? amount(obj(unit.latencies).request);
  const start = timeOf(unit.started_at) ?? timeOf(unit.start_time);
  return {
    requestId: firstIdent(request.id, unit.request_id, headers.requestId),
    time: start === undefined ? undefined : start + Math.round(latency ?? 0),
    principal: firstIdent(
      consumer.username,
      consumer.custom_id,
      consumer.id,
      obj(unit.authenticated_entity).consumer_id,
    ),
    credential: headers.credential,
    session: headers.session,
    userAgent: headers.userAgent,
    endpoint:
      hostOf(unit.upstream_uri) ?? hostOf(obj(unit.service).host) ?? hostOf(unit.upstream) ?? hostOf(request.url),
    route: pathOf(request.uri) ?? pathOf(request.url),
    clientAddress: clientOf(context, unit.client_ip, headers.forwarded),
    httpStatus: httpStatus(response.status),
    durationMs: latency,
    workspace: ident(unit.workspace_name),
  };
}
