/** Queues in the embedded database: BullMQ's PostgreSQL backend on PGlite. */
import { createPostgresBackend, runMigrations } from 'bullmq';
import type { Queues } from '../../ports.ts';
import type { EmbeddedDatabase } from '../embedded/database.ts';
import { bullQueues } from './bull-queues.ts';

/**
 * Queues `<prefix>.alerts` and `<prefix>.responses`; `close` leaves the database open.
 * @param options.warn told what a person should know; default: standard error
 * @example const queues = await openEmbeddedQueues(await openDatabase('.nightjar'), { prefix: 'nightjar' });
 */
export async function openEmbeddedQueues(
  { pool }: Pick<EmbeddedDatabase, 'pool'>,
  options: { prefix: string; warn?: (message: string) => void },
): Promise<Queues> {
  const client = await pool.connect();
  await runMigrations(client as never, 'bullmq');
  client.release();
  // One connection serves all, so this holds for all; our own tables are named with their schema.
  await pool.query('SET search_path TO bullmq, public');
  return bullQueues({
    where: 'the embedded database',
    nameOf: (queue) => `${options.prefix}.${queue}`,
    connect: () => ({ connection: pool as never, end() {} }),
    factory: createPostgresBackend,
    warn: options.warn ?? console.error,
    close: async () => {},
  });
}
