/**
 * OpenTelemetry GenAI: spans and log events with `gen_ai.*` and `mcp.*` attributes, current names and those they replaced.
 *
 * Content is opt-in and may be on the span (JSON text or structured), on the event `gen_ai.client.inference.operation.details`, or both;
 * span and event of one call have the same id. Identity: see span-facts.ts. Spans that only surround calls (`invoke_workflow`, `plan`,
 * an in-process `invoke_agent`) are no calls: the calls inside have spans of their own. A `retrieval` is the execution of a tool of that
 * name whose result is the documents.
 */
import type { Event, Message } from '../model/event.ts';
import { type Context, type Format, makeEvent } from './contract.ts';
import { firstIdent, ident } from './identity.ts';
import { Thread } from './messages.ts';
import type { LogRecord, Span } from './otlp.ts';
import { tryJson } from './parse.ts';
import { resultText, toolCall } from './parts.ts';
import { count, first, type Obj, str } from './read.ts';
import { spanFacts } from './span-facts.ts';
import { readTools } from './tools.ts';

const AROUND = new Set(['invoke_workflow', 'plan', 'create_memory', 'search_memory', 'update_memory', 'delete_memory']);
const MCP_READS = new Set(['resources/read', 'prompts/get']);

export function isGenAi(unit: Obj): boolean {
  const a = unit.attributes as Obj;
  return (
    a['gen_ai.operation.name'] !== undefined ||
    a['gen_ai.provider.name'] !== undefined ||
    a['gen_ai.system'] !== undefined ||
    a['gen_ai.request.model'] !== undefined ||
    a['gen_ai.tool.name'] !== undefined ||
    a['gen_ai.input.messages'] !== undefined ||
    a['mcp.method.name'] !== undefined
  );
}

export const genai: Format = {
  id: 'otel-genai',
  family: 'otlp',
  kind: 'span',
  recognise: isGenAi,
  toEvents: (unit, context) => read('otel-genai', unit as Span, context),
};

/** Events that repeat no call: an evaluation, a single exception. */
const CALL_EVENTS = new Set(['', 'gen_ai.client.inference.operation.details', 'gen_ai.client.operation.exception']);

export const genaiLog: Format = {
  id: 'otel-genai',
  family: 'otlp',
  kind: 'log',
  recognise: isGenAi,
  toEvents: (unit, context) =>
    CALL_EVENTS.has((unit as LogRecord).eventName) ? read('otel-genai', unit as LogRecord, context) : [],
};

function read(format: string, unit: Span | LogRecord, context: Context): Event[] {
  const a = unit.attributes;
  const operation = ident(a['gen_ai.operation.name']) ?? ident(a['llm.request.type']);
  const method = ident(a['mcp.method.name']);
  const isTool = operation === 'execute_tool' || operation === 'tools/call' || method === 'tools/call';
  if (isTool) return [toolEvent(format, unit, context, toolOf(unit, context))];
  if (operation === 'retrieval') return [toolEvent(format, unit, context, retrievalOf(a, context))];
  if (method !== undefined) return mcpEvent(format, unit, context, method);
  if (operation === 'create_agent') return [agentMade(format, unit, context)];
  if (operation !== undefined && AROUND.has(operation)) return [];
  if (operation === 'invoke_agent' && 'spanKind' in unit && unit.spanKind !== 3) return [];
  return [chatEvent(format, unit, context, operation === 'embeddings', genAiContent(a, context))];
}

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
    ...content,
  });
}

/** Structured content of an attribute that may hold it as JSON text. */
export function structured(value: unknown, context: Context): unknown {
  const text = str(value);
  if (text === undefined || (!text.startsWith('[') && !text.startsWith('{'))) return value;
  return tryJson(text, context.budget, 'attribute') ?? value;
}

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

export interface ToolRun {
  id: unknown;
  name: unknown;
  server?: unknown;
  arguments: unknown;
  /** Undefined when the log does not hold it. */
  result: unknown;
}

function toolOf(unit: Span | LogRecord, context: Context): ToolRun {
  const a = unit.attributes;
  const named = str('name' in unit ? unit.name : undefined)?.replace(/^(execute_tool|tools\/call)\s+/, '');
  return {
    id: a['gen_ai.tool.call.id'] ?? a['jsonrpc.request.id'],
    name: firstIdent(a['gen_ai.tool.name'], a['mcp.tool.name'], named),
    server: a['mcp.server.name'],
    arguments: a['gen_ai.tool.call.arguments'],
    result: structured(a['gen_ai.tool.call.result'], context),
  };
}

function retrievalOf(a: Obj, context: Context): ToolRun {
  const query = a['gen_ai.retrieval.query.text'];
  return {
    id: undefined,
    name: firstIdent(a['gen_ai.data_source.id']) ?? 'retrieval',
    arguments: query === undefined ? undefined : { query },
    result: structured(a['gen_ai.retrieval.documents'], context),
  };
}

/** Event of an executed tool call. */
export function toolEvent(format: string, unit: Span | LogRecord, context: Context, run: ToolRun): Event {
  const thread = new Thread();
  const call = toolCall(run.id ?? unit.spanId, run.name, run.arguments, run.server);
  thread.addCalls([call]);
  if (run.result !== undefined && run.result !== null) {
    thread.addResult({ callId: call.id === '' ? undefined : call.id, name: call.name, ...resultText(run.result) });
  }
  return makeEvent(format, context, {
    operation: 'tool',
    ...spanFacts(unit, context),
    provider: firstIdent(unit.attributes['gen_ai.provider.name'], unit.attributes['gen_ai.system']),
    input: [],
    output: thread.messages,
    tools: [],
  });
}

/** Other MCP requests: what reads content is a tool of the method's name, a listing is seen as an access, the rest is no call. */
function mcpEvent(format: string, unit: Span | LogRecord, context: Context, method: string): Event[] {
  const a = unit.attributes;
  if (MCP_READS.has(method)) {
    const target = first(a['mcp.resource.uri'], a['gen_ai.prompt.name']);
    const args = target === undefined ? undefined : method === 'prompts/get' ? { name: target } : { uri: target };
    return [
      toolEvent(format, unit, context, {
        id: a['jsonrpc.request.id'],
        name: method,
        arguments: args,
        result: undefined,
      }),
    ];
  }
  if (!method.endsWith('/list')) return [];
  return [
    makeEvent(format, context, {
      operation: 'access',
      ...spanFacts(unit, context),
      route: method,
      input: [],
      output: [],
      tools: [],
    }),
  ];
}

function agentMade(format: string, unit: Span | LogRecord, context: Context): Event {
  const a = unit.attributes;
  const object = firstIdent(a['gen_ai.agent.id'], a['gen_ai.agent.name']) ?? 'unknown';
  return makeEvent(format, context, {
    operation: 'admin',
    ...spanFacts(unit, context),
    agent: ident(unit.resource['service.name']),
    change: { action: 'created', kind: 'agent', object },
    input: [],
    output: [],
    tools: [],
  });
}
