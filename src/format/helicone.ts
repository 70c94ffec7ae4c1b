/**
 * Helicone's internal message `{authorization, heliconeMeta, log}` (no recorded sample; the topic's name is unverified). It holds no bodies,
 * which are in object storage; where a bridge adds `log.request.body` and `log.response.body` they are read.
 *
 * Identity: principal is `log.request.userId`, credential the hash of the raw `authorization` value, session the property
 * `Helicone-Session-Id`. Id is `log.request.id`.
 */
import { eventTime, type Format } from './contract.ts';
import { readExchange } from './exchange.ts';
import { callerOf, credentialOf, firstIdent, hostOf, httpStatus, ident, pathOf } from './identity.ts';
import { bodyEvent } from './pair.ts';
import { amount, isObj, obj, streamed } from './read.ts';
import { recordId } from './record-id.ts';
import { timeOf } from './time.ts';

export const helicone: Format = {
  id: 'helicone',
  kind: 'json',
  recognise: (unit) =>
    isObj(unit.log) && isObj(unit.log.request) && (unit.heliconeMeta !== undefined || unit.authorization !== undefined),
  toEvents: (unit, context) => {
    const request = obj(obj(unit.log).request);
    const response = obj(obj(unit.log).response);
    const meta = obj(unit.heliconeMeta);
    const properties = obj(request.properties);
    const caller = callerOf(properties);
    const exchange = readExchange(request.body, response.body, context.budget);
    const id = ident(request.id);
    return [
      bodyEvent('helicone', context, exchange, {
        id: id ?? recordId(unit.log),
        time: eventTime(context, timeOf(response.responseCreatedAt), timeOf(request.requestCreatedAt)),
        principal: firstIdent(request.userId, exchange.principal),
        credential: credentialOf(unit.authorization),
        session: firstIdent(properties['Helicone-Session-Id'], caller.session, exchange.session),
        agent: firstIdent(caller.agent, properties['Helicone-Session-Name']),
        parent: caller.parent,
        endpoint: hostOf(request.targetUrl),
        route: pathOf(request.path) ?? pathOf(request.targetUrl),
        provider: ident(request.provider)?.toLowerCase(),
        model: firstIdent(meta.modelOverride, meta.providerModelId, meta.gatewayModel),
        httpStatus: httpStatus(response.status),
        guardrail: request.threat === true ? 'flagged' : exchange.guardrail,
        costUsd: amount(response.cost),
        durationMs: amount(response.delayMs),
        stream: streamed(request.isStream),
      }),
    ];
  },
};
