/** Spans of model calls as an instrumented program ends them, for the exporters of the OpenTelemetry SDK. */
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

const MESSAGES = [
  { role: 'user', parts: [{ type: 'text', content: 'Zürich → Bern: when?' }] },
  { role: 'assistant', parts: [{ type: 'tool_call', id: 'c1', name: 'timetable', arguments: { to: 'Bern' } }] },
  { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: 'Every half hour' }] },
];
const ANSWER = [{ role: 'assistant', parts: [{ type: 'text', content: 'Twice an hour.' }], finish_reason: 'stop' }];

/** One chat span per user and one span that is no call, all of one export; `extra` gives further attributes of the i-th. */
export function chatSpans(users: string[], extra: (i: number) => Record<string, string> = () => ({})): ReadableSpan[] {
  const memory = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] });
  const tracer = provider.getTracer('travel-agent');
  for (const [i, user] of users.entries()) {
    const span = tracer.startSpan('chat gpt-4o-mini', {
      kind: 2,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o-mini',
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.conversation.id': `conversation-${user}`,
        'gen_ai.usage.input_tokens': 100 + i,
        'gen_ai.request.temperature': 0.25,
        'gen_ai.input.messages': JSON.stringify(MESSAGES),
        'gen_ai.output.messages': JSON.stringify(ANSWER),
        'enduser.id': user,
        ...extra(i),
      },
    });
    span.end();
  }
  // A span of another library in the same export.
  tracer.startSpan('GET /timetable', { attributes: { 'http.request.method': 'GET' } }).end();
  return memory.getFinishedSpans();
}
