/** Access logs of vLLM, Ollama and nginx. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixture, has, one, read } from './helpers.ts';

test('lines of three servers in one text', () => {
  const time = Date.parse('2026-11-23T19:00:05Z');
  const { events, notCalls, errors } = read(fixture('access.log'), { time });
  assert.deepEqual(errors, []);
  assert.equal(notCalls, 2, 'a health check and a page');
  has(events[0], { clientAddress: '192.0.2.160', route: '/v1/chat/completions', httpStatus: 200, time });
  has(events[1], { status: 'denied', httpStatus: 401, route: '/v1/models' });
  has(events[2], { route: '/api/pull', time: Date.parse('2026-11-23T19:00:00Z'), durationMs: 82.985212 });
  has(events[3], { principal: 'ada', userAgent: 'curl/8', time: Date.parse('2026-11-23T19:00:00Z') });
});

test('gin writes local time: the carrier tells the zone', () => {
  const line = '[GIN] 2026/11/23 - 19:00:00 | 200 |   414.019µs |     192.0.2.1 | GET      "/api/tags"';
  has(one(line), { time: Date.parse('2026-11-23T19:00:00Z'), durationMs: 0.414019 });
  has(one(line, { time: Date.parse('2026-11-23T17:00:09Z') }), { time: Date.parse('2026-11-23T17:00:00Z') });
  has(one(line, { time: Date.parse('2026-12-25T17:00:09Z') }), { time: Date.parse('2026-11-23T19:00:00Z') });
});

test('a line without a time and without a carrier time is refused', () => {
  assert.throws(() => read('INFO:     192.0.2.1:1 - "GET /v1/models HTTP/1.1" 200 OK'), /no time/);
});

test('the debug text of a collector is no call', () => {
  assert.deepEqual(read('Span #0\n    Trace ID : 00\nAttributes:\n').notCalls, 1);
});
