/** OTLP: GenAI spans and log events, OpenLLMetry, OpenInference, MCP gateways' spans; JSON and protobuf give the same Events. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NightjarError } from '../../src/errors.ts';
import { fixture, has, one, read } from './helpers.ts';
import { encodeOtlp } from './otlp-encode.ts';

const json = (name: string) => JSON.parse(fixture(name).toString());

const CONTENT = {
  input: [
    { role: 'system', text: 'Be brief.' },
    { role: 'system', text: 'You are careful.' },
    { role: 'user', text: 'Weather in Bern?', attachments: 1 },
    { role: 'assistant', text: '', toolCalls: [{ id: 'c1', name: 'get_weather', arguments: '{"city":"Bern"}' }] },
    { role: 'tool', text: '{"sky":"rain"}', toolCallId: 'c1', toolName: 'get_weather' },
  ],
  output: [{ role: 'assistant', text: 'Rain.' }],
  tools: [{ name: 'get_weather', parameters: '{"type":"object"}' }],
};

test('GenAI spans: calls, tools, and what is neither', () => {
  const { events, notCalls, errors } = read(fixture('otlp-spans.json'));
  assert.deepEqual(errors, []);
  assert.equal(notCalls, 2, 'an in-process invoke_agent and an HTTP span');
  has(events[0], {
    ...CONTENT,
    id: 'b7ad6b7169203001',
    operation: 'chat',
    principal: 'u-50',
    session: 'conv-50',
    agent: 'weather',
    agentVersion: '3',
    parent: '00f067aa0ba902b7',
    trace: '0af7651916cd43dd8448eb211c80319c',
    endpoint: 'api.example.com',
    durationMs: 500,
  });
  has(events[1], {
    operation: 'tool',
    agent: 'orders-agent',
    agentVersion: '2.1',
    output: [
      { role: 'assistant', text: '', toolCalls: [{ id: 'c1', name: 'get_weather', arguments: '{"city": "Bern"}' }] },
      { role: 'tool', text: '{"sky":"rain"}', toolCallId: 'c1', toolName: 'get_weather' },
    ],
  });
  has(events[2], {
    status: 'denied',
    httpStatus: 401,
    provider: 'openai',
    inputTokens: 4,
    input: [{ role: 'user', text: 'old name' }],
    output: [{ role: 'assistant', text: 'old answer' }],
  });
  has(events[3], {
    operation: 'tool',
    session: 'mcp-6',
    clientAddress: '192.0.2.60',
    status: 'error',
    errorType: 'tool_error',
  });
  has(events[4], { operation: 'embeddings', model: 'e-fx' });
  has(events[5], { operation: 'tool' });
  assert.match(events[5]?.output[1]?.text ?? '', /Rule one/);
});

test('structured content on a span or on the details event is the same content', () => {
  has(one(fixture('otlp-spans-structured.json')), CONTENT);
  const { events, notCalls } = read(fixture('otlp-logs.json'));
  assert.equal(events.length, 1);
  assert.equal(notCalls, 2);
  has(events[0], { ...CONTENT, id: '00000000000000a1', time: 1_795_400_030_000 });
});

test('message events of older conventions are joined by span', () => {
  const { events } = read(fixture('otlp-logs-messages.json'));
  assert.deepEqual(
    events.map((e) => e.id),
    ['00000000000000b2', '00000000000000b1'],
  );
  has(events[1], {
    input: [
      { role: 'system', text: 'You are careful.' },
      { role: 'user', text: 'First' },
      { role: 'tool', text: 'result', toolCallId: 'c9' },
    ],
    output: [{ role: 'assistant', text: '', toolCalls: [{ id: 'c10', name: 'go', arguments: '{}' }] }],
  });
});

test('OpenLLMetry: indexed names in numeric order, its tool spans, no header text', () => {
  const { events, notCalls } = read(fixture('openllmetry-indexed.json'));
  assert.equal(notCalls, 1);
  has(events[0], {
    format: 'openllmetry',
    principal: 'u-20',
    endpoint: 'api.example.com',
    input: [
      { role: 'user', text: 'Look', attachments: 1 },
      { role: 'assistant', text: '', toolCalls: [{ id: 'c1', name: 'zoom', arguments: '{"x":2}' }] },
      { role: 'tool', text: 'zoomed', toolCallId: 'c1', toolName: 'zoom' },
      { role: 'user', text: 'last' },
    ],
    output: [{ role: 'assistant', text: 'A cat.' }],
  });
  has(events[1], { operation: 'tool', session: 's-20', principal: 'u-20' });
  assert.equal(events[1]?.output[1]?.text, '{"ok":true}');
});

test('OpenInference: kinds', () => {
  const { events, notCalls } = read(fixture('openinference.json'));
  assert.equal(notCalls, 1);
  has(events[0], {
    operation: 'chat',
    principal: 'u-31',
    session: 's-30',
    input: [{ role: 'user', text: 'See this', attachments: 1 }],
    tools: [{ name: 'peek' }],
  });
  has(events[1], { operation: 'tool' });
  assert.equal(events[1]?.output[1]?.text, 'seen');
  assert.equal(events[2]?.output[1]?.text, 'One\nTwo');
  has(events[3], { input: [{ role: 'user', text: 'raw' }], output: [{ role: 'assistant', text: 'cooked' }] });
});

test('spans of MCP gateways', () => {
  const { events, notCalls } = read(fixture('spans-mcp-gateways.json'));
  assert.deepEqual(
    events.map((e) => [e.format, e.operation, e.output[0]?.toolCalls?.[0]?.name]),
    [
      ['docker-mcp', 'tool', 'getThing'],
      ['docker-mcp', 'tool', 'resources/read'],
      ['docker-mcp', 'access', undefined],
      ['contextforge', 'tool', 'files-read'],
    ],
  );
  has(events[0], { agent: 'desk-agent', agentVersion: '4' });
  assert.equal(notCalls, 1, 'the request behind tool.invoke is the same call');
});

for (const name of [
  'otlp-spans.json',
  'otlp-spans-structured.json',
  'otlp-logs.json',
  'otlp-logs-messages.json',
  'openllmetry-indexed.json',
  'openinference.json',
]) {
  test(`protobuf gives the same Events: ${name}`, () => {
    assert.deepEqual(read(encodeOtlp(json(name))), read(fixture(name)));
  });
}

test('protobuf: 64-bit and negative integers, doubles, booleans', () => {
  const request = json('otlp-spans-structured.json');
  const attributes = request.resourceSpans[0].scopeSpans[0].spans[0].attributes;
  attributes.push({
    key: 'gen_ai.tool.definitions',
    value: {
      kvlistValue: { values: [] },
    },
  });
  const args = {
    kvlistValue: {
      values: [
        { key: 'big', value: { intValue: '9007199254740993' } },
        { key: 'low', value: { intValue: '-5' } },
        { key: 'half', value: { doubleValue: 0.5 } },
        { key: 'yes', value: { boolValue: true } },
      ],
    },
  };
  attributes.push(
    { key: 'gen_ai.operation.name', value: { stringValue: 'execute_tool' } },
    { key: 'gen_ai.tool.call.arguments', value: args },
  );
  const text = one(encodeOtlp(request)).output[0]?.toolCalls?.[0]?.arguments;
  assert.equal(text, '{"big":"9007199254740993","low":-5,"half":0.5,"yes":true}');
});

test('protobuf that was cut off or nested without end is refused, JSON that starts with a newline is read', () => {
  const whole = encodeOtlp(json('otlp-spans.json'));
  const isRefused = (error: unknown) => error instanceof NightjarError && error.code === 'NJ_RECORD';
  assert.throws(() => read(whole.subarray(0, whole.length - 3)), isRefused);
  let value = { stringValue: 'x' } as Record<string, unknown>;
  for (let i = 0; i < 300; i++) value = { arrayValue: { values: [value] } };
  const request = json('otlp-spans-structured.json');
  request.resourceSpans[0].scopeSpans[0].spans[0].attributes.push({ key: 'deep', value });
  assert.throws(() => read(encodeOtlp(request)), /deeper than 64/);
  assert.equal(read(`\n${fixture('otlp-spans.json').toString()}`).events.length, 6);
});

test('an attribute may have any name', () => {
  const request = json('otlp-spans-structured.json');
  request.resourceSpans[0].scopeSpans[0].spans[0].attributes.push({
    key: '__proto__',
    value: { kvlistValue: { values: [{ key: 'admin', value: { boolValue: true } }] } },
  });
  assert.equal(read(request).events.length, 1);
  assert.equal(({} as { admin?: boolean }).admin, undefined);
});
