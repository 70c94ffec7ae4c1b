/** One call as an OpenTelemetry GenAI span in an OTLP/JSON export, with content captured and the caller's request attributes. */
import { createHash } from 'node:crypto';
import type { Call, ChatMessage } from './fact.ts';
import { providerOf } from './record.ts';

type Value = { stringValue: string } | { intValue: string } | { arrayValue: { values: Value[] } };
interface Attribute {
  key: string;
  value: Value;
}

function text(key: string, value: string): Attribute {
  return { key, value: { stringValue: value } };
}

function whole(key: string, value: number): Attribute {
  return { key, value: { intValue: String(value) } };
}

function list(key: string, ...values: string[]): Attribute {
  return { key, value: { arrayValue: { values: values.map((stringValue) => ({ stringValue })) } } };
}

/** Id of the span under which a session's delegates run. */
export function spanOf(session: string): string {
  return createHash('sha256').update(`span ${session}`).digest('hex').slice(0, 16);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

function message(m: ChatMessage, finish?: string): object {
  const parts: object[] = [];
  if (m.role === 'tool') parts.push({ type: 'tool_call_response', id: m.tool_call_id, response: m.content });
  else if (m.content) parts.push({ type: 'text', content: m.content });
  for (const c of m.tool_calls ?? [])
    parts.push({ type: 'tool_call', id: c.id, name: c.function.name, arguments: parsed(c.function.arguments) });
  return { role: m.role, parts, ...(finish === undefined ? {} : { finish_reason: finish }) };
}

function callerAttributes(call: Call): Attribute[] {
  const { caller } = call;
  const user = caller.endUser ?? caller.userId;
  return [
    ...(user === null ? [] : [text('enduser.id', user)]),
    ...(caller.email === null ? [] : [text('user.email', caller.email)]),
    ...(call.session === '' ? [] : [text('gen_ai.conversation.id', call.session)]),
    ...(caller.agent
      ? [text('gen_ai.agent.name', caller.agent.name), text('gen_ai.agent.version', caller.agent.version)]
      : []),
    text('client.address', caller.address),
    text('user_agent.original', caller.userAgent),
    text('url.path', call.handling.route ?? '/v1/chat/completions'),
    ...(caller.key === null ? [] : [list('http.request.header.authorization', `Bearer ${caller.key}`)]),
  ];
}

function contentAttributes(call: Call, finish: string): Attribute[] {
  if (call.handling.silent) return [];
  return [
    text('gen_ai.input.messages', JSON.stringify(call.messages.map((m) => message(m)))),
    ...(call.reply ? [text('gen_ai.output.messages', JSON.stringify([message(call.reply, finish)]))] : []),
    ...(call.tools.length > 0
      ? [
          text(
            'gen_ai.tool.definitions',
            JSON.stringify(call.tools.map((t) => ({ type: 'function', ...(t as { function: object }).function }))),
          ),
        ]
      : []),
  ];
}

/** The export request: one resource, one scope, one span. */
export function toSpan(call: Call): Record<string, unknown> {
  const { failure } = call;
  const { provider, base } = providerOf(call.model);
  const finish = call.reply?.tool_calls ? 'tool_calls' : 'stop';
  const attributes = [
    text('gen_ai.operation.name', 'chat'),
    text('gen_ai.provider.name', provider),
    text('gen_ai.request.model', call.model),
    text('server.address', new URL(base).hostname),
    ...(call.maxTokens === undefined ? [] : [whole('gen_ai.request.max_tokens', call.maxTokens)]),
    ...callerAttributes(call),
    ...(failure
      ? [text('error.type', failure.errorClass), whole('http.response.status_code', failure.code)]
      : [
          whole('http.response.status_code', 200),
          list('gen_ai.response.finish_reasons', finish),
          text('gen_ai.response.model', call.model),
          text('gen_ai.response.id', call.id),
          whole('gen_ai.usage.input_tokens', call.promptTokens),
          whole('gen_ai.usage.output_tokens', call.completionTokens),
        ]),
    ...contentAttributes(call, finish),
  ];
  const span = {
    traceId: call.traceId.replaceAll('-', ''),
    spanId: call.spanId,
    ...(call.parent === undefined ? {} : { parentSpanId: spanOf(call.parent) }),
    name: `chat ${call.model}`,
    kind: 3,
    startTimeUnixNano: `${call.start}000000`,
    endTimeUnixNano: `${call.end}000000`,
    attributes,
    status: failure ? { code: 2, message: failure.message } : {},
  };
  return {
    resourceSpans: [
      {
        resource: {
          attributes: [
            text('service.name', call.caller.agent?.name ?? 'llm-gateway'),
            text('deployment.environment.name', 'prod'),
            text('service.instance.id', call.handling.replica ?? 'gw-1'),
          ],
        },
        scopeSpans: [{ scope: { name: 'alderway.gateway.genai', version: '2.4.0' }, spans: [span] }],
      },
    ],
  };
}
