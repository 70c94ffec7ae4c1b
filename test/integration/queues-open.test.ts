/** Opening queues on a server that is away, hangs, refuses us or cannot be trusted: one clear error, soon. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { openPostgresQueues } from '../../src/deliver/queues/postgres.ts';
import { openRedisQueues } from '../../src/deliver/queues/redis.ts';
import { type ErrorCode, NightjarError } from '../../src/errors.ts';
import { need } from '../services/index.ts';
import { startRedis } from '../services/redis.ts';
import { startSilence } from '../support/queues-proxy.ts';

const prefix = 'test';
const quiet = { prefix, warn() {} };

async function refuses(opening: Promise<unknown>, code: ErrorCode, says: RegExp): Promise<void> {
  const started = Date.now();
  await assert.rejects(opening, (error) => {
    assert.ok(error instanceof NightjarError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, says);
    assert.ok(error.hint);
    assert.doesNotMatch(`${error.message} ${error.hint}`, /hunter2|\n/);
    return true;
  });
  assert.ok(Date.now() - started < 6_000, `took ${Date.now() - started} ms`);
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('nothing listens', async () => {
  const at = `127.0.0.1:${await closedPort()}`;
  const says = new RegExp(`${at}.*ECONNREFUSED`);
  await refuses(openRedisQueues({ url: `redis://:hunter2@${at}`, ...quiet }), 'NJ_UNREACHABLE', says);
  await refuses(openPostgresQueues({ url: `postgres://me:hunter2@${at}/db`, ...quiet }), 'NJ_UNREACHABLE', says);
});

test('the server accepts and never answers', async () => {
  const silence = await startSilence();
  try {
    const at = `127.0.0.1:${silence.port}`;
    await Promise.all([
      refuses(openRedisQueues({ url: `redis://${at}`, ...quiet }), 'NJ_UNREACHABLE', new RegExp(at)),
      refuses(openPostgresQueues({ url: `postgres://me@${at}/db`, ...quiet }), 'NJ_UNREACHABLE', new RegExp(at)),
    ]);
  } finally {
    await silence.close();
  }
});

test('a malformed address is a fault of the config', async () => {
  for (const url of ['localhost:6379', 'http://127.0.0.1', '']) {
    await refuses(openRedisQueues({ url, ...quiet }).catch(addHint), 'NJ_CONFIG', /queue\.redis\.url/);
    await refuses(openPostgresQueues({ url, ...quiet }).catch(addHint), 'NJ_CONFIG', /queue\.postgres\.url/);
  }
});

/** The message of a config fault says all; the other checks still apply to it. */
function addHint(error: NightjarError): never {
  throw new NightjarError(error.code, error.message, { hint: error.hint ?? '-' });
}

test('wrong credentials are named as such', async (t) => {
  const servers = need(t, 'redis', 'postgres');
  if (!servers) return;
  const redis = new URL(servers.redis);
  await refuses(
    openRedisQueues({ url: `redis://nobody:hunter2@${redis.host}`, ...quiet }),
    'NJ_REFUSED',
    /credentials: WRONGPASS/,
  );
  const postgres = new URL(servers.postgres);
  postgres.pathname = '/no_such_database';
  await refuses(openPostgresQueues({ url: postgres.href, ...quiet }), 'NJ_REFUSED', /no_such_database/);
});

test('a Redis that may drop jobs is refused; one without append-only file is warned of', async (t) => {
  if (!need(t, 'redis')) return;
  const evicting = await startRedis({ settings: { 'maxmemory-policy': 'allkeys-lru' } });
  try {
    await refuses(
      openRedisQueues({ url: evicting.address, ...quiet }),
      'NJ_REFUSED',
      /maxmemory-policy is allkeys-lru/,
    );
  } finally {
    await evicting.stop();
  }
  const forgetful = await startRedis({ settings: { appendonly: 'no' } });
  try {
    const warnings: string[] = [];
    const queues = await openRedisQueues({ url: forgetful.address, prefix, warn: (text) => void warnings.push(text) });
    await queues.close();
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] as string, /append-only/);
  } finally {
    await forgetful.stop();
  }
});
