/**
 * OpenLLMetry (Traceloop) spans: the indexed form of older releases (`gen_ai.prompt.N.…`, `llm.request.functions.N.…`) and the current one,
 * which is OpenTelemetry GenAI with a few names of its own; also Traceloop's tool spans.
 *
 * Identity: principal is `gen_ai.user` (older `llm.user`) or the association property `user_id`, session its `session_id`; the rest as in
 * span-facts.ts. `llm.headers` is never read. Workflow, task and agent spans surround calls and are none.
 */
import type { Context, Format } from './contract.ts';
import { itemsOf, treeOf } from './dotted.ts';
import { ident } from './identity.ts';
import { Thread } from './messages.ts';
import type { Span } from './otlp.ts';
import { isObj, type Obj, obj } from './read.ts';
import { type ChatContent, chatEvent, genAiContent, structured, toolEvent } from './span-event.ts';
import { readTools } from './tools.ts';

export const openllmetry: Format = {
  id: 'openllmetry',
  family: 'otlp',
  kind: 'span',
  recognise: (unit) => {
    const a = unit.attributes as Obj;
    return (
      a['llm.request.type'] !== undefined ||
      a['llm.is_streaming'] !== undefined ||
      a['gen_ai.is_streaming'] !== undefined ||
      a['gen_ai.prompt.0.role'] !== undefined ||
      a['gen_ai.prompt.0.content'] !== undefined ||
      (a['traceloop.span.kind'] !== undefined && a['gen_ai.operation.name'] === undefined)
    );
  },
  toEvents: (unit, context) => {
    const span = unit as Span;
    const a = span.attributes;
    const kind = ident(a['traceloop.span.kind']);
    if (kind === 'tool') {
      return [
        toolEvent('openllmetry', span, context, {
          id: undefined,
          name: a['traceloop.entity.name'] ?? span.name.replace(/\.tool$/, ''),
          arguments: a['traceloop.entity.input'],
          result: structured(a['traceloop.entity.output'], context),
        }),
      ];
    }
    const type = ident(a['llm.request.type']) ?? ident(a['gen_ai.operation.name']);
    if (kind !== undefined && type === undefined) return [];
    const embeddings = type === 'embedding' || type === 'embeddings';
    return [chatEvent('openllmetry', span, context, embeddings, contentOf(a, context))];
  },
};

function contentOf(a: Obj, context: Context): ChatContent {
  const prompts = itemsOf(treeOf(a, 'gen_ai.prompt'));
  const answers = itemsOf(treeOf(a, 'gen_ai.completion'));
  if (prompts.length === 0 && answers.length === 0) return genAiContent(a, context);
  const history = new Thread();
  for (const prompt of prompts) history.add(messageOf(prompt, context), 'user');
  const output = new Thread(history);
  for (const answer of answers) output.add(messageOf(answer, context), 'assistant');
  return {
    input: history.messages,
    output: output.messages,
    tools: readTools(itemsOf(treeOf(a, 'llm.request.functions'))),
  };
}

function messageOf(node: unknown, context: Context): Obj {
  const item = obj(node);
  const content = structured(item.content, context);
  const isParts = Array.isArray(content) && content.every((part) => isObj(part) && typeof part.type === 'string');
  return {
    role: item.role,
    content: isParts ? content : item.content,
    tool_calls: itemsOf(item.tool_calls),
    tool_call_id: item.tool_call_id,
    name: item.name,
  };
}
