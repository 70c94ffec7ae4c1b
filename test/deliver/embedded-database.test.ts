/** The embedded database: one owner, kill -9, and the pool shim that BullMQ works through. */
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { openCheckpoints } from '../../src/deliver/embedded/checkpoints.ts';
import { type EmbeddedDatabase, openDatabase } from '../../src/deliver/embedded/database.ts';
import { migrate } from '../../src/deliver/embedded/migrations.ts';
import { openSpool } from '../../src/deliver/embedded/spool.ts';
import { transaction } from '../../src/deliver/embedded/sql.ts';
import { openEmbeddedQueues } from '../../src/deliver/queues/embedded.ts';
import { NightjarError } from '../../src/errors.ts';
import { eventually } from '../contract/eventually.ts';

let memory: EmbeddedDatabase;
before(async () => {
  memory = await openDatabase();
  await memory.pool.query('CREATE TABLE note (n int)');
});
after(() => memory.close());

const notes = async () =>
  (await memory.pool.query<{ n: number }>('SELECT n FROM note ORDER BY n')).rows.map(({ n }) => n);

test('a folder killed with -9 in the middle of writing opens again, and all that was accepted is there', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-database-'));
  const script = new URL('embedded-owner.ts', import.meta.url).pathname;
  try {
    let last = -1;
    const child: ChildProcessWithoutNullStreams = spawn(process.execPath, ['--import', 'tsx', script, folder]);
    child.stderr.pipe(process.stderr);
    createInterface({ input: child.stdout }).on('line', (line) => {
      last = Number(line);
    });
    await eventually(() => assert.equal(last > 15, true), 60_000);

    await assert.rejects(openDatabase(folder), (error) => {
      assert.ok(error instanceof NightjarError);
      assert.equal(error.code, 'NJ_OWNED');
      assert.match(error.message, new RegExp(`${folder}.*${child.pid}`));
      return true;
    });
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;

    const database = await openDatabase(folder);
    const queues = await openEmbeddedQueues(database, { prefix: 'test' });
    const jobs = await queues.queue<{ n: number }>('alerts').list(['waiting'], 10_000);
    const spool = await (await openSpool(database)).read(0, 10_000);
    const checkpoint = await (await openCheckpoints(database)).load('a');
    assert.deepEqual(
      jobs.slice(0, last + 1).map(({ data }) => data.n),
      Array.from({ length: last + 1 }, (_, n) => n),
    );
    assert.deepEqual(
      spool.slice(0, last + 1).map(({ position, value }) => [position, String(Buffer.from(value))]),
      Array.from({ length: last + 1 }, (_, n) => [n, String(n)]),
    );
    const position = checkpoint?.positions.get('p') as number;
    assert.equal(position >= last && position <= last + 1, true, `checkpoint ${position} after ${last} were accepted`);
    assert.equal(Buffer.compare(checkpoint?.body as Uint8Array, Buffer.alloc(3_000_000, position % 256)), 0);

    await queues.close();
    await database.close();
    await (await openDatabase(folder)).close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a transaction of one client shuts the others out until it ends', async () => {
  const order: string[] = [];
  const client = await memory.pool.connect();
  await client.query('BEGIN');
  await client.query('INSERT INTO note VALUES ($1)', [1]);
  const other = memory.pool.query('INSERT INTO note VALUES (2)').then(() => order.push('other'));
  const second = transaction(memory.pool, (session) => session.query('INSERT INTO note VALUES (3)')).then(() =>
    order.push('second'),
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  order.push('commit');
  await client.query('COMMIT');
  client.release();
  await Promise.all([other, second]);
  assert.equal(order[0], 'commit');
  assert.deepEqual(await notes(), [1, 2, 3]);
  await memory.pool.query('DELETE FROM note');
});

test('a failed transaction leaves nothing, and the connection is usable', async () => {
  await assert.rejects(
    transaction(memory.pool, async (session) => {
      await session.query('INSERT INTO note VALUES (1)');
      await session.query('SELECT 1 / 0');
    }),
    /division by zero/,
  );
  const forgotten = await memory.pool.connect();
  await forgotten.query('BEGIN');
  await forgotten.query('INSERT INTO note VALUES (2)');
  forgotten.release();
  assert.deepEqual(await notes(), []);
});

test('notifications reach the client that listens, until it is released', async () => {
  const client = await memory.pool.connect();
  const heard: unknown[] = [];
  client.on('notification', (message) => heard.push(message));
  await client.query('-- subscribe\nLISTEN bell;\n');
  await memory.pool.query(`SELECT pg_notify('bell', 'ding')`);
  await eventually(() => assert.deepEqual(heard, [{ channel: 'bell', payload: 'ding' }]));
  client.release();
  await memory.pool.query('SELECT 1');
  await memory.pool.query(`SELECT pg_notify('bell', 'dong')`);
  await memory.pool.query('SELECT 1');
  assert.equal(heard.length, 1);
});

test('migrations run once each, in order; tables of a newer program are refused', async () => {
  const steps = ['CREATE TABLE nightjar.thing (n int); INSERT INTO nightjar.thing VALUES (1)'];
  await Promise.all([migrate(memory.pool, 'thing', steps), migrate(memory.pool, 'thing', steps)]);
  steps.push('UPDATE nightjar.thing SET n = n + 1');
  await migrate(memory.pool, 'thing', steps);
  await migrate(memory.pool, 'thing', steps);
  assert.deepEqual((await memory.pool.query('SELECT n FROM nightjar.thing')).rows, [{ n: 2 }]);
  await assert.rejects(migrate(memory.pool, 'thing', steps.slice(0, 1)), (error) => {
    assert.ok(error instanceof NightjarError);
    assert.equal(error.code, 'NJ_REFUSED');
    return true;
  });
});

test('what keeps the files small can run: vacuum and checkpoint', async () => {
  await memory.pool.query('VACUUM');
  await memory.pool.query('CHECKPOINT');
});
