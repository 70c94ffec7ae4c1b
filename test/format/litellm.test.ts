/** LiteLLM: success, failure, MCP call, audit log, and the traps of its payload. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { fixture, has, one, sha } from './helpers.ts';

const success = () => JSON.parse(fixture('litellm-success.json').toString());

test('success: identity, content, usage', () => {
  const event = one(fixture('litellm-success.json'));
  has(event, {
    id: 'chatcmpl-fx-1',
    time: 1_795_400_000_250,
    principal: 'cust-5',
    credential: sha('sk-fixture-virtual-key'),
    credentialKind: undefined,
    session: 'sess-88',
    agent: 'orders-agent',
    agentVersion: '2.1',
    team: 'orders',
    endpoint: 'llm.example.com',
    route: '/v1/chat/completions',
    clientAddress: '192.0.2.17',
    model: 'gpt-fx-2026',
    status: 'ok',
    errorType: undefined,
    durationMs: 1500,
    costUsd: 0.0021,
  });
  assert.deepEqual(event.input[1], { role: 'user', text: 'What is on this receipt?\nThen refund it.', attachments: 1 });
  assert.deepEqual(event.input[4], {
    role: 'tool',
    text: 'order 9007199254740993',
    toolCallId: 'call_2',
    toolName: 'find_order',
  });
  assert.equal(event.output[0]?.toolCalls?.[0]?.arguments, '{"order":"9007199254740993"}');
});

test('failure with the master key', () => {
  has(one(fixture('litellm-failure.json')), {
    status: 'denied',
    errorType: 'AuthenticationError',
    httpStatus: 401,
    credential: sha('litellm_proxy_master_key'),
    credentialKind: 'master',
    endpoint: undefined,
    output: [],
  });
});

test('MCP call: the default message is no prompt, is_error is a failed tool', () => {
  has(one(fixture('litellm-mcp.json')), {
    operation: 'tool',
    status: 'error',
    errorType: 'tool_error',
    input: [],
    model: undefined,
    endpoint: 'wiki.example.com',
    output: [
      {
        role: 'assistant',
        text: '',
        toolCalls: [
          { id: 'call-uuid-3', name: 'search_docs', arguments: '{"q":"refund rules","limit":3}', server: 'wiki' },
        ],
      },
      { role: 'tool', text: 'Rule 1\nRule 2', toolCallId: 'call-uuid-3', toolName: 'search_docs', error: true },
    ],
  });
});

test('audit: a key rotated to one without an end', () => {
  has(one(fixture('litellm-audit.json')), {
    operation: 'admin',
    principal: 'admin-3',
    credential: sha('sk-fixture-virtual-key'),
    change: {
      action: 'rotated',
      kind: 'key',
      object: `sha256:${'a'.repeat(64)}`,
      created: Date.parse('2026-11-23T08:00:00Z'),
      expires: null,
      granted: ['gpt-fx-large'],
    },
    scopes: ['gpt-fx', 'gpt-fx-large'],
  });
});

test('audit: what a change grants is told from before and after', () => {
  const entry = {
    ...JSON.parse(fixture('litellm-audit.json').toString()),
    action: 'updated',
    table_name: 'LiteLLM_VerificationToken',
  };
  const granted = (before: object, after: object) =>
    one({ ...entry, before_value: JSON.stringify(before), updated_values: JSON.stringify(after) }).change?.granted;
  assert.deepEqual(granted({ models: ['a'] }, { models: ['a', 'b'] }), ['b']);
  assert.deepEqual(granted({ models: ['a'] }, { models: [] }), ['*']);
  assert.deepEqual(granted({ user_role: 'internal_user' }, { user_role: 'proxy_admin' }), ['proxy_admin']);
  assert.equal(granted({ models: ['a', 'b'] }, { models: ['a'] }), undefined);
  assert.equal(granted({ models: [] }, { models: ['a'] }), undefined);
  assert.equal(granted({}, { models: ['a'] }), undefined);
  assert.deepEqual(granted({ permissions: { tools: ['read'] } }, { permissions: { tools: ['read', 'grant_role'] } }), [
    'grant_role',
  ]);
  assert.deepEqual(
    granted({ object_permission: { mcp_servers: [] } }, { object_permission: { mcp_servers: ['crm'] } }),
    ['crm'],
  );
  assert.equal(granted({ permissions: { pii: false } }, { permissions: { pii: true } }), undefined);
});

test('audit: an update that closes or opens a key is called that', () => {
  const entry = { ...JSON.parse(fixture('litellm-audit.json').toString()), action: 'updated' };
  const action = (before: object, after: object) =>
    one({ ...entry, before_value: JSON.stringify(before), updated_values: JSON.stringify(after) }).change?.action;
  assert.equal(action({ blocked: true }, { blocked: false }), 'unblocked');
  assert.equal(action({ blocked: null }, { blocked: true }), 'blocked');
  assert.equal(action({ blocked: false }, { blocked: false, max_budget: 5 }), 'updated');
  assert.equal(action({ blocked: true }, { max_budget: 5 }), 'updated');
});

test('an answer from the cache has the id of its own call', () => {
  assert.equal(one({ ...success(), cache_hit: true }).id, 'call-uuid-1');
  assert.equal(one({ ...success(), cache_hit: 'True' }).id, 'chatcmpl-fx-1');
});

test('older payloads write dates as text', () => {
  const event = one({
    ...success(),
    startTime: '2025-03-04 12:00:00.500000',
    endTime: '2025-03-04 12:00:02.750000',
    response_time: undefined,
  });
  has(event, { time: Date.parse('2025-03-04T12:00:02.750Z'), durationMs: 2250 });
});

test('content that the proxy withheld is no content', () => {
  const hidden = [{ role: 'user', content: 'redacted-by-litellm' }];
  const event = one({
    ...success(),
    messages: hidden,
    response: { choices: [{ message: { role: 'assistant', content: 'redacted-by-litellm' } }] },
  });
  has(event, { input: [], output: [] });
});

test('a raw key in place of the hash is hashed', () => {
  const record = success();
  record.metadata.user_api_key_hash = 'sk-fixture-secret';
  assert.equal(one(record).credential, `sha256:${createHash('sha256').update('sk-fixture-secret').digest('hex')}`);
});

test('guardrails', () => {
  has(one({ ...success(), status_fields: { guardrail_status: 'guardrail_flagged' } }), {
    status: 'ok',
    guardrail: 'flagged',
  });
  has(one({ ...success(), status_fields: { guardrail_status: 'guardrail_intervened' } }), {
    status: 'denied',
    guardrail: 'blocked',
  });
});

test('other call types keep their content', () => {
  const anthropic = one({
    ...success(),
    call_type: 'anthropic_messages',
    messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'found' }] }],
    response: {
      type: 'message',
      role: 'assistant',
      content: [{ type: 'tool_use', id: 't2', name: 'go', input: { a: 1 } }],
    },
  });
  assert.deepEqual(anthropic.input, [{ role: 'tool', text: 'found', toolCallId: 't1' }]);
  assert.deepEqual(anthropic.output[0]?.toolCalls, [{ id: 't2', name: 'go', arguments: '{"a":1}' }]);
  const responses = one({
    ...success(),
    call_type: 'aresponses',
    messages: 'plain text',
    response: { object: 'response', output: [{ type: 'function_call', call_id: 'f1', name: 'go', arguments: '{}' }] },
  });
  assert.deepEqual(responses.input, [{ role: 'user', text: 'plain text' }]);
  assert.equal(responses.output[0]?.toolCalls?.[0]?.name, 'go');
  assert.equal(
    one({ ...success(), call_type: 'aembedding', messages: ['a', 'b'], response: {} }).operation,
    'embeddings',
  );
});
