/** The embedded PostgreSQL (PGlite) in a folder that one process owns, or in memory. */
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { NightjarError } from '../../errors.ts';
import { lockFolder } from './folder-lock.ts';
import { PglitePool } from './pool.ts';

/** Nothing vacuums or checkpoints PGlite in the background: without this its files and its write-ahead log only grow. */
const UPKEEP_MS = 60_000;

export interface EmbeddedDatabase {
  /** For queues, store, spool, checkpoints and effects. */
  readonly pool: PglitePool;
  /** Writes everything out and gives the folder free. */
  close(): Promise<void>;
}

/**
 * Opens the database in `folder/database`, making it when missing; in memory without a folder.
 *
 * What is committed survives the death of the process, not a power cut: PGlite does not wait for the disk.
 * @throws NightjarError `NJ_OWNED` when another process owns the folder, `NJ_CONFIG` when it cannot be written,
 * `NJ_REFUSED` when its database cannot be opened.
 * @example const database = await openDatabase('.nightjar');
 */
export async function openDatabase(folder?: string): Promise<EmbeddedDatabase> {
  const lock = folder === undefined ? undefined : await lockFolder(folder);
  let db: PGlite;
  try {
    db = await (folder === undefined ? PGlite.create() : PGlite.create(join(folder, 'database')));
  } catch (error) {
    lock?.release();
    throw new NightjarError(
      'NJ_REFUSED',
      `the embedded database cannot be opened${folder === undefined ? '' : ` in ${join(folder, 'database')}`}: ${(error as Error).message}`,
      { hint: 'check the disk, or move that folder away to start empty', cause: error },
    );
  }
  let upkeep: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    upkeep = db
      .exec('VACUUM')
      .then(() => db.exec('CHECKPOINT'))
      .catch(() => {});
  }, UPKEEP_MS);
  timer.unref();
  let closed: Promise<void> | undefined;
  return {
    pool: new PglitePool(db),
    close() {
      closed ??= (async () => {
        clearInterval(timer);
        await upkeep;
        await db.close();
        lock?.release();
      })();
      return closed;
    },
  };
}
