/** The port Queues on the embedded database. */
import { after } from 'node:test';
import { type EmbeddedDatabase, openDatabase } from '../../src/deliver/embedded/database.ts';
import { openEmbeddedQueues } from '../../src/deliver/queues/embedded.ts';
import { queuesSuite } from './queues.ts';

let database: EmbeddedDatabase | undefined;
let used = 0;
after(() => database?.close());

queuesSuite('PGlite', async () => {
  database ??= await openDatabase();
  const opened = database;
  const prefix = `test${used++}`;
  return { open: () => openEmbeddedQueues(opened, { prefix }) };
});
