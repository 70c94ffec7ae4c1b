/** The ledger of effects on PostgreSQL. */
import type { Effects } from '../../ports.ts';
import type { SqlPool } from '../embedded/sql.ts';
import { connectPostgres, type PostgresOptions } from '../queues/postgres-connection.ts';
import { openSqlEffects } from './sql.ts';

/** @throws NightjarError as `connectPostgres` */
export async function openPostgresEffects(options: PostgresOptions): Promise<Effects> {
  const { pool } = await connectPostgres(options);
  try {
    const effects = await openSqlEffects(pool as SqlPool, options);
    return { ...effects, close: () => pool.end() };
  } catch (error) {
    await pool.end();
    throw error;
  }
}
