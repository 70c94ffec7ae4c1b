/**
 * OpenTelemetry GenAI: spans and log events with `gen_ai.*` and `mcp.*` attributes, current names and those they replaced.
 *
 * Content is opt-in and may be on the span (JSON text or structured), on the event `gen_ai.client.inference.operation.details`, or both;
 * span and event of one call have the same id. Identity: see span-facts.ts. Spans that only surround calls (`invoke_workflow`, `plan`,
 * an in-process `invoke_agent`) are no calls: the calls inside have spans of their own. A `retrieval` is the execution of a tool of that
 * name whose result is the documents.
 */
import type { Event } from '../model/event.ts';
import { type Context, type Format, makeEvent } from './contract.ts';
import { firstIdent, ident } from './identity.ts';
import type { LogRecord, Span } from './otlp.ts';
import { first, type Obj, str } from './read.ts';
import { chatEvent, genAiContent, structured, type ToolRun, toolEvent } from './span-event.ts';
import { spanFacts } from './span-facts.ts';

const ID = 'otel-genai';
const AROUND = new Set(['invoke_workflow', 'plan', 'create_memory', 'search_memory', 'update_memory', 'delete_memory']);
const MCP_READS = new Set(['resources/read', 'prompts/get']);

function isGenAi(unit: Obj): boolean {
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
  id: ID,
  family: 'otlp',
  kind: 'span',
  recognise: isGenAi,
  toEvents: (unit, context) => read(unit as Span, context),
};

/** Events that repeat no call: an evaluation, a single exception. */
const CALL_EVENTS = new Set(['', 'gen_ai.client.inference.operation.details', 'gen_ai.client.operation.exception']);

export const genaiLog: Format = {
  id: ID,
  family: 'otlp',
  kind: 'log',
  recognise: isGenAi,
  toEvents: (unit, context) => (CALL_EVENTS.has((unit as LogRecord).eventName) ? read(unit as LogRecord, context) : []),
};

function read(unit: Span | LogRecord, context: Context): Event[] {
  const a = unit.attributes;
  const operation = ident(a['gen_ai.operation.name']) ?? ident(a['llm.request.type']);
  const method = ident(a['mcp.method.name']);
  const isTool = operation === 'execute_tool' || operation === 'tools/call' || method === 'tools/call';
  if (isTool) return [toolEvent(ID, unit, context, toolOf(unit, context))];
  if (operation === 'retrieval') return [toolEvent(ID, unit, context, retrievalOf(a, context))];
  if (method !== undefined) return mcpEvent(unit, context, method);
  if (operation === 'create_agent') return [agentMade(unit, context)];
  if (operation !== undefined && AROUND.has(operation)) return [];
  if (operation === 'invoke_agent' && 'spanKind' in unit && unit.spanKind !== 3) return [];
  return [chatEvent(ID, unit, context, operation === 'embeddings', genAiContent(a, context))];
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

/** Other MCP requests: what reads content is a tool of the method's name, a listing is seen as an access, the rest is no call. */
function mcpEvent(unit: Span | LogRecord, context: Context, method: string): Event[] {
  const a = unit.attributes;
  if (MCP_READS.has(method)) {
    const target = first(a['mcp.resource.uri'], a['gen_ai.prompt.name']);
    const args = target === undefined ? undefined : method === 'prompts/get' ? { name: target } : { uri: target };
    return [
      toolEvent(ID, unit, context, {
        id: a['jsonrpc.request.id'],
        name: method,
        arguments: args,
        result: undefined,
      }),
    ];
  }
  if (!method.endsWith('/list')) return [];
  return [
    makeEvent(ID, context, {
      operation: 'access',
      ...spanFacts(unit, context),
      route: method,
      input: [],
      output: [],
      tools: [],
    }),
  ];
}

function agentMade(unit: Span | LogRecord, context: Context): Event {
  const a = unit.attributes;
  const object = firstIdent(a['gen_ai.agent.id'], a['gen_ai.agent.name']) ?? 'unknown';
  return makeEvent(ID, context, {
    operation: 'admin',
    ...spanFacts(unit, context),
    agent: ident(unit.resource['service.name']),
    change: { action: 'created', kind: 'agent', object },
    input: [],
    output: [],
    tools: [],
  });
}
