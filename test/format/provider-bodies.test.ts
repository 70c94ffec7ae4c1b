/** OpenAI and Anthropic bodies: pairs, bare responses, streams, failures, parallel calls, parts that are not text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixture, has, one, read, sha } from './helpers.ts';

test('chat completions pair with a wrapper: parallel calls answered out of order', () => {
  const event = one(fixture('openai-chat.json'));
  has(event, {
    id: 'chatcmpl-fx-30',
    time: Date.parse('2026-11-23T09:00:05Z'),
    principal: 'u-30',
    credential: sha('sk-fixture-secret'),
    session: 's-30',
    clientAddress: '192.0.2.30',
    userAgent: 'example-client/1.0',
    endpoint: 'api.example.com',
    route: '/v1/chat/completions',
    httpStatus: 200,
    durationMs: 812,
    output: [{ role: 'assistant', text: 'They differ.' }],
  });
  assert.equal(event.input[0]?.role, 'system');
  assert.deepEqual(event.input.slice(3), [
    { role: 'tool', text: 'B line 1\nB line 2', toolCallId: 'c2', toolName: 'read_file' },
    { role: 'tool', text: 'A', toolCallId: 'c1', toolName: 'read_file' },
  ]);
});

test('an empty answer', () => {
  has(one(fixture('openai-empty.json')), { output: [{ role: 'assistant', text: '' }], outputTokens: 0 });
});

test('a streamed answer is put together', () => {
  has(one(fixture('openai-stream.json')), {
    id: 'chatcmpl-fx-32',
    model: 'gpt-fx',
    output: [
      {
        role: 'assistant',
        text: 'Let me look.',
        toolCalls: [{ id: 'c7', name: 'fetch', arguments: '{"url":"https://example.com/"}' }],
      },
    ],
    inputTokens: 9,
    outputTokens: 8,
  });
});

test('a failed call', () => {
  has(one(fixture('openai-error.json')), {
    status: 'denied',
    errorType: 'permission_denied',
    httpStatus: 403,
    output: [],
  });
});

test('Responses items', () => {
  has(one(fixture('openai-responses.json')), {
    principal: 'u-9',
    session: 'conv-9',
    time: 1_795_400_012_000,
    inputTokens: 20,
    input: [
      { role: 'system', text: 'Use the tools.' },
      { role: 'user', text: 'Read page 3', attachments: 1 },
      { role: 'assistant', text: '', toolCalls: [{ id: 'fc_1', name: 'read_page', arguments: '{"n":3}' }] },
      { role: 'tool', text: 'Page three text', toolCallId: 'fc_1', toolName: 'read_page' },
    ],
    output: [
      {
        role: 'assistant',
        text: '',
        toolCalls: [
          { id: 'ws_1', name: 'web_search', arguments: '{"type":"search","query":"page three"}' },
          { id: 'mcp_1', name: 'store', arguments: '{"k":1}', server: 'vault' },
        ],
      },
      { role: 'tool', text: 'stored', toolCallId: 'mcp_1', toolName: 'store' },
      { role: 'assistant', text: 'Done.' },
    ],
    tools: [{ name: 'read_page', parameters: '{"type":"object"}' }, { name: 'web_search' }],
  });
});

test('Anthropic blocks', () => {
  has(one(fixture('anthropic-pair.json')), {
    principal: 'u-40',
    credential: sha('sk-ant-fixture-secret'),
    inputTokens: 15,
    input: [
      { role: 'system', text: 'You file tickets.' },
      { role: 'user', text: 'Letter text\nFile this', attachments: 1 },
      {
        role: 'assistant',
        text: 'I will look.',
        toolCalls: [
          { id: 'toolu_1', name: 'search', arguments: '{"q":"letter"}' },
          { id: 'toolu_2', name: 'list', arguments: '{}' },
        ],
      },
      { role: 'tool', text: 'hit 1\nhit 2', toolCallId: 'toolu_1', toolName: 'search' },
      { role: 'tool', text: 'none', toolCallId: 'toolu_2', toolName: 'list', error: true },
      { role: 'user', text: 'Go on' },
    ],
    output: [
      {
        role: 'assistant',
        text: 'Filing.',
        toolCalls: [{ id: 'toolu_3', name: 'file_ticket', arguments: '{"title":"Letter"}' }],
      },
    ],
  });
});

test('parts of one message and single messages are no calls', () => {
  const decoded = read([
    { role: 'user', content: 'hi' },
    { object: 'chat.completion.chunk', choices: [] },
  ]);
  assert.deepEqual(decoded, { events: [], notCalls: 2, errors: [] });
});

test('Gemini and Ollama bodies in a pair', () => {
  const gemini = one({
    time: '2026-11-23T09:00:00Z',
    request: {
      model: 'gemini-fx',
      contents: [{ role: 'user', parts: [{ text: 'hi' }, { inlineData: { data: 'aGk=' } }] }],
    },
    response: {
      candidates: [{ content: { role: 'model', parts: [{ functionCall: { name: 'go', args: { a: 1 } } }] } }],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1 },
    },
  });
  has(gemini, {
    input: [{ role: 'user', text: 'hi', attachments: 1 }],
    output: [{ role: 'assistant', text: '', toolCalls: [{ id: '', name: 'go', arguments: '{"a":1}' }] }],
    inputTokens: 3,
    outputTokens: 1,
  });
  const ollama = one({
    time: 1_795_400_000,
    request: { model: 'fx', prompt: 'hi' },
    response: { response: 'hello', prompt_eval_count: 2, eval_count: 1 },
  });
  has(ollama, { output: [{ role: 'assistant', text: 'hello' }], inputTokens: 2, outputTokens: 1 });
});
