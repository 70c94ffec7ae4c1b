/** Queues on Redis. */
import { createRedisBackend } from 'bullmq';
import type { Queues } from '../../ports.ts';
import { bullQueues } from './bull-queues.ts';
import { connectRedis, type RedisOptions } from './redis-connection.ts';

/**
 * Queues `alerts` and `responses` under the key prefix.
 * @throws NightjarError as `connectRedis`
 * @example const queues = await openRedisQueues({ url: 'redis://localhost:6379', prefix: 'nightjar' });
 */
export async function openRedisQueues(options: RedisOptions): Promise<Queues> {
  const { client, where, openWorker, close } = await connectRedis(options);
  return bullQueues({
    where,
    nameOf: (queue) => queue,
    connect(use) {
      if (use === 'queue') return { connection: client, prefix: options.prefix, end() {} };
      const connection = openWorker();
      return { connection, prefix: options.prefix, end: () => connection.disconnect() };
    },
    factory: createRedisBackend,
    warn: options.warn ?? console.error,
    close: async () => close(),
  });
}
