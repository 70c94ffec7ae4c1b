/** Brings our tables up to date: each component has numbered steps, and a table says which have run. */
import { NightjarError } from '../../errors.ts';
import { type SqlPool, transaction } from './sql.ts';

/** Any constant, the same in all processes: starters wait for one another on it. */
const LOCK = 0x6e6a;

/**
 * Runs the steps that this database has not seen, in one transaction; idempotent, and safe among simultaneous starters.
 * @param steps SQL texts of one or more statements, in order. A released step never changes; a new one goes to the end.
 * @throws NightjarError `NJ_REFUSED` when a newer version wrote the tables.
 * @example await migrate(pool, 'spool', ['CREATE TABLE nightjar.spool (position bigint PRIMARY KEY)']);
 */
export async function migrate(pool: SqlPool, component: string, steps: readonly string[]): Promise<void> {
  await transaction(pool, async (session) => {
    await session.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await session.query(
      `CREATE SCHEMA IF NOT EXISTS nightjar;
       CREATE TABLE IF NOT EXISTS nightjar.migration (component text PRIMARY KEY, version int NOT NULL)`,
    );
    const { rows } = await session.query<{ version: number }>(
      'SELECT version FROM nightjar.migration WHERE component = $1',
      [component],
    );
    const version = rows[0]?.version ?? 0;
    if (version > steps.length) {
      throw new NightjarError('NJ_REFUSED', `the tables of ${component} were written by a newer Nightjar`, {
        hint: `they have version ${version}, this program knows ${steps.length}: run the newer program`,
      });
    }
    for (const step of steps.slice(version)) await session.query(step);
    await session.query(
      `INSERT INTO nightjar.migration VALUES ($1, $2) ON CONFLICT (component) DO UPDATE SET version = excluded.version`,
      [component, steps.length],
    );
  });
}
