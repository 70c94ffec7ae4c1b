/** MCP JSON-RPC: both revisions, with nothing invented where a message has no session, id or time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixture, has, one, read } from './helpers.ts';

const TIME = Date.parse('2026-11-23T10:00:00Z');

test('a pair with its surroundings', () => {
  has(one(fixture('mcp-2025-pair.json')), {
    operation: 'tool',
    time: 1_795_400_040_000,
    session: 'mcp-s-1',
    principal: 'u-41',
    endpoint: 'files.example.com',
    clientAddress: '192.0.2.41',
    trace: '0af7651916cd43dd8448eb211c80319c',
    output: [
      { role: 'assistant', text: '', toolCalls: [{ id: '7', name: 'read', arguments: '{"path":"/srv/a"}' }] },
      { role: 'tool', text: 'one', toolCallId: '7', toolName: 'read', attachments: 1 },
    ],
  });
});

test('stateless requests and responses', () => {
  has(one(fixture('mcp-2026-request.json'), { time: TIME }), {
    agent: 'desk-agent',
    agentVersion: '4',
    session: undefined,
    time: TIME,
  });
  has(one(fixture('mcp-2026-response.json'), { time: TIME }), {
    endpoint: 'files',
    output: [{ role: 'tool', text: '{"rows":[1,2]}', toolCallId: 'r-1' }],
  });
});

test('without a time there is no Event', () => {
  assert.throws(() => read(fixture('mcp-2026-request.json')), /no time/);
});

test('equal messages at different times are different Events', () => {
  const at = (time: number) => one(fixture('mcp-2026-request.json'), { time }).id;
  assert.notEqual(at(TIME), at(TIME + 1));
  assert.equal(at(TIME), at(TIME));
});

test('the carrier may give the session and the trace', () => {
  const headers = { 'mcp-session-id': 'ms-9', traceparent: '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01' };
  has(one(fixture('mcp-2026-request.json'), { time: TIME, headers }), {
    session: 'ms-9',
    trace: '0af7651916cd43dd8448eb211c80319c',
  });
});

test('protocol errors, listings, handshakes', () => {
  has(one(fixture('mcp-error.json'), { time: TIME }), { status: 'error', errorType: '-32602' });
  has(one(fixture('mcp-tools-list.json'), { time: TIME }), {
    operation: 'access',
    tools: [{ name: 'read', description: 'Reads a file', parameters: '{"type":"object"}' }],
  });
  assert.deepEqual(read(fixture('mcp-initialize.json'), { time: TIME }), { events: [], notCalls: 1, errors: [] });
});
