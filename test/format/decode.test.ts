/** Framing: what one record may hold, and how a bad part of it is told apart from a bad record. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NightjarError } from '../../src/errors.ts';
import { decode, FORMAT_NAMES } from '../../src/format/decode.ts';
import { fixture, one, read } from './helpers.ts';

const good = JSON.parse(fixture('openai-empty.json').toString());
const call = (id: string) => ({ ...good, id });

function refused(value: unknown, reason: RegExp, options = {}): void {
  assert.throws(
    () => read(value, options),
    (error: unknown) => error instanceof NightjarError && error.code === 'NJ_RECORD' && reason.test(error.message),
  );
}

test('object, array and NDJSON hold the same calls', () => {
  assert.deepEqual(
    read(call('a')).events.map((e) => e.id),
    ['a'],
  );
  assert.deepEqual(
    read([call('a'), call('b')]).events.map((e) => e.id),
    ['a', 'b'],
  );
  const lines = `${JSON.stringify(call('a'))}\n${JSON.stringify(call('b'))}\r\n\n`;
  assert.deepEqual(
    read(lines).events.map((e) => e.id),
    ['a', 'b'],
  );
  assert.deepEqual(
    read(JSON.stringify(call('a'), null, 2)).events.map((e) => e.id),
    ['a'],
  );
});

test('99 good calls and one bad one give 99 events and one error with its index', () => {
  const calls: unknown[] = Array.from({ length: 100 }, (_, i) => call(`c${i}`));
  calls[41] = { ...good, id: 'c41', created: undefined };
  const decoded = read(calls);
  assert.equal(decoded.events.length, 99);
  assert.equal(decoded.errors.length, 1);
  assert.equal(decoded.errors[0]?.index, 41);
  assert.match(decoded.errors[0]?.reason ?? '', /no time/);
});

test('a bad line of NDJSON is one error', () => {
  const decoded = read(`${JSON.stringify(call('a'))}\n{"half": \n${JSON.stringify(call('b'))}`);
  assert.deepEqual(
    decoded.events.map((e) => e.id),
    ['a', 'b'],
  );
  assert.deepEqual(decoded.errors, [{ index: 1, reason: 'line is not JSON' }]);
  const first = read(`{"half": \n${JSON.stringify(call('b'))}\n${JSON.stringify(call('c'))}`);
  assert.deepEqual(
    first.events.map((e) => e.id),
    ['b', 'c'],
  );
  assert.equal(first.errors.length, 1);
});

test('a record with a single bad call is refused as a whole', () => {
  refused({ ...good, created: undefined }, /no time/);
  refused({ some: 'thing' }, /no known format/);
  refused([{ some: 'thing' }], /no known format/);
  refused('"text"', /unknown log/);
  refused('42', /unknown log/);
  refused('hello', /unknown log/);
  refused('', /empty/);
  refused('  \n ', /empty/);
  refused('{"a":', /not JSON/);
  refused('[1]', /not an object/);
});

test('Azure and CloudWatch envelopes are taken off', () => {
  assert.equal(read({ records: [call('a'), call('b')] }).events.length, 2);
  const decoded = read({
    messageType: 'DATA_MESSAGE',
    logEvents: [{ message: JSON.stringify(call('a')) }, { message: 'x' }],
  });
  assert.equal(decoded.events.length, 1);
  assert.deepEqual(decoded.errors, [{ index: 1, reason: 'log event is not a JSON object' }]);
});

test('an empty export holds nothing and is no error', () => {
  assert.deepEqual(read({ resourceSpans: [] }), { events: [], notCalls: 0, errors: [] });
  assert.deepEqual(read('[]'), { events: [], notCalls: 0, errors: [] });
});

test('a fixed format refuses what it cannot read; a family takes all of its formats', () => {
  refused(call('a'), /no known format/, { format: 'litellm' });
  assert.equal(read(call('a'), { format: 'openai' }).events.length, 1);
  assert.equal(read(fixture('litellm-audit.json'), { format: 'litellm' }).events[0]?.operation, 'admin');
  assert.equal(read(fixture('otlp-spans.json'), { format: 'otlp' }).events.length, 6);
  assert.equal(read({ ...call('a'), object: 'chat.completion.chunk' }, { format: 'litellm' }).notCalls, 1);
  assert.ok(!FORMAT_NAMES.includes('fragment'));
  assert.ok(FORMAT_NAMES.includes('auto') && FORMAT_NAMES.includes('bedrock'));
  assert.throws(
    () => read(call('a'), { format: 'nope' }),
    (e: unknown) => e instanceof NightjarError && e.code === 'NJ_CONFIG',
  );
});

test('the carrier time is used only where the record has none', () => {
  const carrier = Date.parse('2026-01-01T00:00:00Z');
  assert.equal(one({ ...good, created: undefined }, { time: carrier }).time, carrier);
  assert.equal(one(good, { time: carrier }).time, 1_795_400_002_000);
});

test('ids of records without one depend on content alone, not on framing', () => {
  const bare = { ...good, id: undefined };
  const alone = one(bare).id;
  assert.match(alone, /^rec-[0-9a-f]{32}$/);
  assert.equal(one(JSON.stringify(bare, null, 1)).id, alone);
  assert.equal(read([call('a'), bare]).events[1]?.id, alone);
  assert.notEqual(one({ ...bare, model: 'other' }).id, alone);
});

test('a byte order mark and a view into a larger buffer are read', () => {
  assert.equal(one(`\ufeff${JSON.stringify(good)}`).id, good.id);
  const padded = Buffer.from(`xx${JSON.stringify(good)}yy`);
  const view = new Uint8Array(padded.buffer, padded.byteOffset + 2, padded.length - 4);
  assert.equal(decode(view, { format: 'auto', tenant: 't' }).events[0]?.id, good.id);
});

test('decoding is deterministic', () => {
  for (const name of ['litellm-success.json', 'otlp-spans.json', 'langfuse.json', 'azure-gateway.json']) {
    assert.deepEqual(read(fixture(name)), read(fixture(name)));
  }
});
