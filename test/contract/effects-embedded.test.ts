/** The port Effects on the embedded database. */
import { after } from 'node:test';
import { openSqlEffects } from '../../src/deliver/effects/sql.ts';
import { type EmbeddedDatabase, openDatabase } from '../../src/deliver/embedded/database.ts';
import { effectsSuite } from './effects.ts';

let database: EmbeddedDatabase | undefined;
let used = 0;
after(() => database?.close());

effectsSuite('PGlite', async () => {
  database ??= await openDatabase();
  const { pool } = database;
  const prefix = `test${used++}`;
  return { open: () => openSqlEffects(pool, { prefix }) };
});
