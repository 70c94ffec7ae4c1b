/** The port Queues on Redis. */
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { openRedisQueues } from '../../src/deliver/queues/redis.ts';
import { need } from '../services/index.ts';
import { queuesSuite } from './queues.ts';

queuesSuite('Redis', async (t) => {
  const servers = need(t, 'redis');
  if (!servers) return undefined;
  const prefix = `test-${randomUUID()}`;
  return {
    open: () => openRedisQueues({ url: servers.redis, prefix, warn() {} }),
    async end() {
      const redis = new Redis(servers.redis);
      const keys = await redis.keys(`${prefix}:*`);
      if (keys.length > 0) await redis.del(keys);
      await redis.quit();
    },
  };
});
