/** The ledger of effects in SQL: the same on PostgreSQL and on the embedded database. */
import { randomUUID } from 'node:crypto';
import type { Effects } from '../../ports.ts';
import { migrate } from '../embedded/migrations.ts';
import { type SqlPool, storable } from '../embedded/sql.ts';

const STEPS = [
  `CREATE TABLE nightjar.effect (
     scope text, key text, action text NOT NULL, target_kind text NOT NULL, target_id text NOT NULL,
     state text NOT NULL CHECK (state IN ('begun', 'done', 'abandoned')),
     -- Who may still abandon it: the one that began it, until anybody else has asked.
     claim text,
     begun_at bigint NOT NULL, done_at bigint, PRIMARY KEY (scope, key)
   );
   CREATE INDEX ON nightjar.effect (scope, done_at)`,
];

/**
 * The ledger in schema `nightjar`. `close` leaves the pool open.
 *
 * A claim can be abandoned only while nobody else has asked for the same key: whoever was told `unknown` may be acting by now, and then
 * the key stays `unknown` until somebody completes it.
 * @param prefix keeps several Nightjars in one database apart.
 */
export async function openSqlEffects(pool: SqlPool, { prefix }: { prefix: string }): Promise<Effects> {
  await migrate(pool, 'effects', STEPS);
  const me = randomUUID();
  return {
    async begin(rawKey, { action, target }) {
      const key = storable(rawKey);
      for (;;) {
        const claimed = await pool.query(
          `INSERT INTO nightjar.effect AS kept (scope, key, action, target_kind, target_id, state, claim, begun_at)
           VALUES ($1, $2, $3, $4, $5, 'begun', $6, $7)
           ON CONFLICT (scope, key) DO UPDATE SET state = 'begun', claim = excluded.claim, begun_at = excluded.begun_at
           WHERE kept.state = 'abandoned' RETURNING key`,
          [prefix, key, action, target.kind, storable(target.id), me, Date.now()],
        );
        if (claimed.rows.length > 0) return 'new';
        const taken = await pool.query(
          `UPDATE nightjar.effect SET claim = NULL WHERE scope = $1 AND key = $2 AND state = 'begun' RETURNING key`,
          [prefix, key],
        );
        if (taken.rows.length > 0) return 'unknown';
        const done = await pool.query(
          `SELECT key FROM nightjar.effect WHERE scope = $1 AND key = $2 AND state = 'done'`,
          [prefix, key],
        );
        if (done.rows.length > 0) return 'done';
      }
    },

    async complete(key) {
      await pool.query(
        `UPDATE nightjar.effect SET state = 'done', claim = NULL, done_at = $3
         WHERE scope = $1 AND key = $2 AND state <> 'done'`,
        [prefix, storable(key), Date.now()],
      );
    },

    async abandon(key) {
      await pool.query(
        `UPDATE nightjar.effect SET state = 'abandoned', claim = NULL
         WHERE scope = $1 AND key = $2 AND state = 'begun' AND claim = $3`,
        [prefix, storable(key), me],
      );
    },

    async countSince(time) {
      const { rows } = await pool.query<{ n: number }>(
        `SELECT count(DISTINCT (target_kind, target_id))::int AS n FROM nightjar.effect
         WHERE scope = $1 AND state = 'done' AND done_at >= $2`,
        [prefix, time],
      );
      return rows[0]?.n ?? 0;
    },

    async close() {},
  };
}
