/** Events of spans and log records: a model call, an executed tool, and content that attributes hold as text or structured. */
import type { Event, Message } from '../model/event.ts';
import { type Context, makeEvent } from './contract.ts';
import { firstIdent } from './identity.ts';
import { Thread } from './messages.ts';
import type { LogRecord, Span } from './otlp.ts';
import { tryJson } from './parse.ts';
import { resultText, toolCall } from './parts.ts';
import { count, first, type Obj, str, streamed } from './read.ts';
import { spanFacts } from './span-facts.ts';
import { readTools } from './tools.ts';

export interface ChatContent {
  input: Message[];
  output: Message[];
  tools: Event['tools'];
}

/** Event of a model call from its attributes and content. */
export function chatEvent(
  format: string,
  unit: Span | LogRecord,
  context: Context,
  embeddings: boolean,
  content: ChatContent,
): Event {
  const a = unit.attributes;
  return makeEvent(format, context, {
    operation: embeddings ? 'embeddings' : 'chat',
    ...spanFacts(unit, context),
    provider: firstIdent(a['gen_ai.provider.name'], a['gen_ai.system']),
    model: firstIdent(a['gen_ai.response.model'], a['gen_ai.request.model']),
    inputTokens: count(first(a['gen_ai.usage.input_tokens'], a['gen_ai.usage.prompt_tokens'])),
    outputTokens: count(first(a['gen_ai.usage.output_tokens'], a['gen_ai.usage.completion_tokens'])),
    stream: streamed(first(a['gen_ai.request.stream'], a['gen_ai.is_streaming'], a['llm.is_streaming'])),
    ...content,
  });
}

/** Structured content of an attribute that may hold it as JSON text. */
export function structured(value: unknown, context: Context): unknown {
  const text = str(value);
  if (text === undefined || (!text.startsWith('[') && !text.startsWith('{'))) return value;
  return tryJson(text, context.budget, 'attribute') ?? value;
}

/** Content under the `gen_ai.*` names, current and older. */
export function genAiContent(a: Obj, context: Context): ChatContent {
  const history = new Thread().add(structured(first(a['gen_ai.input.messages'], a['gen_ai.prompt']), context), 'user');
  const system = a['gen_ai.system_instructions'];
  if (system !== undefined) history.addSystem(structured(system, context));
  const answer = first(a['gen_ai.output.messages'], a['gen_ai.completion']);
  const output = new Thread(history).add(structured(answer, context), 'assistant');
  return {
    input: history.messages,
    output: output.messages,
    tools: readTools(structured(first(a['gen_ai.tool.definitions'], a['gen_ai.request.tools']), context)),
  };
}

/** What a span tells about an executed tool. */
export interface ToolRun {
  id: unknown;
  name: unknown;
  server?: unknown;
  arguments: unknown;
  /** Undefined when the log does not hold it. */
  result: unknown;
}

/** Event of an executed tool call. */
export function toolEvent(format: string, unit: Span | LogRecord, context: Context, run: ToolRun): Event {
  const thread = new Thread();
  const facts = spanFacts(unit, context);
  const call = toolCall(run.id ?? unit.spanId, run.name, run.arguments, run.server);
  thread.addCalls([call]);
  if (run.result !== undefined && run.result !== null) {
    thread.addResult({
      callId: call.id === '' ? undefined : call.id,
      name: call.name,
      ...resultText(run.result),
      error: facts.status !== 'ok',
    });
  }
  return makeEvent(format, context, {
    operation: 'tool',
    ...facts,
    provider: firstIdent(unit.attributes['gen_ai.provider.name'], unit.attributes['gen_ai.system']),
    input: [],
    output: thread.messages,
    tools: [],
  });
}
