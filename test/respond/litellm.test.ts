/** Actions `litellm-block-key` and `litellm-unblock-key` against a stand-in that answers as the proxy's key API does. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { Action } from '../../src/ports.ts';
import { ACTION_FACTS, createActions } from '../../src/respond/actions/index.ts';
import { createSend } from '../../src/respond/http.ts';
import { responseJobs } from '../../src/respond/playbook.ts';
import { type Answer, type RecordedRequest, type Recorder, startRecorder } from '../stand-ins/recorder.ts';
import { bench, KEY, makeAlert, makePlaybook, START } from './helpers.ts';

const ADMIN = 'sk-admin-key-of-the-test';
const HASH = KEY.slice('sha256:'.length);
const target = { kind: 'credential', id: KEY } as const;

interface Proxy {
  far: Recorder;
  keys: Map<string, { blocked: boolean | null }>;
  block: Action;
  unblock: Action;
}

/** A proxy with one key under the path prefix `/llm`. */
async function proxy(t: TestContext, prefix = '/llm'): Promise<Proxy> {
  const keys = new Map<string, { blocked: boolean | null }>([[HASH, { blocked: null }]]);
  const answer = ({ method, path, headers, json }: RecordedRequest): Answer => {
    const url = new URL(path, 'http://proxy');
    if (!url.pathname.startsWith('/llm/key/')) return { status: 404, body: { detail: 'Not Found' } };
    if (headers.authorization !== `Bearer ${ADMIN}`) return { status: 401, body: { error: { type: 'auth_error' } } };
    const key = url.searchParams.get('key') ?? (json as { key: string }).key;
    const row = keys.get(key);
    if (!row)
      return { status: 404, body: { error: { message: 'Key not found in database', param: 'key', code: '404' } } };
    if (method === 'POST') row.blocked = url.pathname === '/llm/key/block';
    return { body: method === 'POST' ? { token: key, ...row } : { key, info: row } };
  };
  const far = await startRecorder(answer);
  t.after(() => far.close());
  const actions = await createActions({
    config: {
      mode: 'enforce',
      neverTouch: [],
      maxTargetsPerHour: 10,
      litellm: { url: `${far.url}${prefix}`, keyFile: 'admin' },
    },
    send: createSend({ timeoutMs: 300 }),
    secret: async () => ADMIN,
    now: () => START,
  });
  assert.deepEqual(
    actions.map(({ id }) => id),
    ['litellm-block-key', 'litellm-unblock-key'],
  );
  const [block, unblock] = actions as [Action, Action];
  return { far, keys, block, unblock };
}

test('blocks by the bare hash, sees the state, and is undone by its inverse', async (t) => {
  const { far, keys, block, unblock } = await proxy(t);
  const alert = makeAlert();
  assert.equal(await block.holds(target, alert), false);
  await block.run(target, alert, 'ef_1');
  assert.equal(keys.get(HASH)?.blocked, true);
  assert.equal(await block.holds(target, alert), true);
  assert.equal(await unblock.holds(target, alert), false);
  await unblock.run(target, alert, 'ef_2');
  assert.equal(keys.get(HASH)?.blocked, false);
  assert.equal(await unblock.holds(target, alert), true);
  assert.deepEqual(
    far.requests.slice(0, 2).map(({ method, path, json }) => [method, path, json]),
    [
      ['GET', `/llm/key/info?key=${HASH}`, undefined],
      ['POST', '/llm/key/block', { key: HASH }],
    ],
  );
  assert.deepEqual([block.inverse, unblock.inverse], [unblock.id, block.id]);
  assert.ok(ACTION_FACTS.every(({ inverse }) => inverse === null || ACTION_FACTS.some(({ id }) => id === inverse)));
});

test('a key that is gone counts as blocked, and cannot be unblocked', async (t) => {
  const { keys, block, unblock } = await proxy(t);
  keys.clear();
  assert.equal(await block.holds(target, makeAlert()), true);
  await block.run(target, makeAlert(), 'ef_1');
  assert.equal(await unblock.holds(target, makeAlert()), false);
  await assert.rejects(unblock.run(target, makeAlert(), 'ef_2'), { name: 'GiveUp', message: /does not know the key/ });
});

test('a wrong path does not pass for a key that is gone', async (t) => {
  const { block } = await proxy(t, '/wrong');
  await assert.rejects(block.holds(target, makeAlert()), { name: 'GiveUp', message: /check respond\.litellm\.url/ });
  await assert.rejects(block.run(target, makeAlert(), 'ef_1'), { name: 'GiveUp' });
});

test('an answer without the key’s info is no state', async (t) => {
  const { far, block } = await proxy(t);
  far.misbehave({ kind: 'answer', answer: { body: 'welcome' } }, 1);
  await assert.rejects(block.holds(target, makeAlert()), { code: 'NJ_UNREACHABLE' });
});

test('a credential that is no key hash, or the admin key itself, is refused before any request', async (t) => {
  const { far, block } = await proxy(t);
  const own = `sha256:${createHash('sha256').update(ADMIN).digest('hex')}`;
  for (const id of ['sha256:abcd', 'sk-1234', `${KEY}/../x`, own]) {
    await assert.rejects(block.run({ kind: 'credential', id }, makeAlert(), 'ef_1'), { name: 'GiveUp' }, id);
    await assert.rejects(block.holds({ kind: 'credential', id }, makeAlert()), { name: 'GiveUp' }, id);
  }
  assert.equal(far.requests.length, 0);
});

test('the whole way: one effective block, though answers get lost and the job runs again and again', async (t) => {
  const { far, keys, block } = await proxy(t);
  const playbook = makePlaybook({ steps: [{ action: 'litellm-block-key', target: 'credential' }] });
  const { responder, records } = bench([playbook], [block]);
  const [job] = responseJobs([playbook], makeAlert());
  assert.ok(job);
  far.misbehave({ kind: 'answer', answer: { status: 500 } }, 1);
  await assert.rejects(responder.handle(job), { code: 'NJ_UNREACHABLE' });
  far.tooManyRequests(3, 1);
  await assert.rejects(responder.handle(job), { name: 'RetryLater', afterMs: 3_000 });
  // The block takes effect and its answer is lost.
  const info = { body: { key: HASH, info: { blocked: null } } };
  far.misbehave({ kind: 'answer', answer: info }, 1);
  far.misbehave({ kind: 'lose-answer' }, 1);
  await assert.rejects(responder.handle(job), { code: 'NJ_UNREACHABLE' });
  assert.equal(keys.get(HASH)?.blocked, true);
  await responder.handle(job);
  await responder.handle(job);
  assert.equal(far.requests.filter(({ method }) => method === 'POST').length, 1);
  const outcomes = records.map(({ steps }) => steps[0]?.outcome);
  assert.deepEqual(outcomes, ['failed', 'failed', 'failed', 'done', 'already']);
  assert.ok(!JSON.stringify(records).includes(ADMIN));
});

test('an admin key that the proxy refuses fails for good', async (t) => {
  const { far, block } = await proxy(t);
  far.misbehave({ kind: 'answer', answer: { status: 401 } }, 1);
  await assert.rejects(block.run(target, makeAlert(), 'ef_1'), { name: 'GiveUp', message: /refused: 401/ });
});
