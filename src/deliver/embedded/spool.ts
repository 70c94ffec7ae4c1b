/** Records taken in over HTTP, kept in the embedded database until the pipeline has passed them. */
import type { Spool } from '../../ports.ts';
import type { EmbeddedDatabase } from './database.ts';
import { migrate } from './migrations.ts';
import { storable, transaction } from './sql.ts';

const STEPS = [
  `CREATE TABLE nightjar.spool (position bigint PRIMARY KEY, value bytea NOT NULL, format text NOT NULL);
   ALTER TABLE nightjar.spool ALTER value SET STORAGE EXTERNAL;
   CREATE TABLE nightjar.spool_end (next bigint NOT NULL);
   INSERT INTO nightjar.spool_end VALUES (0)`,
  'ALTER TABLE nightjar.spool ADD COLUMN time bigint',
];
const ROWS_PER_INSERT = 500;
/** One read returns at most about this many bytes, and at least one record. */
const READ_BYTES = 16 * 1024 * 1024;

/**
 * Positions start at 0 and have no gaps, also over restarts. `append` of nothing answers the last position so far, -1 when there is
 * none. `read` may return fewer than `limit` while more are kept: the next position then follows the last one returned.
 */
export async function openSpool({ pool }: Pick<EmbeddedDatabase, 'pool'>): Promise<Spool> {
  await migrate(pool, 'spool', STEPS);
  return {
    append: (values) =>
      transaction(pool, async (session) => {
        const { rows } = await session.query<{ next: number }>(
          'UPDATE nightjar.spool_end SET next = next + $1 RETURNING next',
          [values.length],
        );
        const next = Number(rows[0]?.next);
        let position = next - values.length;
        for (let at = 0; at < values.length; at += ROWS_PER_INSERT) {
          const part = values.slice(at, at + ROWS_PER_INSERT);
          // Bytes as base64: the driver's own form for bytea is more than ten times slower.
          const tuples = part.map(
            (_, i) => `($${4 * i + 1}, decode($${4 * i + 2}, 'base64'), $${4 * i + 3}, $${4 * i + 4}::bigint)`,
          );
          await session.query(
            `INSERT INTO nightjar.spool VALUES ${tuples.join(', ')}`,
            part.flatMap(({ value, format, time = null }) => [position++, base64(value), storable(format), time]),
          );
        }
        return next - 1;
      }),

    async read(from, limit) {
      const { rows } = await pool.query<{ position: number; value: string; format: string; time: number | null }>(
        `SELECT position, encode(value, 'base64') AS value, format, time FROM (
           SELECT *, sum(octet_length(value)) OVER (ORDER BY position) - octet_length(value) AS before FROM (
             SELECT * FROM nightjar.spool WHERE position >= $1 ORDER BY position LIMIT $2
           ) AS next
         ) AS sized WHERE before < $3 ORDER BY position`,
        [from, limit, READ_BYTES],
      );
      return rows.map((row) => ({
        position: Number(row.position),
        value: Buffer.from(row.value, 'base64'),
        format: row.format,
        ...(row.time === null ? {} : { time: Number(row.time) }),
      }));
    },

    async trim(position) {
      await pool.query('DELETE FROM nightjar.spool WHERE position < $1', [position]);
    },
  };
}

function base64(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
}
