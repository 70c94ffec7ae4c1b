/**
 * Azure API Management: `GatewayLogs` (with bodies where body logging is on), `GatewayLlmLogs` and `GatewayMCPLogs`.
 *
 * Identity: GatewayLogs give the client address and, where logged, `userId` or `apimSubscriptionId` (as `apim:<id>`, since the key is not
 * logged); LLM logs have neither and are joined on `CorrelationId`, which is the id of all three. MCP logs have a session, the client's name
 * as agent and how it authenticated. A gateway request that is no model call is not a call.
 * Casing in `properties` is unverified: camelCase and PascalCase are read alike. Request and response of one LLM call are separate entries,
 * split in chunks over 32 KB; those that come in one record are joined (azure-llm-logs.ts).
 */
import type { Event } from '../model/event.ts';
import { statusOf } from './answer.ts';
import { azureProperties, resourceName } from './azure-openai.ts';
import { type Context, eventTime, type Format, makeEvent } from './contract.ts';
import { readExchange } from './exchange.ts';
import { addressOf, firstIdent, hostOf, httpStatus, ident, pathOf } from './identity.ts';
import { Thread } from './messages.ts';
import { isModelPath } from './model-path.ts';
import { bodyEvent } from './pair.ts';
import { toolCall } from './parts.ts';
import { amount, count, type Obj, streamed } from './read.ts';
import { recordId } from './record-id.ts';
import { timeOf } from './time.ts';

const CATEGORIES = new Set<unknown>(['GatewayLogs', 'GatewayLlmLogs', 'GatewayLlmLog', 'GatewayMCPLogs']);

export const azureApim: Format = {
  id: 'azure-apim',
  family: 'azure',
  kind: 'json',
  recognise: (unit) =>
    CATEGORIES.has(unit.category) ||
    unit.Type === 'ApiManagementGatewayLlmLog' ||
    unit.Type === 'ApiManagementGatewayMCPLog',
  toEvents: (unit, context) => {
    // A Log Analytics row has the fields at its top, a diagnostic record in properties.
    const properties = { ...unit, ...azureProperties(unit, context) };
    if (unit.category === 'GatewayLogs') return gatewayEvent(unit, properties, context);
    const name = `${ident(unit.category) ?? ''}${ident(unit.Type) ?? ''}`;
    return [name.includes('MCP') ? mcpEvent(unit, properties, context) : llmEvent(unit, properties, context)];
  },
};

/** A field in either casing. */
function field(properties: Obj, name: string): unknown {
  return properties[name] ?? properties[(name[0] as string).toLowerCase() + name.slice(1)];
}

function common(unit: Obj, p: Obj, context: Context) {
  return {
    id: firstIdent(unit.correlationId, field(p, 'CorrelationId'), field(p, 'RequestId')) ?? recordId(unit),
    time: eventTime(context, timeOf(unit.time), timeOf(field(p, 'TimeGenerated'))),
  };
}

function gatewayEvent(unit: Obj, p: Obj, context: Context): Event[] {
  const operation = ident(p.operationId) ?? '';
  if (
    !isModelPath(pathOf(p.url) ?? pathOf(p.backendUrl)) &&
    !/completions|embeddings|responses|messages/i.test(operation)
  ) {
    return [];
  }
  const exchange = readExchange(
    p.requestBody ?? p.backendRequestBody,
    p.responseBody ?? p.backendResponseBody,
    context.budget,
  );
  const subscription = ident(p.apimSubscriptionId);
  if (/embeddings/i.test(`${operation}${pathOf(p.url) ?? ''}`)) exchange.operation = 'embeddings';
  return [
    bodyEvent('azure-apim', context, exchange, {
      ...common(unit, p, context),
      principal: firstIdent(p.userId, exchange.principal),
      credential: subscription === undefined ? undefined : `apim:${subscription}`,
      endpoint: hostOf(p.backendUrl) ?? hostOf(p.url),
      route: pathOf(p.url),
      clientAddress: addressOf(unit.callerIpAddress),
      provider: 'azure.ai.openai',
      httpStatus: httpStatus(p.responseCode),
      durationMs: amount(unit.durationMs),
    }),
  ];
}

function llmEvent(unit: Obj, p: Obj, context: Context): Event {
  const asked = field(p, 'RequestMessages');
  const answered = field(p, 'ResponseMessages');
  const exchange = readExchange(
    Array.isArray(asked) ? { messages: asked } : asked,
    Array.isArray(answered) ? { choices: answered.map((message) => ({ message })) } : answered,
    context.budget,
  );
  return bodyEvent('azure-apim', context, exchange, {
    ...common(unit, p, context),
    endpoint: resourceName(unit.resourceId ?? p._ResourceId),
    route: ident(field(p, 'OperationName')),
    provider: 'azure.ai.openai',
    model: firstIdent(field(p, 'ModelName'), field(p, 'DeploymentName')),
    inputTokens: count(field(p, 'PromptTokens')),
    outputTokens: count(field(p, 'CompletionTokens')),
    stream: streamed(field(p, 'IsStreamCompletion')),
  });
}

function mcpEvent(unit: Obj, p: Obj, context: Context): Event {
  const tool = ident(field(p, 'ToolName'));
  const method = ident(field(p, 'Method'));
  const failure = ident(field(p, 'ErrorType')) ?? (ident(field(p, 'Error')) === undefined ? undefined : 'error');
  const kind = ident(field(p, 'AuthenticationMethod'));
  const isCall = tool !== undefined || method === 'tools/call';
  const thread = new Thread();
  const facts = common(unit, p, context);
  if (isCall) thread.addCalls([toolCall(facts.id, tool, undefined, field(p, 'ServerName'))]);
  return makeEvent('azure-apim', context, {
    ...facts,
    operation: isCall ? 'tool' : 'access',
    session: ident(field(p, 'SessionId')),
    credentialKind: kind === 'oauth2' ? 'temporary' : kind === 'api_key' ? 'static' : undefined,
    agent: ident(field(p, 'ClientName')),
    agentVersion: ident(field(p, 'ClientVersion')),
    endpoint: hostOf(field(p, 'McpServerEndpoint')) ?? ident(field(p, 'ServerName')),
    route: method,
    clientAddress: addressOf(unit.callerIpAddress),
    status:
      failure === undefined ? statusOf(undefined) : /unauthori|forbidden|auth/i.test(failure) ? 'denied' : 'error',
    errorType: failure,
    input: [],
    output: thread.messages,
    tools: [],
  });
}
