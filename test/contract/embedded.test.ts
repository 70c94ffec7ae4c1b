/** The ports Store, Spool and Checkpoints on the embedded database. */
import { after } from 'node:test';
import { openCheckpoints } from '../../src/deliver/embedded/checkpoints.ts';
import { type EmbeddedDatabase, openDatabase } from '../../src/deliver/embedded/database.ts';
import { openSpool } from '../../src/deliver/embedded/spool.ts';
import { embeddedStore } from '../../src/deliver/embedded/store.ts';
import { checkpointsSuite } from './checkpoints.ts';
import { spoolSuite } from './spool.ts';
import { storeSuite } from './store.ts';

let database: EmbeddedDatabase | undefined;
after(() => database?.close());

/** The same database for all, emptied each time: making one takes seconds. */
async function empty(): Promise<EmbeddedDatabase> {
  database ??= await openDatabase();
  await database.pool.query('DROP SCHEMA IF EXISTS nightjar CASCADE');
  return database;
}

storeSuite('PGlite', async () => ({ store: embeddedStore(await empty()) }));

spoolSuite('PGlite', async () => {
  const opened = await empty();
  return { open: () => openSpool(opened) };
});

checkpointsSuite('PGlite', async () => {
  const opened = await empty();
  return { open: () => openCheckpoints(opened) };
});
