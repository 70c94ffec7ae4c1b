/** OTLP over HTTP: answers as OTLP defines them, in the encoding of the request, and only after the records are kept. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { NightjarError } from '../../src/errors.ts';
import { decode } from '../../src/format/decode.ts';
import { HttpSource, type HttpSourceOptions } from '../../src/source/http.ts';
import { encodeOtlp } from '../format/otlp-encode.ts';
import { Collector, until } from './collector.ts';
import { MemorySpool } from './memory-spool.ts';

const fixture = (name: string) => readFileSync(new URL(`../format/fixtures/${name}.json`, import.meta.url), 'utf8');
const TRACES = fixture('otlp-spans');
const LOGS = fixture('otlp-logs');
const JSON_TYPE = { 'content-type': 'application/json' };
const PROTO = { 'content-type': 'application/x-protobuf' };

async function start(t: TestContext, options: Partial<HttpSourceOptions> = {}) {
  const spool = new MemorySpool();
  const source = new HttpSource(spool, {
    port: 0,
    token: 'secret',
    maxBodyBytes: 1_000_000,
    faults: (value, format) => decode(value, { format, tenant: 'default' }).errors,
    ...options,
  });
  const origin = new URL(await source.listen()).origin;
  t.after(() => source.stop());
  const post = (path: string, body: string | Buffer, headers: Record<string, string>) =>
    fetch(`${origin}${path}`, {
      method: 'POST',
      headers: { authorization: 'Bearer secret', ...headers },
      body: new Uint8Array(Buffer.from(body)),
    });
  return { source, spool, origin, post };
}

const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

/** A span whose attribute no format can read: JSON text nested too deep. */
function withBadSpan(): { request: Record<string, unknown>; spans: number } {
  const request = JSON.parse(TRACES);
  const spans = request.resourceSpans[0].scopeSpans[0].spans;
  const bad = structuredClone(spans[0]);
  bad.attributes = bad.attributes.filter(({ key }: { key: string }) => key !== 'gen_ai.input.messages');
  const deep = `${'['.repeat(100)}${']'.repeat(100)}`;
  bad.attributes.push({ key: 'gen_ai.input.messages', value: { stringValue: deep } });
  spans.push(bad);
  return { request, spans: spans.length };
}

test('traces and logs, JSON and protobuf, plain and gzipped: an empty response of the same type, and the body kept as it came', async (t) => {
  const { spool, post } = await start(t);
  const bodies: [string, Buffer, Record<string, string>][] = [
    ['/v1/traces', Buffer.from(TRACES), JSON_TYPE],
    ['/v1/traces', encodeOtlp(JSON.parse(TRACES)), PROTO],
    ['/v1/logs', Buffer.from(LOGS), { 'content-type': 'application/json; charset=utf-8' }],
    ['/v1/logs', encodeOtlp(JSON.parse(LOGS)), PROTO],
  ];
  for (const [path, body, headers] of bodies) {
    for (const zipped of [false, true]) {
      const answer = await post(
        path,
        zipped ? gzipSync(body) : body,
        zipped ? { ...headers, 'content-encoding': 'gzip' } : headers,
      );
      assert.equal(answer.status, 200);
      const type = headers === PROTO ? 'application/x-protobuf' : 'application/json';
      assert.equal(answer.headers.get('content-type'), type);
      assert.equal((await bytesOf(answer)).toString(), headers === PROTO ? '' : '{}');
      const kept = spool.records.at(-1);
      assert.equal(kept?.format, 'otlp');
      assert.ok(Buffer.from(kept?.value ?? []).equals(body));
      assert.ok(decode(kept?.value ?? new Uint8Array(), { format: 'otlp', tenant: 'default' }).events.length > 0);
    }
  }
  assert.equal(spool.records.length, 8);
});

test('an export of nothing is a success and keeps nothing', async (t) => {
  const { spool, post } = await start(t);
  for (const path of ['/v1/traces', '/v1/logs']) {
    assert.equal((await post(path, '', PROTO)).status, 200);
    for (const body of ['{}', '{"resourceSpans":[]}'.replace('Spans', path === '/v1/logs' ? 'Logs' : 'Spans')]) {
      const answer = await post(path, body, JSON_TYPE);
      assert.equal(answer.status, 200);
      assert.equal(await answer.text(), '{}');
    }
  }
  assert.equal(spool.records.length, 0);
});

test('partial success counts the spans that cannot be read, in JSON and protobuf, and the rest is kept', async (t) => {
  const { spool, post } = await start(t);
  const { request, spans } = withBadSpan();
  const json = await post('/v1/traces', JSON.stringify(request), JSON_TYPE);
  assert.equal(json.status, 200);
  const { partialSuccess } = (await json.json()) as {
    partialSuccess: { rejectedSpans: string; errorMessage: string };
  };
  assert.equal(partialSuccess.rejectedSpans, '1');
  assert.match(partialSuccess.errorMessage, /deeper than 64/);

  const proto = await post('/v1/traces', encodeOtlp(request), PROTO);
  const message = Buffer.from(partialSuccess.errorMessage);
  const partial = Buffer.concat([Buffer.from([0x08, 1, 0x12, message.length]), message]);
  assert.deepEqual(await bytesOf(proto), Buffer.concat([Buffer.from([0x0a, partial.length]), partial]));
  for (const { value } of spool.records) {
    const { events, notCalls, errors } = decode(value, { format: 'otlp', tenant: 'default' });
    assert.equal(events.length + notCalls, spans - 1);
    assert.equal(errors.length, 1);
  }
  assert.equal(spool.records.length, 2);
});

test('rejected log records have their own name, and long messages and counts their own varints', async (t) => {
  const faults = Array.from({ length: 300 }, () => ({ reason: 'x'.repeat(200) }));
  const { post } = await start(t, { faults: () => faults });
  const json = await post('/v1/logs', LOGS, JSON_TYPE);
  assert.deepEqual(await json.json(), {
    partialSuccess: { rejectedLogRecords: '300', errorMessage: 'x'.repeat(200) },
  });
  const proto = await bytesOf(await post('/v1/logs', encodeOtlp(JSON.parse(LOGS)), PROTO));
  // 206 bytes of partial success: 300 as a varint, then a text of 200.
  assert.deepEqual([...proto.subarray(0, 9)], [0x0a, 0xce, 0x01, 0x08, 0xac, 0x02, 0x12, 0xc8, 0x01]);
  assert.equal(proto.length, 9 + 200);
});

test('refusals carry a google.rpc.Status in the encoding of the request', async (t) => {
  const { origin, spool, post } = await start(t, { maxBodyBytes: 200_000 });
  const bomb = gzipSync(Buffer.alloc(1_000_000, 10));
  const stranger = (path: string, headers: Record<string, string>) =>
    fetch(`${origin}${path}`, { method: 'POST', headers, body: '{}' });
  const cases: [string, number, number, Promise<Response>][] = [
    ['no token', 401, 16, stranger('/v1/traces', JSON_TYPE)],
    ['no token, protobuf', 401, 16, stranger('/v1/logs', PROTO)],
    ['not JSON', 400, 3, post('/v1/traces', '{"resourceSpans":', JSON_TYPE)],
    ['no object', 400, 3, post('/v1/traces', '[]', JSON_TYPE)],
    ['null', 400, 3, post('/v1/traces', 'null', JSON_TYPE)],
    ['entries are no list', 400, 3, post('/v1/traces', '{"resourceSpans":{"a":1}}', JSON_TYPE)],
    ['logs as traces', 400, 3, post('/v1/traces', LOGS, JSON_TYPE)],
    ['traces as logs', 400, 3, post('/v1/logs', TRACES, JSON_TYPE)],
    ['empty JSON', 400, 3, post('/v1/traces', '', JSON_TYPE)],
    ['JSON as protobuf', 400, 3, post('/v1/traces', TRACES, PROTO)],
    ['no protobuf', 400, 3, post('/v1/logs', Buffer.from([0x0a, 200, 1, 2]), PROTO)],
    ['cut off', 400, 3, post('/v1/traces', encodeOtlp(JSON.parse(TRACES)).subarray(0, -3), PROTO)],
    ['damaged gzip', 400, 3, post('/v1/traces', 'nonsense', { ...PROTO, 'content-encoding': 'gzip' })],
    ['other encoding', 415, 3, post('/v1/traces', 'x', { ...PROTO, 'content-encoding': 'zstd' })],
    ['other type', 415, 3, post('/v1/traces', 'x', { 'content-type': 'text/plain' })],
    ['too large', 413, 8, post('/v1/traces', Buffer.alloc(300_000, 10), PROTO)],
    ['too large when inflated', 413, 8, post('/v1/traces', bomb, { ...PROTO, 'content-encoding': 'gzip' })],
    ['method', 405, 12, fetch(`${origin}/v1/traces`, { headers: { authorization: 'Bearer secret' } })],
  ];
  for (const [what, http, code, pending] of cases) {
    const response = await pending;
    assert.equal(response.status, http, what);
    const body = await bytesOf(response);
    if (response.headers.get('content-type') === 'application/x-protobuf') {
      const { length } = body.subarray(4);
      assert.deepEqual([...body.subarray(0, 4)], [0x08, code, 0x12, length], what);
    } else {
      assert.equal(response.headers.get('content-type'), 'application/json', what);
      const status = JSON.parse(body.toString());
      assert.equal(status.code, code, what);
      assert.ok(status.message.length > 5, what);
    }
    assert.ok(!body.includes('secret'), what);
  }
  assert.equal(spool.records.length, 0);
  assert.equal((await post('/v1/metrics', '{}', JSON_TYPE)).status, 404);
});

test('under pressure 429 with Retry-After, and 503 with Retry-After when it could not be kept or is stopping', async (t) => {
  const { source, spool, post } = await start(t, { maxBacklog: 1 });
  const running = source.run(new Collector());
  spool.failure = new Error('disk full at /var/private');
  const failed = await post('/v1/traces', TRACES, JSON_TYPE);
  assert.equal(failed.status, 503);
  assert.ok(Number(failed.headers.get('retry-after')) > 0);
  const status = (await failed.json()) as { code: number; message: string };
  assert.equal(status.code, 14);
  assert.ok(!status.message.includes('private'));
  spool.failure = undefined;

  assert.equal((await post('/v1/traces', TRACES, JSON_TYPE)).status, 200);
  const full = await post('/v1/traces', encodeOtlp(JSON.parse(TRACES)), PROTO);
  assert.equal(full.status, 429);
  assert.ok(Number(full.headers.get('retry-after')) > 0);
  assert.deepEqual([...(await bytesOf(full)).subarray(0, 2)], [0x08, 8]);
  await source.commit(new Map([['intake', 1]]));
  assert.equal((await post('/v1/traces', TRACES, JSON_TYPE)).status, 200);
  await source.stop();
  await running;
});

test('large exports fill the backlog by their bytes', async (t) => {
  const { source, post } = await start(t, { maxBacklogBytes: 3 * TRACES.length });
  const running = source.run(new Collector());
  const send = async () => (await post('/v1/traces', TRACES, JSON_TYPE)).status;
  assert.deepEqual([await send(), await send(), await send(), await send()], [200, 200, 200, 429]);
  await source.commit(new Map([['intake', 2]]));
  assert.deepEqual([await send(), await send(), await send()], [200, 200, 429]);
  await source.commit(new Map([['intake', 5]]));
  assert.equal(await send(), 200);
  await source.stop();
  await running;
});

/** An export of several MB: two resources, each with many spans or log records that hold a long text; one of them cannot be read. */
function large(text: string): { request: Record<string, unknown>; leaves: number } {
  const request = JSON.parse(text);
  const root = request.resourceSpans ?? request.resourceLogs;
  const group = (root[0].scopeSpans ?? root[0].scopeLogs)[0];
  const key = group.spans ? 'spans' : 'logRecords';
  const [leaf] = group[key];
  const long = JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: 'é'.repeat(20_000) }] }]);
  const deep = `${'['.repeat(100)}${']'.repeat(100)}`;
  leaf.attributes = leaf.attributes.filter((one: { key: string }) => one.key !== 'gen_ai.input.messages');
  group[key] = Array.from({ length: 75 }, (_, i) => ({
    ...structuredClone(leaf),
    spanId: (i + 1).toString(16).padStart(16, '0'),
    attributes: [...leaf.attributes, { key: 'gen_ai.input.messages', value: { stringValue: i === 40 ? deep : long } }],
  }));
  root.splice(1);
  root.push(structuredClone(root[0]));
  return { request, leaves: 150 };
}

for (const [path, text] of [
  ['/v1/traces', TRACES],
  ['/v1/logs', LOGS],
] as const) {
  test(`a large export to ${path} is kept in parts that lose nothing, in JSON and protobuf`, async (t) => {
    const { spool, post } = await start(t, { maxBodyBytes: 20_000_000 });
    const { request, leaves } = large(text);
    const bodies: [Buffer, Record<string, string>][] = [
      [Buffer.from(JSON.stringify(request)), JSON_TYPE],
      [encodeOtlp(request), PROTO],
    ];
    for (const [body, headers] of bodies) {
      assert.ok(body.length > 5 * 1024 * 1024, 'more than one record may have');
      spool.records.length = 0;
      const answer = await post(path, body, headers);
      assert.equal(answer.status, 200);
      const said = await bytesOf(answer);
      const name = path === '/v1/traces' ? 'rejectedSpans' : 'rejectedLogRecords';
      if (headers === JSON_TYPE) assert.equal(JSON.parse(said.toString()).partialSuccess[name], '2');
      else assert.deepEqual([...said.subarray(2, 4)], [0x08, 2]);
      assert.ok(spool.records.length > 4 && spool.records.length < 12);
      const decoded = spool.records.map(({ value }) => decode(value, { format: 'otlp', tenant: 'default' }));
      const events = decoded.flatMap((one) => one.events);
      assert.equal(events.length, leaves - 2);
      assert.equal(decoded.flatMap(({ errors }) => errors).length, 2);
      assert.ok(events.every(({ input }) => input.some((message) => message.text.length === 20_000)));
      assert.equal(new Set(events.map(({ agent }) => agent)).size, 1, 'each part has its resource');
      assert.ok(events[0]?.agent);
    }
  });
}

test('a large export that cannot be split stays whole: deep JSON, broken framing, a resource that would be repeated', async (t) => {
  const { spool, post } = await start(t, { maxBodyBytes: 20_000_000, faults: () => [] });
  const deep = `{"resourceSpans":[{"scopeSpans":[{"spans":[${'['.repeat(600_000)}${']'.repeat(600_000)}]}]}]}`;
  const group = { scope: {}, spans: [{ name: 'x' }] };
  const resource = { attributes: [{ key: 'a', value: { stringValue: 'y'.repeat(600_000) } }] };
  const fat = { resourceSpans: [{ resource, scopeSpans: Array.from({ length: 20_000 }, () => group) }] };
  const bodies: [string | Buffer, Record<string, string>][] = [
    [deep, JSON_TYPE],
    [JSON.stringify(fat), JSON_TYPE],
    [encodeOtlp(fat), PROTO],
    [Buffer.concat([encodeOtlp(fat), Buffer.from([0x0a, 200, 200])]), PROTO],
  ];
  for (const [body, headers] of bodies) {
    assert.equal((await post('/v1/traces', body, headers)).status, 200);
    assert.ok(Buffer.from(spool.records.at(-1)?.value ?? []).equals(Buffer.from(body)));
  }
  assert.equal(spool.records.length, bodies.length);
});

test('a fault of the check itself is 503, not a refusal for good', async (t) => {
  const faults = () => {
    throw new NightjarError('NJ_CONFIG', 'unknown format');
  };
  const { post, spool } = await start(t, { faults });
  assert.equal((await post('/v1/traces', TRACES, JSON_TYPE)).status, 503);
  assert.equal(spool.records.length, 0);
});

test('what comes in as OTLP and what comes in as another format arrive in order, each with its format', async (t) => {
  const { source, post } = await start(t);
  const collector = new Collector();
  const running = source.run(collector);
  await post('/intake', '{"a":1}', JSON_TYPE);
  await post('/v1/traces', encodeOtlp(JSON.parse(TRACES)), PROTO);
  await post('/v1/logs', LOGS, JSON_TYPE);
  await until(() => collector.all.length === 3, 'all records');
  const formats = collector.batches.flatMap(({ format, records }) => records.map(() => format));
  assert.deepEqual(formats, ['auto', 'otlp', 'otlp']);
  const values = collector.batches.flatMap(({ records }) => records.map(({ value }) => value));
  assert.ok(Buffer.from(values[1] ?? []).equals(encodeOtlp(JSON.parse(TRACES))));
  await source.stop();
  await running;
});
