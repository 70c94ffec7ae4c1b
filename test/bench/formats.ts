/** The same calls in other wire formats, so that what each costs to decode can be compared. */
import { type CustomMapping, customFormats } from '../../src/format/custom.ts';
import { type DecodeOptions, decode } from '../../src/format/decode.ts';
import { encodeOtlp } from '../format/otlp-encode.ts';
import type { Corpus } from './corpora.ts';
import { median, ratio, round3, takeTurns } from './timing.ts';

type Json = Record<string, unknown>;

interface ToolCall {
  id: string;
  function: { name: string; arguments: string };
}

interface Message {
  role: string;
  content: string | null;
  tool_calls?: ToolCall[];
  tool_call_id?: string;
}

/** A LiteLLM record, as far as it is used here. */
interface Call {
  id: string;
  session_id: string;
  model: string;
  startTime: number;
  endTime: number;
  api_base: string;
  requester_ip_address: string;
  user_agent: string;
  prompt_tokens: number;
  completion_tokens: number;
  metadata: Json;
  messages: Message[];
  response: { choices?: { message: Message }[] };
  model_parameters: Json & { tools?: unknown[] };
}

export interface FormatCost {
  format: string;
  /** Decoding as a multiple of `JSON.parse` of the same bytes; of the OTLP JSON with the same content for protobuf. */
  ratio: number;
  /** The same against the parse of the record and of the JSON texts inside it: the second parse cannot be left out. */
  both_parses?: number;
  bytes: number;
  parse_us: number;
}

interface Sample {
  format: string;
  values: Buffer[];
  options: DecodeOptions;
  /** What `JSON.parse` is measured on, where it is not the value itself. */
  parsed?: Buffer[];
  /** JSON texts inside each record. */
  inner?: string[][];
}

const MAPPING: CustomMapping = {
  match: "kind == 'llm.call'",
  fields: {
    id: 'call.id',
    time: 'call.ended',
    principal: 'caller.user',
    credential: 'caller.key',
    session: 'call.session',
    endpoint: 'call.url',
    clientAddress: 'caller.ip',
    model: 'call.model',
    inputTokens: 'usage.prompt',
    outputTokens: 'usage.completion',
    messages: 'prompt.messages',
    output: 'answer.text',
    toolCalls: 'answer.calls',
  },
};

export function measureFormats(corpus: Corpus, rounds: number): FormatCost[] {
  return samplesOf(corpus).map((sample) => measure(sample, rounds));
}

function measure({ format, values, options, parsed = values, inner }: Sample, rounds: number): FormatCost {
  const times = takeTurns<Buffer, 'parse' | 'inner' | 'format'>(
    values,
    () => [
      {
        name: 'parse',
        run: (chunk, first) => chunk.forEach((_, i) => void JSON.parse((parsed[first + i] as Buffer).toString())),
      },
      {
        name: 'inner',
        run: (chunk, first) =>
          chunk.forEach((_, i) => {
            for (const text of inner?.[first + i] ?? []) JSON.parse(text);
          }),
      },
      { name: 'format', run: (chunk) => chunk.forEach((value) => void decode(value, options)) },
    ],
    { rounds: 5 * rounds, warm: 6 },
  );
  const both = times.parse.map((value, i) => value + (times.inner[i] as number));
  return {
    format,
    ratio: ratio(times.format, times.parse),
    ...(inner && { both_parses: ratio(times.format, both) }),
    bytes: Math.round(values.reduce((sum, value) => sum + value.length, 0) / values.length),
    parse_us: round3(median(times.parse)),
  };
}

export function samplesOf({ records }: Corpus): Sample[] {
  const calls = records.map((record) => JSON.parse(record.toString()) as Call);
  const make = (to: (call: Call) => unknown) => calls.map((call) => Buffer.from(JSON.stringify(to(call))));
  const auto: DecodeOptions = { format: 'auto', tenant: 'default', time: 1_770_000_000_000 };
  const structured = make((call) => otlp(call, (value) => anyValue(value)));
  return [
    { format: 'litellm', values: records, options: auto },
    { format: 'openai', values: make(openai), options: auto },
    { format: 'anthropic', values: make(anthropic), options: auto },
    { format: 'bedrock', values: make(bedrock), options: auto },
    { format: 'otlp json, content structured', values: structured, options: auto },
    {
      format: 'otlp json, content as JSON text',
      values: make((call) => otlp(call, (value) => ({ stringValue: JSON.stringify(value) }))),
      options: auto,
      inner: calls.map((call) => contentOf(call).map(([, value]) => JSON.stringify(value))),
    },
    {
      format: 'otlp protobuf, content structured',
      values: structured.map((value) => encodeOtlp(JSON.parse(value.toString()))),
      options: auto,
      parsed: structured,
    },
    {
      format: 'custom mapping',
      values: make(house),
      options: { ...auto, own: customFormats({ house: MAPPING }) },
    },
  ];
}

/** A call that failed has none. */
const answerOf = ({ response }: Call): Message =>
  response.choices?.[0]?.message ?? { role: 'assistant', content: null };

/** What a logger of the OpenAI SDK writes beside the bodies. */
function wrapper({ id, endTime, session_id, requester_ip_address, api_base, user_agent }: Call): Json {
  return {
    time: new Date(endTime * 1_000).toISOString(),
    id,
    session_id,
    client_ip: requester_ip_address,
    url: `${api_base}/chat/completions`,
    status: 200,
    headers: { authorization: 'Bearer sk-bench', 'user-agent': user_agent },
  };
}

function openai(call: Call): Json {
  const { messages, model, model_parameters, response } = call;
  return { ...wrapper(call), request: { model, messages, ...model_parameters }, response };
}

function blocks(message: Message): Json[] {
  if (message.role === 'tool')
    return [{ type: 'tool_result', tool_use_id: message.tool_call_id, content: message.content }];
  const text = message.content ? [{ type: 'text', text: message.content }] : [];
  const uses = (message.tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({
    type: 'tool_use',
    id,
    name,
    input: inputOf(args),
  }));
  return [...text, ...uses];
}

function inputOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { text };
  }
}

function anthropicBody(call: Call): Json {
  return {
    model: call.model,
    max_tokens: 1_024,
    system: call.messages.find(({ role }) => role === 'system')?.content ?? '',
    messages: call.messages
      .filter(({ role }) => role !== 'system')
      .map((message) => ({ role: message.role === 'assistant' ? 'assistant' : 'user', content: blocks(message) })),
    tools: (call.model_parameters.tools ?? []).map((tool) => {
      const { name, description, parameters } = (tool as { function: Json }).function;
      return { name, description, input_schema: parameters };
    }),
  };
}

function anthropicAnswer(call: Call): Json {
  const usage = { input_tokens: call.prompt_tokens, output_tokens: call.completion_tokens };
  const content = blocks(answerOf(call));
  return {
    id: call.id,
    type: 'message',
    role: 'assistant',
    model: call.model,
    content,
    stop_reason: 'end_turn',
    usage,
  };
}

function anthropic(call: Call): Json {
  return { ...wrapper(call), request: anthropicBody(call), response: anthropicAnswer(call) };
}

function bedrock(call: Call): Json {
  return {
    schemaType: 'ModelInvocationLog',
    schemaVersion: '1.0',
    timestamp: new Date(call.endTime * 1_000).toISOString(),
    accountId: '111122223333',
    region: 'us-east-1',
    requestId: call.id,
    operation: 'InvokeModel',
    modelId: call.model,
    identity: { arn: 'arn:aws:sts::111122223333:assumed-role/app/session' },
    requestMetadata: { session_id: call.session_id },
    input: {
      inputContentType: 'application/json',
      inputBodyJson: anthropicBody(call),
      inputTokenCount: call.prompt_tokens,
    },
    output: {
      outputContentType: 'application/json',
      outputBodyJson: anthropicAnswer(call),
      outputTokenCount: call.completion_tokens,
    },
  };
}

function anyValue(value: unknown): Json {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  if (value === null || value === undefined) return {};
  return { kvlistValue: { values: Object.entries(value).map(([key, item]) => ({ key, value: anyValue(item) })) } };
}

function parts(message: Message): Json {
  const text = message.content ? [{ type: 'text', content: message.content }] : [];
  const asked = (message.tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({
    type: 'tool_call',
    id,
    name,
    arguments: args,
  }));
  const answered = { type: 'tool_call_response', id: message.tool_call_id, response: message.content };
  return { role: message.role, parts: message.role === 'tool' ? [answered] : [...text, ...asked] };
}

function contentOf(call: Call): [string, unknown][] {
  return [
    ['gen_ai.input.messages', call.messages.map(parts)],
    ['gen_ai.output.messages', [{ ...parts(answerOf(call)), finish_reason: 'stop' }]],
    ['gen_ai.tool.definitions', call.model_parameters.tools ?? []],
  ];
}

function otlp(call: Call, content: (value: unknown) => Json): Json {
  const plain: Json = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': call.model,
    'gen_ai.response.model': call.model,
    'gen_ai.usage.input_tokens': call.prompt_tokens,
    'gen_ai.usage.output_tokens': call.completion_tokens,
    'gen_ai.conversation.id': call.session_id,
    'server.address': 'llm.example.com',
    'client.address': call.requester_ip_address,
    'user.id': call.metadata.user_api_key_user_id,
  };
  const attributes = [
    ...Object.entries(plain).map(([key, value]) => ({ key, value: anyValue(value) })),
    ...contentOf(call).map(([key, value]) => ({ key, value: content(value) })),
  ];
  const nano = (seconds: number) => `${Math.round(seconds * 1_000)}000000`;
  const span = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    name: `chat ${call.model}`,
    kind: 3,
    startTimeUnixNano: nano(call.startTime),
    endTimeUnixNano: nano(call.endTime),
    attributes,
    status: {},
  };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'assistant' } }] };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'bench' }, spans: [span] }] }] };
}

function house(call: Call): Json {
  const { content, tool_calls = [] } = answerOf(call);
  return {
    kind: 'llm.call',
    call: { id: call.id, ended: call.endTime, session: call.session_id, url: call.api_base, model: call.model },
    caller: { user: call.metadata.user_api_key_user_id, key: 'sk-bench', ip: call.requester_ip_address },
    usage: { prompt: call.prompt_tokens, completion: call.completion_tokens },
    prompt: { messages: call.messages },
    answer: { text: content, calls: tool_calls },
  };
}
