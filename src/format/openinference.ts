/**
 * OpenInference (Arize) spans, told by `openinference.span.kind`: LLM and EMBEDDING are model calls, TOOL and RETRIEVER executed tools, the
 * other kinds surround calls and are none.
 *
 * Identity: principal is `user.id` or the `user` of the invocation parameters, session `session.id`, agent `agent.name`, else the service;
 * the rest as in span-facts.ts. The spelling of tool and retrieval attributes is unverified, so several are accepted.
 */
import { type Context, type Format, makeEvent } from './contract.ts';
import { itemsOf, treeOf } from './dotted.ts';
import { readExchange } from './exchange.ts';
import { firstIdent, ident } from './identity.ts';
import { Thread } from './messages.ts';
import type { Span } from './otlp.ts';
import { count, first, type Obj, obj, str, streamed } from './read.ts';
import { type ChatContent, structured, toolEvent } from './span-event.ts';
import { spanFacts } from './span-facts.ts';
import { readTools } from './tools.ts';

export const openinference: Format = {
  id: 'openinference',
  family: 'otlp',
  kind: 'span',
  recognise: (unit) => (unit.attributes as Obj)['openinference.span.kind'] !== undefined,
  toEvents: (unit, context) => {
    const span = unit as Span;
    switch (ident(span.attributes['openinference.span.kind'])?.toUpperCase()) {
      case 'LLM':
        return [modelEvent(span, context, false)];
      case 'EMBEDDING':
        return [modelEvent(span, context, true)];
      case 'TOOL':
        return [toolRun(span, context)];
      case 'RETRIEVER':
        return [retrieval(span, context)];
      default:
        return [];
    }
  },
};

function modelEvent(span: Span, context: Context, embeddings: boolean) {
  const a = span.attributes;
  const facts = spanFacts(span, context);
  const parameters = obj(structured(a['llm.invocation_parameters'], context));
  return makeEvent('openinference', context, {
    operation: embeddings ? 'embeddings' : 'chat',
    ...facts,
    principal: facts.principal ?? ident(parameters.user),
    provider: firstIdent(a['llm.provider'], a['llm.system']),
    model: firstIdent(
      a['llm.response.model_name'],
      a['llm.model_name'],
      a['llm.request.model_name'],
      a['embedding.model_name'],
    ),
    inputTokens: count(a['llm.token_count.prompt']),
    outputTokens: count(a['llm.token_count.completion']),
    stream: streamed(parameters.stream),
    ...contentOf(a, context),
  });
}

/** Messages from the indexed attributes, else from the raw request and response. */
function contentOf(a: Obj, context: Context): ChatContent {
  const asked = itemsOf(treeOf(a, 'llm.input_messages'));
  const answered = itemsOf(treeOf(a, 'llm.output_messages'));
  if (asked.length === 0 && answered.length === 0) {
    const { input, output, tools } = readExchange(a['input.value'], a['output.value'], context.budget);
    return { input, output, tools };
  }
  const history = new Thread();
  for (const item of asked) history.add(messageOf(item), 'user');
  const output = new Thread(history);
  for (const item of answered) output.add(messageOf(item), 'assistant');
  const tools = itemsOf(treeOf(a, 'llm.tools')).map((item) => structured(obj(obj(item).tool).json_schema, context));
  return { input: history.messages, output: output.messages, tools: readTools(tools) };
}

function messageOf(item: unknown): Obj {
  const message = obj(obj(item).message);
  const parts = itemsOf(message.contents).map((part) => obj(obj(part).message_content));
  return {
    role: message.role,
    content: parts.length > 0 ? parts : message.content,
    tool_calls: itemsOf(message.tool_calls).map((entry) => obj(obj(entry).tool_call)),
    tool_call_id: message.tool_call_id,
    name: message.name,
  };
}

function toolRun(span: Span, context: Context) {
  const a = span.attributes;
  return toolEvent('openinference', span, context, {
    id: first(a['tool_call.id'], a['tool.id']),
    name: firstIdent(a['tool.name'], a['tool_call.function.name'], span.name),
    arguments: first(a['tool_call.function.arguments'], a['input.value'], a['tool.parameters']),
    result: structured(a['output.value'], context),
  });
}

function retrieval(span: Span, context: Context) {
  const a = span.attributes;
  const texts = itemsOf(treeOf(a, 'retrieval.documents')).flatMap((item) => {
    const document = obj(obj(item).document);
    return str(document.content) ?? [];
  });
  const query = a['input.value'];
  return toolEvent('openinference', span, context, {
    id: undefined,
    name: ident(span.name) ?? 'retrieval',
    arguments: query === undefined ? undefined : { query },
    result: texts.length > 0 ? texts.join('\n') : a['output.value'],
  });
}
