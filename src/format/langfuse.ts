/**
 * Langfuse ingestion batches. A call is split over `generation-create` and `generation-update`, joined here by `body.id`; those that arrive
 * in different batches give two Events of the same id. Newer SDKs send OTLP instead.
 *
 * Identity: principal and session are `userId` and `sessionId` of the call's trace, agent the trace's name; only what the same batch holds.
 * The batch's `public_key` names the Langfuse project, not a model credential. Spans, events and scores are no calls.
 */
import type { Event } from '../model/event.ts';
import { readOutput } from './answer.ts';
import { type Context, eventTime, type Format, makeEvent } from './contract.ts';
import { readInput } from './exchange.ts';
import { callerOf, firstIdent, ident } from './identity.ts';
import { Thread } from './messages.ts';
import { resultText, toolCall } from './parts.ts';
import { amount, arr, count, first, isObj, type Obj, obj, str, streamed } from './read.ts';
import { recordId } from './record-id.ts';
import { timeOf } from './time.ts';
import { readTools } from './tools.ts';

const CALL_TYPE = /^(generation|embedding|tool|retriever)-(create|update)$/;

interface Observation {
  id: string;
  kind: string;
  body: Record<string, unknown>;
  timestamp: unknown;
}

export const langfuse: Format = {
  id: 'langfuse',
  kind: 'json',
  recognise: (unit) => Array.isArray(unit.batch) && isObj(unit.batch[0]) && typeof unit.batch[0].type === 'string',
  toEvents: (unit, context) => {
    const traces = new Map<string, Obj>();
    const observations = new Map<string, Observation>();
    for (const entry of arr(unit.batch)) collect(obj(entry), traces, observations);
    return [...observations.values()].map((observation) => read(observation, traces, context));
  },
};

function collect(entry: Obj, traces: Map<string, Obj>, observations: Map<string, Observation>): void {
  const body = obj(entry.body);
  const type = str(entry.type) ?? '';
  if (type === 'trace-create') {
    const id = ident(body.id);
    if (id !== undefined) traces.set(id, body);
    return;
  }
  const legacy = /^observation-(create|update)$/.test(type) && ident(body.type)?.toUpperCase() === 'GENERATION';
  const match = legacy ? ['', 'generation'] : CALL_TYPE.exec(type);
  if (!match) return;
  const id = ident(body.id) ?? recordId(entry);
  const known = observations.get(id) ?? { id, kind: match[1] as string, body: {}, timestamp: undefined };
  observations.set(id, known);
  known.timestamp = first(entry.timestamp, known.timestamp);
  for (const key in body) if (body[key] !== undefined && body[key] !== null) known.body[key] = body[key];
}

function read({ id, kind, body, timestamp }: Observation, traces: Map<string, Obj>, context: Context): Event {
  const trace = obj(traces.get(ident(body.traceId) ?? ''));
  const caller = callerOf(obj(body.metadata), obj(trace.metadata));
  const usage = isObj(body.usageDetails) ? body.usageDetails : obj(body.usage);
  const start = timeOf(body.startTime);
  const end = timeOf(body.endTime);
  const failed = body.level === 'ERROR';
  const isTool = kind === 'tool' || kind === 'retriever';
  return makeEvent('langfuse', context, {
    id,
    time: eventTime(context, end, start, timeOf(timestamp)),
    operation: isTool ? 'tool' : kind === 'embedding' ? 'embeddings' : 'chat',
    principal: firstIdent(trace.userId, body.userId),
    session: firstIdent(trace.sessionId, body.sessionId, caller.session),
    parent: firstIdent(body.parentObservationId, caller.parent),
    trace: ident(body.traceId),
    agent: firstIdent(caller.agent, trace.name),
    agentVersion: firstIdent(caller.agentVersion, body.version, trace.version),
    team: firstIdent(obj(trace.metadata).team),
    model: isTool ? undefined : ident(body.model),
    status: failed ? 'error' : 'ok',
    errorType: failed ? 'error' : undefined,
    inputTokens: count(first(usage.input, usage.promptTokens, usage.prompt_tokens)),
    outputTokens: count(first(usage.output, usage.completionTokens, usage.completion_tokens)),
    costUsd: amount(first(obj(body.costDetails).total, usage.totalCost)),
    durationMs: start !== undefined && end !== undefined && end >= start ? end - start : undefined,
    stream: isTool ? undefined : streamed(obj(body.modelParameters).stream ?? obj(body.input).stream),
    ...(isTool ? toolContent(id, body) : chatContent(body)),
  });
}

function chatContent(body: Obj): Pick<Event, 'input' | 'output' | 'tools'> {
  const asked = obj(body.input);
  const history = asked.messages === undefined ? new Thread().add(body.input, 'user') : readInput(asked);
  const answer = body.output;
  const isMessage = isObj(answer) && answer.role !== undefined;
  return {
    input: history.messages,
    output: isMessage ? new Thread(history).add(answer, 'assistant').messages : readOutput(answer, history),
    tools: readTools(asked.tools ?? obj(body.modelParameters).tools),
  };
}

function toolContent(id: string, body: Obj): Pick<Event, 'input' | 'output' | 'tools'> {
  const thread = new Thread();
  const name = ident(body.name);
  thread.addCalls([toolCall(id, name, body.input)]);
  if (body.output !== undefined)
    thread.addResult({ callId: id, name, ...resultText(body.output), error: body.level === 'ERROR' });
  return { input: [], output: thread.messages, tools: [] };
}
