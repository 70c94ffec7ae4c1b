/** Action `webhook`: its signature, what it refuses to talk to, and one id for every try. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import type { Action } from '../../src/ports.ts';
import { sign, signingKey, webhook } from '../../src/respond/actions/webhook.ts';
import { createSend } from '../../src/respond/http.ts';
import { startRecorder } from '../stand-ins/recorder.ts';
import { makeAlert, START } from './helpers.ts';

const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;

async function made(url: string, secret = SECRET): Promise<Action> {
  const config = { mode: 'enforce', neverTouch: [], maxTargetsPerHour: 10, webhook: { url, secretFile: 'f' } } as const;
  const action = await webhook.create({
    config: { ...config, neverTouch: [] },
    send: createSend({ timeoutMs: 200 }),
    secret: async (path) => {
      assert.equal(path, 'f');
      return secret;
    },
    now: () => START,
  });
  assert.ok(action);
  return action;
}

test('the signature is the one of the specification’s example', () => {
  // From the test vectors that the specification's libraries share.
  const key = signingKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  const value = sign(key, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}');
  assert.equal(value, 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('posts the alert and target, signed over the very bytes; each try has the same id and body', async (t) => {
  const far = await startRecorder();
  t.after(() => far.close());
  const action = await made(`${far.url}/hook?team=soc`);
  const target = { kind: 'session', id: 's-1' } as const;
  assert.equal(await action.holds(target, makeAlert()), false);
  far.misbehave({ kind: 'lose-answer' }, 1);
  await assert.rejects(action.run(target, makeAlert(), 'ef_1'), { code: 'NJ_UNREACHABLE' });
  await action.run(target, makeAlert(), 'ef_1');
  const [first, second] = far.requests;
  assert.equal(first?.body, second?.body);
  assert.equal(second?.method, 'POST');
  assert.equal(second?.path, '/hook?team=soc');
  assert.deepEqual([first?.headers['webhook-id'], second?.headers['webhook-id']], ['ef_1', 'ef_1']);
  const timestamp = second?.headers['webhook-timestamp'];
  assert.equal(timestamp, String(START / 1000));
  const mac = createHmac('sha256', Buffer.from('0123456789abcdef0123456789abcdef'));
  const expected = mac.update(`ef_1.${timestamp}.${second?.body}`).digest('base64');
  assert.equal(second?.headers['webhook-signature'], `v1,${expected}`);
  assert.deepEqual(second?.json, {
    type: 'nightjar.response',
    timestamp: '2026-11-23T10:00:00.000Z',
    data: { effect: 'ef_1', target, alert: makeAlert() },
  });
  assert.ok(!JSON.stringify(far.requests).includes(SECRET));
});

test('its answers mean what they say', async (t) => {
  const far = await startRecorder();
  t.after(() => far.close());
  const action = await made(far.url);
  const run = () => action.run({ kind: 'alert', id: 'al_1' }, makeAlert(), 'ef_1');
  far.misbehave({ kind: 'answer', answer: { status: 410 } }, 1);
  await assert.rejects(run(), { name: 'GiveUp' });
  far.tooManyRequests(9, 1);
  await assert.rejects(run(), { name: 'RetryLater', afterMs: 9_000 });
  far.misbehave({ kind: 'answer', answer: { status: 503 } }, 1);
  await assert.rejects(run(), { code: 'NJ_UNREACHABLE' });
  far.misbehave({ kind: 'hang' }, 1);
  await assert.rejects(run(), { code: 'NJ_TIMEOUT' });
  await run();
});

test('only https, or this machine itself; a secret that cannot sign is a config error', async () => {
  for (const url of ['http://hooks.example.com/', 'http://10.0.0.1/', 'ftp://127.0.0.1/']) {
    await assert.rejects(made(url), { code: 'NJ_CONFIG', message: /respond\.webhook\.url: .* is not https/ }, url);
  }
  for (const secret of ['', 'whsec_', 'whsec_not base64!']) {
    await assert.rejects(made('https://hooks.example.com/', secret), { code: 'NJ_CONFIG', message: /secretFile/ });
  }
  const inner = await made('https://169.254.169.254/');
  await assert.rejects(inner.run({ kind: 'alert', id: 'al_1' }, makeAlert(), 'ef_1'), { name: 'GiveUp' });
});
