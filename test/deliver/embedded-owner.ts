/** Owns an embedded folder and keeps writing to it, telling what was accepted: to be killed by the test that started it. */
import { openCheckpoints } from '../../src/deliver/embedded/checkpoints.ts';
import { openDatabase } from '../../src/deliver/embedded/database.ts';
import { openSpool } from '../../src/deliver/embedded/spool.ts';
import { openEmbeddedQueues } from '../../src/deliver/queues/embedded.ts';

const database = await openDatabase(process.argv[2]);
const queue = (await openEmbeddedQueues(database, { prefix: 'test' })).queue('alerts');
const spool = await openSpool(database);
const checkpoints = await openCheckpoints(database);
for (let n = 0; ; n++) {
  await queue.add([{ id: `job-${n}`, data: { n } }]);
  await spool.append([{ value: Buffer.from(String(n)), format: 'auto' }]);
  // Several parts, all of the same number: a torn checkpoint would show two numbers.
  await checkpoints.save('a', { positions: new Map([['p', n]]), version: 1, body: Buffer.alloc(3_000_000, n % 256) });
  console.log(n);
}
