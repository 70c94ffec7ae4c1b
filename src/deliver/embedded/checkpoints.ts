/** Checkpoints in the embedded database: one transaction replaces the one before. */
import type { Checkpoints } from '../../ports.ts';
import type { EmbeddedDatabase } from './database.ts';
import { migrate } from './migrations.ts';
import { transaction } from './sql.ts';

const STEPS = [
  `CREATE TABLE nightjar.checkpoint (shard text PRIMARY KEY, version int NOT NULL, positions text NOT NULL);
   CREATE TABLE nightjar.checkpoint_part (
     shard text REFERENCES nightjar.checkpoint ON DELETE CASCADE, part int, body bytea NOT NULL, PRIMARY KEY (shard, part)
   );
   ALTER TABLE nightjar.checkpoint_part ALTER body SET STORAGE EXTERNAL`,
];
/** A body goes in parts, so that no single statement is large and other work runs between them. */
const PART_BYTES = 1024 * 1024;
/** Each save leaves the body before it as dead rows; vacuuming this often lets the file reuse their room. */
const SAVES_PER_VACUUM = 8;

export async function openCheckpoints({ pool }: Pick<EmbeddedDatabase, 'pool'>): Promise<Checkpoints> {
  await migrate(pool, 'checkpoints', STEPS);
  let saves = 0;
  return {
    load: (shard) =>
      transaction(pool, async (session) => {
        const { rows } = await session.query<{ version: number; positions: string }>(
          'SELECT version, positions FROM nightjar.checkpoint WHERE shard = $1',
          [shard],
        );
        if (rows[0] === undefined) return undefined;
        const parts = await session.query<{ body: string }>(
          `SELECT encode(body, 'base64') AS body FROM nightjar.checkpoint_part WHERE shard = $1 ORDER BY part`,
          [shard],
        );
        return {
          version: rows[0].version,
          positions: new Map(JSON.parse(rows[0].positions) as [string, number][]),
          body: Buffer.concat(parts.rows.map((row) => Buffer.from(row.body, 'base64'))),
        };
      }),

    async save(shard, { positions, version, body }) {
      const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
      await transaction(pool, async (session) => {
        await session.query('DELETE FROM nightjar.checkpoint WHERE shard = $1', [shard]);
        await session.query('INSERT INTO nightjar.checkpoint VALUES ($1, $2, $3)', [
          shard,
          version,
          JSON.stringify([...positions]),
        ]);
        for (let part = 0; part * PART_BYTES < bytes.length; part++) {
          const slice = bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
          // Bytes as base64: the driver's own form for bytea is more than ten times slower.
          await session.query(`INSERT INTO nightjar.checkpoint_part VALUES ($1, $2, decode($3, 'base64'))`, [
            shard,
            part,
            slice.toString('base64'),
          ]);
        }
      });
      if (++saves % SAVES_PER_VACUUM === 0) {
        await pool.query('VACUUM nightjar.checkpoint');
        await pool.query('VACUUM nightjar.checkpoint_part');
      }
    },

    async close() {},
  };
}
