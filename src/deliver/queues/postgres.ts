/** Queues on PostgreSQL, through BullMQ's own backend for it. */
import { createPostgresBackend, runMigrations } from 'bullmq';
import { describeError, NightjarError } from '../../errors.ts';
import type { Queues } from '../../ports.ts';
import { bullQueues } from './bull-queues.ts';
import { connectPostgres, type PostgresOptions } from './postgres-connection.ts';

/**
 * Queues `<prefix>.alerts` and `<prefix>.responses` in the schema `bullmq`, made when missing.
 * @throws NightjarError as `connectPostgres`; `NJ_REFUSED` when the tables cannot be made
 * @example const queues = await openPostgresQueues({ url: 'postgres://localhost/nightjar', prefix: 'nightjar' });
 */
export async function openPostgresQueues(options: PostgresOptions): Promise<Queues> {
  const { pool, where } = await connectPostgres(options);
  const client = await pool.connect();
  try {
    await runMigrations(client as never, 'bullmq');
  } catch (error) {
    client.release(true);
    await pool.end();
    throw new NightjarError('NJ_REFUSED', `${where}: cannot make the queue tables: ${describeError(error)}`, {
      hint: 'the user of queue.postgres.url must be allowed to create the schema bullmq',
      cause: error,
    });
  }
  client.release();
  return bullQueues({
    where,
    nameOf: (queue) => `${options.prefix}.${queue}`,
    connect: () => ({ connection: pool as never, end() {} }),
    factory: createPostgresBackend,
    warn: options.warn ?? console.error,
    close: () => pool.end(),
  });
}
