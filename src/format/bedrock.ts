/**
 * AWS Bedrock `ModelInvocationLog` 1.0: Converse and InvokeModel, streamed or not.
 *
 * Identity: principal and credential are `identity.arn`, as the log names no access key: `…:user/NAME` is a long-lived key
 * (`credentialKind` static), `…:assumed-role/ROLE/SESSION` a temporary one. Session, agent and parent come from `requestMetadata`, which
 * the caller fills in. Endpoint is the region's runtime host. The log has neither client address nor user agent. Id is `requestId`.
 * Unverified in these logs and therefore read leniently: tool parts of Converse, `errorCode`, bodies left in S3 (no content then).
 */
import type { Event } from '../model/event.ts';
import { type Context, eventTime, type Format } from './contract.ts';
import { readExchange } from './exchange.ts';
import { callerOf, firstIdent, ident } from './identity.ts';
import { bodyEvent } from './pair.ts';
import { amount, count, isObj, type Obj, obj, str } from './read.ts';
import { recordId } from './record-id.ts';
import { timeOf } from './time.ts';

export const bedrock: Format = {
  id: 'bedrock',
  kind: 'json',
  recognise: (unit) => unit.schemaType === 'ModelInvocationLog',
  toEvents: (unit, context) => [read(unit, context)],
};

function read(unit: Obj, context: Context): Event {
  const input = obj(unit.input);
  const output = obj(unit.output);
  // Some forwarders lift system and messages out of the request body.
  const request = isObj(input.inputBodyJson)
    ? input.inputBodyJson
    : (str(input.inputBodyJson) ??
      (unit.messages === undefined ? undefined : { messages: unit.messages, system: unit.system }));
  const exchange = readExchange(request, output.outputBodyJson, context.budget);
  const arn = ident(obj(unit.identity).arn);
  const caller = callerOf(obj(unit.requestMetadata));
  const failed = ident(unit.errorCode);
  const region = ident(unit.inferenceRegion) ?? ident(unit.region);
  if (failed !== undefined && exchange.status === 'ok') {
    exchange.status = /access_?denied|unauthorized|forbidden|expired_?token/i.test(failed) ? 'denied' : 'error';
    exchange.errorType = failed;
  }
  if (ident(unit.modelId)?.includes('embed')) exchange.operation = 'embeddings';
  return bodyEvent('bedrock', context, exchange, {
    id: ident(unit.requestId) ?? exchange.id ?? recordId(unit),
    time: eventTime(context, timeOf(unit.timestamp)),
    principal: arn,
    credential: arn,
    credentialKind: arn === undefined ? undefined : kindOf(arn),
    session: caller.session,
    agent: caller.agent,
    agentVersion: caller.agentVersion,
    parent: caller.parent,
    team: ident(unit.accountId),
    endpoint: region === undefined ? undefined : `bedrock-runtime.${region.toLowerCase()}.amazonaws.com`,
    route: ident(unit.operation),
    provider: 'aws.bedrock',
    model: firstIdent(unit.modelId),
    inputTokens: count(input.inputTokenCount),
    outputTokens: count(output.outputTokenCount),
    durationMs: amount(obj(obj(output.outputBodyJson).metrics).latencyMs),
    stream: STREAM_OF.get(ident(unit.operation) ?? ''),
  });
}

const STREAM_OF = new Map([
  ['ConverseStream', true],
  ['InvokeModelWithResponseStream', true],
  ['Converse', false],
  ['InvokeModel', false],
]);

function kindOf(arn: string): 'static' | 'temporary' | undefined {
  if (/:iam::\d*:user\//.test(arn)) return 'static';
  return /:sts::\d*:(assumed-role|federated-user)\//.test(arn) ? 'temporary' : undefined;
}
