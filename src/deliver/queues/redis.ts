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
      const worker = openWorker();
      return { connection: worker.client, prefix: options.prefix, end: worker.end };
    },
    factory: createRedisBackend,
    warn: options.warn ?? console.error,
    close: async () => close(),
  });
}
