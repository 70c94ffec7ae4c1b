/** HTTP intake: who may send, what is refused and how, and that accepted records arrive in order. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { HttpSource, type HttpSourceOptions } from '../../src/source/http.ts';
import { Collector, until } from './collector.ts';
import { MemorySpool } from './memory-spool.ts';

async function start(t: TestContext, options: Partial<HttpSourceOptions> = {}, spool = new MemorySpool()) {
  const source = new HttpSource(spool, {
    port: 0,
    token: 'secret',
    maxBodyBytes: 10_000,
    formats: ['litellm'],
    ...options,
  });
  const url = await source.listen();
  t.after(() => source.stop());
  const post = (body: string | Buffer, headers: Record<string, string> = {}, path = '', method = 'POST') =>
    fetch(`${url}${path}`, {
      method,
      headers: { authorization: 'Bearer secret', 'content-type': 'application/json', ...headers },
      ...(method === 'POST' ? { body: new Uint8Array(Buffer.from(body)) } : {}),
    });
  return { source, spool, url, post };
}

const NDJSON = { 'content-type': 'application/x-ndjson' };

test('object, array and lines are accepted, spooled and handed on in order, with their formats', async (t) => {
  const { source, post } = await start(t);
  const collector = new Collector();
  const running = source.run(collector);
  await until(() => collector.caughtUp.has('intake'), 'caught up while empty');
  const answers = [
    await post('{"a":1}'),
    await post('[{"a":2},{"a":3}]', {}, '/litellm'),
    await post('{"a":4}\r\n\nnot json\n{"a":5}', NDJSON, '/litellm'),
    await post(gzipSync('{"a":6}'), { 'content-encoding': 'gzip' }),
    await post('{"a":7}\n{"a":8}\n'),
  ];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [202, 202, 202, 202, 202],
  );
  assert.deepEqual(await answers[2]?.json(), { accepted: 3 });
  await until(() => collector.all.length === 8, 'all records');
  assert.deepEqual(collector.all, [
    '{"a":1}',
    '[{"a":2},{"a":3}]',
    '{"a":4}',
    'not json',
    '{"a":5}',
    '{"a":6}',
    '{"a":7}',
    '{"a":8}',
  ]);
  const formats = collector.batches.flatMap(({ format, records }) => records.map(() => format));
  assert.deepEqual(formats, ['auto', 'litellm', 'litellm', 'litellm', 'litellm', 'auto', 'auto', 'auto']);
  assert.equal(collector.next.get('intake'), 8);
  assert.ok(collector.caughtUp.has('intake'));
  await source.stop();
  await running;
  assert.deepEqual(collector.revocations, [['intake']]);
});

test('refusals: each with its status and a JSON line', async (t) => {
  const { post, url, spool } = await start(t);
  const bomb = gzipSync(Buffer.alloc(1_000_000, 'a'));
  const cases: [string, number, Promise<Response>][] = [
    ['no token', 401, fetch(url, { method: 'POST', body: '{}' })],
    ['wrong token', 401, post('{}', { authorization: 'Bearer secreT' })],
    ['wrong scheme', 401, post('{}', { authorization: 'Basic secret' })],
    ['no token elsewhere', 401, fetch(url.replace('/intake', '/x'))],
    ['too large', 413, post(`"${'x'.repeat(20_000)}"`)],
    ['too large when inflated', 413, post(bomb, { 'content-encoding': 'gzip' })],
    ['damaged gzip', 400, post('nonsense', { 'content-encoding': 'gzip' })],
    ['other encoding', 415, post('{}', { 'content-encoding': 'zstd' })],
    ['other type', 415, post('<a/>', { 'content-type': 'application/xml' })],
    ['not JSON', 400, post('{"a":')],
    ['empty', 400, post('')],
    ['no lines', 400, post('\n\n', NDJSON)],
    ['method', 405, post('', {}, '', 'GET')],
    ['path', 404, post('{}', {}, '/litellm/more')],
    ['format', 404, post('{}', {}, '/unknown')],
    ['prototype as encoding', 415, post('{}', { 'content-encoding': 'constructor' })],
  ];
  for (const [what, status, answer] of cases) {
    const response = await answer;
    assert.equal(response.status, status, what);
    const { error } = (await response.json()) as { error: string };
    assert.ok(error.length > 5, what);
    assert.ok(!error.includes('secret'), what);
  }
  assert.equal(spool.records.length, 0);
});

test('an unknown format is answered with those that there are, each once', async (t) => {
  const { post } = await start(t, { formats: ['auto', 'litellm', 'otlp'] });
  const answer = await post('{}', {}, '/unknown');
  assert.deepEqual(await answer.json(), { error: 'unknown format', formats: ['auto', 'litellm', 'otlp'] });
});

test('202 only when the spool has it; otherwise 503 and nothing about the inside', async (t) => {
  const { post, spool } = await start(t);
  spool.failure = new Error('disk full at /var/private');
  const answer = await post('{}');
  assert.equal(answer.status, 503);
  assert.ok(!(await answer.text()).includes('private'));
});

test('a full backlog answers 429 with Retry-After until a commit trims it', async (t) => {
  const { source, post, spool } = await start(t, { maxBacklog: 3 }, new MemorySpool(1_000_000));
  const collector = new Collector();
  const running = source.run(collector);
  assert.equal((await post('1\n2\n3', NDJSON)).status, 202);
  await until(() => collector.all.length === 3, 'read');
  const full = await post('4');
  assert.equal(full.status, 429);
  assert.ok(Number(full.headers.get('retry-after')) > 0);
  const litellm = await post('4', {}, '/litellm');
  assert.equal(litellm.status, 503, "LiteLLM's logger sends again what is refused so, and drops it at 429");
  assert.ok(Number(litellm.headers.get('retry-after')) > 0);
  await source.commit(new Map([['intake', 1_000_003]]));
  assert.equal(spool.records.length, 0);
  assert.equal((await post('4')).status, 202);
  await source.stop();
  await running;
});

test('starts at the checkpoint, and again from there when the pipeline throws', async (t) => {
  const spool = new MemorySpool();
  await spool.append(['0', '1', '2', '3'].map((text) => ({ value: Buffer.from(text), format: 'auto' })));
  const { source } = await start(t, {}, spool);
  const collector = new Collector();
  collector.positions.set('intake', 2);
  let failures = 2;
  collector.onBatch = async () => {
    if (failures-- > 0) throw new RangeError('once more');
  };
  const running = source.run(collector);
  await until(() => collector.all.length === 2, 'both');
  assert.deepEqual(collector.all, ['2', '3']);
  assert.equal(collector.assignments.length, 3);
  await source.stop();
  await running;
});

test('a record has the time of its arrival, and keeps it when it is read again', async (t) => {
  const { source, post } = await start(t);
  const collector = new Collector();
  const before = Date.now();
  await post('{"a":1}');
  const after = Date.now();
  const times: (number | undefined)[] = [];
  collector.onBatch = async ({ records }) => {
    for (const { time } of records) times.push(time);
    if (times.length === 1) throw new RangeError('once more');
  };
  const running = source.run(collector);
  await until(() => collector.all.length === 1, 'the record');
  await source.stop();
  await running;
  assert.equal(times.length, 2);
  assert.equal(times[0], times[1]);
  assert.ok(before <= (times[0] ?? 0) && (times[0] ?? 0) <= after);
});

test('a pipeline that always throws ends the source', async (t) => {
  const spool = new MemorySpool();
  await spool.append([{ value: Buffer.from('x'), format: 'auto' }]);
  const { source } = await start(t, {}, spool);
  const collector = new Collector();
  collector.onBatch = async () => {
    throw new TypeError('broken');
  };
  await assert.rejects(source.run(collector), { code: 'NJ_SOURCE_DEAD' });
});

test('a port in use is one clear line', async (t) => {
  const { source } = await start(t);
  const other = new HttpSource(new MemorySpool(), { port: source.port ?? 0, token: 'x', maxBodyBytes: 100 });
  await assert.rejects(other.run(new Collector()), {
    code: 'NJ_PORT_IN_USE',
    message: `port ${source.port} on 127.0.0.1 is in use`,
  });
  await other.stop();
});
