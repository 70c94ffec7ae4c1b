/** The request that actions make: where it may go, what its answers mean, and what is known when it fails. */
import assert from 'node:assert/strict';
import type { lookup } from 'node:dns';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { GiveUp, RetryLater } from '../../src/ports.ts';
import { isLoopbackHost, within } from '../../src/respond/address.ts';
import { createSend, type Request, requireSuccess, Unsent } from '../../src/respond/http.ts';
import { startRecorder } from '../stand-ins/recorder.ts';

/** A resolver that gives the same addresses for every name. */
const resolving = (...addresses: string[]) =>
  ((_name: string, _options: object, callback: (error: null, list: object[]) => void) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )) as unknown as typeof lookup;

const get = (url: string, reach: Request['reach'] = 'any'): Request => ({
  method: 'GET',
  url: new URL(url),
  headers: {},
  reach,
});
const answer = (status: number, headers = {}) => ({ status, headers, text: 'ignored' });

test('the public internet is told from everything else', () => {
  const inner = [
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.31.0.1', '192.168.1.1', '198.18.0.1'],
    ...[
      '224.0.0.1',
      '255.255.255.255',
      '::',
      '::1',
      'fe80::1',
      'fc00::1',
      'fd00:ec2::254',
      'ff02::1',
      '::ffff:10.0.0.1',
    ],
    ...['::ffff:8.8.8.8', '64:ff9b::a00:1', '2002:a00:1::', '2001::1', '2001:db8::1', 'localhost', ''],
  ];
  for (const address of inner) assert.equal(within('public', address), false, address);
  for (const address of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111']) {
    assert.equal(within('public', address), true, address);
  }
  assert.ok(within('loopback', '127.9.9.9') && within('loopback', '::1') && !within('loopback', '10.0.0.1'));
  for (const url of ['http://localhost/', 'http://127.1/', 'http://[::1]:8/', 'http://0x7f000001/']) {
    assert.ok(isLoopbackHost(new URL(url)), url);
  }
  for (const url of ['http://localhost.example.com/', 'http://127.0.0.1.example.com/', 'http://10.0.0.1/']) {
    assert.ok(!isLoopbackHost(new URL(url)), url);
  }
});

test('a name that resolves to an inner address is refused at connect time, and nothing arrives', async (t) => {
  const far = await startRecorder();
  t.after(() => far.close());
  const { port } = new URL(far.url);
  const rebound = createSend({ resolve: resolving('127.0.0.1') });
  await assert.rejects(rebound(get(`http://hooks.example.com:${port}/`, 'public')), (error) => {
    assert.ok(error instanceof GiveUp);
    assert.match(error.message, /hooks\.example\.com resolves to 127\.0\.0\.1, which is not a public address/);
    return true;
  });
  const mixed = createSend({ resolve: resolving('93.184.215.14', '127.0.0.1') });
  await assert.rejects(mixed(get(`http://hooks.example.com:${port}/`, 'public')), GiveUp);
  for (const url of [far.url, 'http://169.254.169.254/', `http://[::ffff:127.0.0.1]:${port}/`, 'https://10.0.0.1/']) {
    await assert.rejects(createSend()(get(url, 'public')), GiveUp, url);
  }
  await assert.rejects(createSend({ resolve: resolving('8.8.8.8') })(get('http://localhost:1/', 'loopback')), GiveUp);
  assert.equal(far.requests.length, 0);
  await rebound(get(`http://hooks.example.com:${port}/`, 'any'));
  await createSend()(get(far.url, 'loopback'));
  assert.equal(far.requests.length, 2);
});

test('redirects are not followed', async (t) => {
  const far = await startRecorder(() => ({ status: 302, headers: { location: '/elsewhere' } }));
  t.after(() => far.close());
  const response = await createSend()(get(far.url));
  assert.equal(response.status, 302);
  assert.throws(() => requireSuccess(response, 'it', 0), { name: 'GiveUp', message: /redirects are not followed/ });
  assert.equal(far.requests.length, 1);
});

test('what never left is told from what may have taken effect', async (t) => {
  const far = await startRecorder();
  t.after(() => far.close());
  const send = createSend({ timeoutMs: 150 });
  await assert.rejects(send(get('http://127.0.0.1:1/')), Unsent);
  await assert.rejects(send(get('http://nowhere.invalid/')), Unsent);
  const lost = async (code: string) =>
    assert.rejects(send({ ...get(far.url), method: 'POST', body: 'x' }), (error: Error & { code?: string }) => {
      assert.ok(!(error instanceof Unsent) && !(error instanceof GiveUp));
      assert.equal(error.code, code);
      return true;
    });
  far.misbehave({ kind: 'lose-answer' }, 1);
  await lost('NJ_UNREACHABLE');
  far.misbehave({ kind: 'hang' }, 1);
  await lost('NJ_TIMEOUT');
  far.misbehave({ kind: 'answer', answer: { body: 'x'.repeat(1024 * 1024 + 1) } }, 1);
  await assert.rejects(createSend()(get(far.url)), /longer than 1048576 bytes/);
});

test('a server that accepts and breaks off in the middle of its answer does not hang us', async (t) => {
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf');
      setTimeout(() => socket.destroy(), 20);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as { port: number };
  await assert.rejects(createSend()(get(`http://127.0.0.1:${port}/`)), { code: 'NJ_UNREACHABLE' });
});

test('answers: 2xx is success, 429 waits as asked, 3xx and 4xx are for good, 5xx is tried again', () => {
  requireSuccess(answer(204), 'it', 0);
  for (const status of [301, 400, 401, 403, 404, 410]) {
    assert.throws(() => requireSuccess(answer(status), 'it', 0), GiveUp);
  }
  for (const status of [500, 502, 503]) {
    assert.throws(() => requireSuccess(answer(status), 'it', 0), { code: 'NJ_UNREACHABLE', retriable: true });
  }
  const waits = (value?: string) => {
    try {
      requireSuccess(answer(429, value === undefined ? {} : { 'retry-after': value }), 'it', Date.UTC(2026, 0, 1));
    } catch (error) {
      assert.ok(error instanceof RetryLater);
      return error.afterMs;
    }
    return undefined;
  };
  assert.equal(waits('7'), 7_000);
  assert.equal(waits('0'), 1_000);
  assert.equal(waits('999999'), 3_600_000);
  assert.equal(waits('Thu, 01 Jan 2026 00:00:05 GMT'), 5_000);
  assert.equal(waits('soon'), 30_000);
  assert.equal(waits(), 30_000);
});
