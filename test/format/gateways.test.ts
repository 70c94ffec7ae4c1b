/** Clouds and gateways: Bedrock, Azure, Kong, APISIX, Envoy, Langfuse, Helicone, Portkey, Cloudflare, ContextForge. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixture, has, one, read, sha } from './helpers.ts';

test('Bedrock Converse', () => {
  has(one(fixture('bedrock-converse.json')), {
    id: 'req-60',
    principal: 'arn:aws:sts::123456789012:assumed-role/orders/job-1',
    credentialKind: 'temporary',
    session: 's-60',
    agent: 'orders-agent',
    input: [
      { role: 'system', text: 'Be exact.' },
      { role: 'user', text: 'Read it', attachments: 1 },
      { role: 'assistant', text: '', toolCalls: [{ id: 'tu1', name: 'ocr', arguments: '{"page":1}' }] },
      { role: 'tool', text: 'scanned\n{"n":1}', toolCallId: 'tu1', toolName: 'ocr' },
    ],
    output: [{ role: 'assistant', text: 'It says hello.' }],
    tools: [{ name: 'ocr', description: 'Reads images', parameters: '{"type":"object"}' }],
    durationMs: 900,
  });
});

test('Bedrock InvokeModel streamed, with a long-lived key', () => {
  has(one(fixture('bedrock-invoke-stream.json')), {
    credentialKind: 'static',
    output: [{ role: 'assistant', text: 'On it.', toolCalls: [{ id: 'tu9', name: 'run', arguments: '{"cmd":"ls"}' }] }],
    outputTokens: 9,
  });
});

test('Bedrock refusal with bodies left in S3', () => {
  has(one(fixture('bedrock-denied.json')), {
    status: 'denied',
    errorType: 'AccessDeniedException',
    input: [],
    output: [],
  });
});

test('Bedrock Converse stream events', () => {
  const record = JSON.parse(fixture('bedrock-converse.json').toString());
  record.output.outputBodyJson = [
    { messageStart: { role: 'assistant' } },
    { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'Now ' } } },
    { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'this.' } } },
    { contentBlockStart: { contentBlockIndex: 1, start: { toolUse: { toolUseId: 'tu2', name: 'save' } } } },
    { contentBlockDelta: { contentBlockIndex: 1, delta: { toolUse: { input: '{"a":' } } } },
    { contentBlockDelta: { contentBlockIndex: 1, delta: { toolUse: { input: '1}' } } } },
    { messageStop: { stopReason: 'tool_use' } },
  ];
  has(one(record), {
    output: [{ role: 'assistant', text: 'Now this.', toolCalls: [{ id: 'tu2', name: 'save', arguments: '{"a":1}' }] }],
  });
});

test('Azure OpenAI in a records envelope, properties as object and as text', () => {
  const { events } = read(fixture('azure-openai.json'));
  has(events[0], {
    principal: '00000000-0000-0000-0000-0000000000aa',
    status: 'error',
    httpStatus: 429,
    durationMs: undefined,
    endpoint: 'example-ai',
    clientAddress: '192.0.2.***',
  });
  has(events[1], { operation: 'embeddings', principal: undefined, model: 'e-fx', durationMs: 10 });
});

test('API Management: content filter, plain request, LLM log in chunks, MCP log', () => {
  const { events, notCalls } = read(fixture('azure-gateway.json'));
  assert.equal(notCalls, 1);
  has(events[0], {
    status: 'denied',
    guardrail: 'blocked',
    errorType: 'ResponsibleAIPolicyViolation',
    credential: 'apim:team-a',
    input: [{ role: 'user', text: 'bad words' }],
  });
  has(events[1], {
    id: 'az-74',
    input: [{ role: 'user', text: 'abcd' }],
    output: [{ role: 'assistant', text: 'ef' }],
    inputTokens: 11,
  });
  has(events[2], { operation: 'tool', session: 'ms-1', agent: 'desk-agent', credentialKind: 'temporary' });
  assert.equal(events.length, 3);
});

test('records of other Azure services are no calls', () => {
  const vault = {
    time: '2026-11-23T12:00:00Z',
    category: 'AuditEvent',
    resourceId: '/SUBSCRIPTIONS/X/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/V',
  };
  const metric = {
    time: '2026-11-23T12:00:00Z',
    metricName: 'Requests',
    resourceId: '/SUBSCRIPTIONS/X/PROVIDERS/MICROSOFT.WEB/SITES/S',
  };
  const other = { ...vault, category: 'Audit', operationName: 'Read' };
  assert.deepEqual(read({ records: [vault, metric, other] }), { events: [], notCalls: 3, errors: [] });
});

test('Kong', () => {
  has(one(fixture('kong.json')), {
    id: 'kong-80',
    time: 1_795_400_050_700,
    principal: 'orders-app',
    credential: sha('fixture-secret-key'),
    clientAddress: '192.0.2.80',
    endpoint: 'llm.example.com',
    route: '/chat',
    input: [{ role: 'user', text: 'hi kong' }],
    output: [{ role: 'assistant', text: 'hi' }],
  });
  const record = JSON.parse(fixture('kong.json').toString());
  record.request.headers.apikey = 'REDACTED';
  has(one(record), { credential: 'kong:cred-1' });
});

test('APISIX: counters as text, plain request is no call', () => {
  const { events, notCalls } = read(fixture('apisix.json'));
  assert.equal(notCalls, 1);
  has(events[0], {
    id: 'ax-90',
    principal: 'orders-app',
    credential: sha('sk-fixture-secret'),
    inputTokens: 12,
    outputTokens: 3,
    output: [{ role: 'assistant', text: 'hello' }],
  });
});

test('Envoy: peer address, refused tool call without a name, handshake is no call', () => {
  const { events, notCalls } = read(fixture('envoy.json'));
  assert.equal(notCalls, 1);
  has(events[0], { clientAddress: '192.0.2.100', time: Date.parse('2026-11-23T13:00:00.250Z') });
  has(events[1], { operation: 'tool', status: 'denied', session: 'ms-2', clientAddress: undefined });
});

test('Langfuse: create and update are one call', () => {
  const { events } = read(fixture('langfuse.json'));
  assert.equal(events.length, 2);
  has(events[0], {
    id: 'g1',
    principal: 'u-110',
    session: 's-110',
    agent: 'orders-agent',
    parent: 'sp1',
    status: 'error',
    durationMs: 900,
    output: [{ role: 'assistant', text: 'hello' }],
    credential: undefined,
  });
  has(events[1], { operation: 'tool', session: 's-110' });
});

test('Helicone: the raw key becomes its hash', () => {
  has(one(fixture('helicone.json')), {
    id: 'he-1',
    principal: 'u-120',
    session: 's-120',
    credential: sha('sk-fixture-secret'),
    guardrail: 'flagged',
    time: Date.parse('2026-11-23T15:00:00.321Z'),
  });
});

test('Portkey: dotted columns, cents', () => {
  has(one(fixture('portkey.json')), {
    principal: 'u-130',
    session: 's-130',
    credential: 'portkey:orders-key',
    costUsd: 0.005,
    input: [{ role: 'user', text: 'hi portkey' }],
  });
});

test('Cloudflare: clear, encrypted, MCP portal', () => {
  const { events } = read(fixture('cloudflare.json'));
  has(events[0], { id: 'cf-1', principal: 'u-140', session: 's-140', input: [] });
  has(events[1], { status: 'error', httpStatus: 500, principal: undefined, input: [], output: [] });
  has(events[2], { operation: 'tool', principal: 'ada@example.com', session: 'ps-1', endpoint: 'files.example.com' });
});

test('ContextForge: execution, change, security event, console line', () => {
  const { events, notCalls } = read(fixture('contextforge.json'));
  assert.equal(notCalls, 1);
  has(events[0], { operation: 'tool', principal: 'ada@example.com', team: 'orders', clientAddress: '192.0.2.150' });
  has(events[1], { operation: 'admin', change: { action: 'deleted', kind: 'user', object: 'u-9' } });
  has(events[2], { operation: 'access', status: 'denied', guardrail: 'blocked' });
});
