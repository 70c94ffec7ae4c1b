/** What the Elasticsearch store does when the server misbehaves, and what it never tells: credentials. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import type { ElasticsearchConfig } from '../../src/config/schema.ts';
import { openElasticsearchStore } from '../../src/deliver/elasticsearch/store.ts';
import { describeError, NightjarError } from '../../src/errors.ts';
import { RetryLater } from '../../src/ports.ts';
import { type Answer, type Recorder, startRecorder } from '../stand-ins/index.ts';
import { sampleAlert } from './sample.ts';

const SECRET = 'canary-secret-key';
const headers = {
  'x-elastic-product': 'Elasticsearch',
  'content-type': 'application/vnd.elasticsearch+json; compatible-with=8',
};

let folder: string;
let server: Recorder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightjar-es-'));
  await writeFile(join(folder, 'key'), `${SECRET}\n`);
  server = await startRecorder((request) => {
    const items = request.body.split('\n').filter((line) => line.startsWith('{"create"'));
    return answer(200, { items: items.map(() => ({ create: { status: 201 } })) });
  });
});
after(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const answer = (status: number, body: unknown): Answer => ({ status, headers, body: JSON.stringify(body) });
const itemAnswer = (status: number, type: string): Answer =>
  answer(200, { items: [{ create: { status, error: { type, reason: `made-up ${type}` } } }] });
const open = (change: Partial<ElasticsearchConfig> = {}) =>
  openElasticsearchStore({ node: server.url, namespace: 'default', apiKeyFile: join(folder, 'key'), ...change });

/** The error of one write after the server answered so. */
async function failure(reply: Answer, times: number): Promise<Error> {
  const store = open();
  server.misbehave({ kind: 'answer', answer: reply }, times);
  const error = await store.putAlert(sampleAlert()).then(
    () => assert.fail('was written'),
    (thrown: Error) => thrown,
  );
  server.behave();
  await store.close();
  assert.ok(!inspect(error, { depth: 20 }).includes(SECRET), 'the error tells the secret');
  return error;
}

test('the key is sent, and a document that is there already counts as written', async () => {
  const store = open();
  server.misbehave({ kind: 'answer', answer: itemAnswer(409, 'version_conflict_engine_exception') }, 1);
  await store.putAlert(sampleAlert());
  assert.equal(server.requests.at(-1)!.headers.authorization, `ApiKey ${SECRET}`);
  await store.close();
});

test('a busy item is sent again and passes', async () => {
  const store = open();
  server.misbehave({ kind: 'answer', answer: itemAnswer(429, 'es_rejected_execution_exception') }, 1);
  server.misbehave({ kind: 'answer', answer: answer(503, { error: { type: 'unavailable' } }) }, 1);
  await store.putAlert(sampleAlert());
  await store.close();
});

test('blocks make the job wait; wrong rights are refused with what to check', async () => {
  for (const status of [403, 429]) {
    const error = await failure(itemAnswer(status, 'cluster_block_exception'), 1);
    assert.ok(error instanceof RetryLater && /blocks writes.*disk space/.test(error.message), error.message);
  }
  const item = await failure(itemAnswer(403, 'security_exception'), 1);
  const whole = await failure(answer(401, { error: { type: 'security_exception', reason: 'no such key' } }), 1);
  for (const error of [item, whole]) {
    assert.ok(error instanceof NightjarError && error.code === 'NJ_REFUSED');
    assert.match(describeError(error), /127\.0\.0\.1.*security_exception.*check the credentials/);
  }
});

test('something else than Elasticsearch is recognised', async () => {
  const error = await failure({ status: 200, body: '<html>hello</html>' }, 1);
  assert.ok(error instanceof NightjarError && error.code === 'NJ_REFUSED', inspect(error));
  assert.match(error.message, /is not Elasticsearch/);
});

test('an unreachable node is named, without the credentials in its address', async () => {
  const gone = await startRecorder();
  await gone.close();
  const node = gone.url.replace('http://', `http://user:${SECRET}@`);
  const { apiKeyFile: _, ...config } = { node, namespace: 'default', apiKeyFile: '' };
  const store = openElasticsearchStore(config);
  for (const ask of [() => store.setup(), () => store.putAlert(sampleAlert()), () => store.getIncident('in_1')]) {
    await assert.rejects(ask, (error) => {
      assert.ok(error instanceof NightjarError && error.code === 'NJ_UNREACHABLE', inspect(error));
      assert.ok(error.message.includes(`cannot reach Elasticsearch at ${gone.url}`), error.message);
      assert.ok(!inspect(error, { depth: 20 }).includes(SECRET));
      return true;
    });
  }
  await store.close();
});

test('a dropped connection is worth another try', async () => {
  const store = open();
  server.misbehave({ kind: 'drop' }, 1);
  await assert.rejects(store.putAlert(sampleAlert()), (error) => error instanceof NightjarError && error.retriable);
  await store.putAlert(sampleAlert());
  await store.close();
});

test('a missing secret file or half a login is a wrong configuration, by field', () => {
  assert.throws(
    () => open({ apiKeyFile: join(folder, 'none') }),
    (error) => {
      return (
        error instanceof NightjarError &&
        error.code === 'NJ_CONFIG' &&
        /apiKeyFile: cannot read.*ENOENT/.test(error.message)
      );
    },
  );
  assert.throws(
    () => openElasticsearchStore({ node: server.url, namespace: 'default', username: 'nightjar' }),
    /username and passwordFile belong together/,
  );
});

test('templates are installed when missing or older, and left alone when newer', async () => {
  const installed = new Map<string, number>([
    ['nightjar-alerts', 0],
    ['nightjar-responses', 99],
  ]);
  const cluster = await startRecorder(({ method, path, json }) => {
    const name = path.split('/').at(-1)!;
    if (method === 'PUT') {
      installed.set(name, (json as { version: number }).version);
      return answer(200, { acknowledged: true });
    }
    const version = installed.get(name);
    if (version === undefined) return answer(404, { error: { type: 'resource_not_found_exception' } });
    return answer(200, { index_templates: [{ name, index_template: { version } }] });
  });
  const lines: string[] = [];
  const config = { node: cluster.url, namespace: 'default' };
  const store = openElasticsearchStore(config, { notice: (line) => lines.push(line) });
  await store.setup();
  await store.setup();
  await store.close();
  await cluster.close();
  assert.deepEqual(lines, [
    'updated index template nightjar-alerts from version 0 to 1',
    'created index template nightjar-incidents (version 1)',
  ]);
  assert.equal(installed.get('nightjar-responses'), 99);
});
