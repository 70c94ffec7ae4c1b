/** The ledger of effects on Redis: each step is one script, so it is atomic among processes. */
import { randomUUID } from 'node:crypto';
import type { Effects } from '../../ports.ts';
import { connectRedis, type RedisOptions, redisCall } from '../queues/redis-connection.ts';

const BEGIN = `
local state = redis.call('HGET', KEYS[1], 'state')
if state == 'done' then return 'done' end
if state == 'begun' then
  redis.call('HDEL', KEYS[1], 'claim')
  return 'unknown'
end
redis.call('HSET', KEYS[1], 'state', 'begun', 'claim', ARGV[1], 'action', ARGV[2], 'target', ARGV[3], 'begun_at', ARGV[4])
return 'new'`;

const COMPLETE = `
local state = redis.call('HGET', KEYS[1], 'state')
if not state or state == 'done' then return 0 end
redis.call('HSET', KEYS[1], 'state', 'done', 'done_at', ARGV[1])
redis.call('HDEL', KEYS[1], 'claim')
redis.call('ZADD', KEYS[2], 'GT', ARGV[1], redis.call('HGET', KEYS[1], 'target'))
return 1`;

const ABANDON = `
if redis.call('HGET', KEYS[1], 'claim') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'state', 'abandoned')
return redis.call('HDEL', KEYS[1], 'claim')`;

/**
 * The ledger under `<prefix>:{effects}:…`; Redis 6.2 or newer.
 *
 * A claim can be abandoned only while nobody else has asked for the same key: whoever was told `unknown` may be acting by now, and then
 * the key stays `unknown` until somebody completes it.
 * @throws NightjarError as `connectRedis`; each call rejects with `NJ_TIMEOUT` when Redis does not answer within 5 s.
 */
export async function openRedisEffects(options: RedisOptions): Promise<Effects> {
  const connection = await connectRedis(options);
  const { client } = connection;
  const me = randomUUID();
  // One hash slot for all keys, so that a script may touch two of them on a cluster.
  const base = `${options.prefix}:{effects}`;
  const call = <T>(command: Promise<T>) => redisCall(connection, command);
  return {
    async begin(key, { action, target }) {
      const reply = await call(
        client.eval(BEGIN, 1, `${base}:${key}`, me, action, `${target.kind}:${target.id}`, Date.now()),
      );
      return reply as 'new' | 'done' | 'unknown';
    },
    async complete(key) {
      await call(client.eval(COMPLETE, 2, `${base}:${key}`, `${base}-done`, Date.now()));
    },
    async abandon(key) {
      await call(client.eval(ABANDON, 1, `${base}:${key}`, me));
    },
    countSince: (time) => call(client.zcount(`${base}-done`, time, '+inf')),
    async close() {
      connection.close();
    },
  };
}
