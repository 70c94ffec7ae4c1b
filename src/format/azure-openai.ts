/**
 * Azure OpenAI diagnostic logs, categories `RequestResponse` and `Audit` (listing of keys; its fields are unverified).
 *
 * Identity: principal is `properties.objectId`, the caller's Entra object; it is empty for calls with an API key (reading unverified), and
 * then the record names nobody. Endpoint is the account's name from `resourceId`. The client address has its last octet masked by Azure.
 * Id is `correlationId`. These logs never hold a prompt or an answer. Operations that call no model (threads, files, deployments) are
 * `access`.
 */
import type { Event } from '../model/event.ts';
import { statusOf } from './answer.ts';
import { type Context, eventTime, type Format, makeEvent } from './contract.ts';
import { addressOf, firstIdent, httpStatus, ident } from './identity.ts';
import { tryJson } from './parse.ts';
import { amount, isObj, type Obj, obj, str, streamed } from './read.ts';
import { recordId } from './record-id.ts';
import { timeOf } from './time.ts';

const MODEL_CALL =
  /^(ChatCompletions|Completions|ExtensionsChatCompletions|Responses?|Create_?Response|ImageGenerations|Audio)/i;

export const azureOpenai: Format = {
  id: 'azure-openai',
  family: 'azure',
  kind: 'json',
  recognise: (unit) =>
    (unit.category === 'RequestResponse' || unit.category === 'Audit') &&
    (unit.operationName !== undefined || unit.event !== undefined) &&
    (unit.resourceId === undefined || /\/microsoft\.cognitiveservices\//i.test(ident(unit.resourceId) ?? '')),
  toEvents: (unit, context) => [read(unit, context)],
};

/** Azure writes `properties` as an object or as JSON text. */
export function azureProperties(unit: Obj, context: Context): Obj {
  if (isObj(unit.properties)) return unit.properties;
  const text = str(unit.properties);
  return text === undefined ? {} : obj(tryJson(text, context.budget, 'properties'));
}

/** Last segment of a resource id, which is the account's or service's name. */
export function resourceName(resourceId: unknown): string | undefined {
  return ident(str(resourceId)?.split('/').at(-1)?.toLowerCase());
}

function read(unit: Obj, context: Context): Event {
  const properties = azureProperties(unit, context);
  const operationName = ident(unit.operationName) ?? '';
  const code = httpStatus(unit.resultSignature);
  const status = statusOf(code);
  const audit = unit.category === 'Audit';
  const resource = resourceName(unit.resourceId);
  return makeEvent('azure-openai', context, {
    id: ident(unit.correlationId) ?? recordId(unit),
    time: eventTime(context, timeOf(unit.time)),
    operation: audit
      ? 'admin'
      : /embedding/i.test(operationName)
        ? 'embeddings'
        : MODEL_CALL.test(operationName)
          ? 'chat'
          : 'access',
    principal: firstIdent(properties.objectId, unit.identity),
    endpoint: resource,
    route: ident(operationName),
    clientAddress: addressOf(unit.callerIpAddress),
    provider: 'azure.ai.openai',
    model: firstIdent(properties.modelName, properties.modelDeploymentName),
    status,
    errorType: status === 'ok' ? undefined : String(code),
    httpStatus: code,
    durationMs: amount(unit.durationMs),
    stream: streamed(properties.streamType),
    change: audit ? { action: operationName || 'unknown', kind: 'key', object: resource ?? 'unknown' } : undefined,
    input: [],
    output: [],
    tools: [],
  });
}
