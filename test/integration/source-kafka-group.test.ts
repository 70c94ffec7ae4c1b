/** Several members, broken connections, slow pipelines: the group goes on and no record is lost. */
import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { KafkaSource } from '../../src/source/kafka.ts';
import { need } from '../services/index.ts';
import { Collector, until } from '../source/collector.ts';
import { kafkaFixture, numbers } from './source-kafka.ts';

test('a second member takes over half, and all again when the first one goes: revoked and assigned each time, nothing lost', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(4);
  const group = fixture.unique('group');
  const first = new Collector();
  const second = new Collector();
  const [a, b] = [fixture.source(topic, group), fixture.source(topic, group)];
  const seen = () => new Set([...first.all, ...second.all]).size;
  const runA = a.run(first);
  await until(() => first.caughtUp.size === 4, 'the first member has all');
  for (const p of [0, 1, 2, 3]) await fixture.send(topic, p, numbers(p * 100, p * 100 + 50));
  await until(() => seen() === 200, '200 records');
  await a.commit(first.next);
  const runB = b.run(second);
  await until(() => second.caughtUp.size === 2 && first.caughtUp.size === 2, 'two partitions each', 30_000);
  for (const p of [0, 1, 2, 3]) await fixture.send(topic, p, numbers(p * 100 + 50, p * 100 + 100));
  await until(() => seen() === 400, '400 records');
  assert.equal(first.all.length + second.all.length, 400, 'committed positions were taken over');
  await b.commit(second.next);
  await a.commit(first.next);
  await a.stop();
  await runA;
  await until(() => second.caughtUp.size === 4, 'the second member has all', 30_000);
  await fixture.send(topic, 0, ['last']);
  await until(() => second.all.includes('last'), 'the last record');
  assert.equal(first.all.length + second.all.length, 401);
  assert.deepEqual(
    [...(second.assignments.at(-1) ?? [])].sort(),
    numbers(0, 4).map((n) => `${topic}/${n}`),
  );
  await b.stop();
  await runB;
});

test('a batch in hand is given up when the group rebalances: alive throws', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(1);
  const group = fixture.unique('group');
  await fixture.send(topic, 0, ['x']);
  const first = new Collector();
  let thrown: unknown;
  first.onBatch = async (_batch, alive) => {
    try {
      for (;;) {
        await alive();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    } catch (error) {
      thrown ??= error;
      throw error;
    }
  };
  const a = fixture.source(topic, group);
  const runA = a.run(first);
  await until(() => first.assignments.length === 1, 'assigned');
  const second = new Collector();
  const b = fixture.source(topic, group);
  const runB = b.run(second);
  await until(() => thrown !== undefined, 'alive threw', 30_000);
  await until(() => first.revocations.length > 0, 'revoked');
  first.onBatch = async () => {};
  await until(() => first.all.includes('x') || second.all.includes('x'), 'the record', 30_000);
  await Promise.all([a.stop(), b.stop()]);
  await Promise.all([runA, runB]);
});

test('work that holds the event loop longer than the session: the member comes back and goes on', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(1);
  const group = fixture.unique('group');
  await fixture.send(topic, 0, ['slow', 'next']);
  const collector = new Collector();
  let stuck = true;
  collector.onBatch = async (batch) => {
    if (!stuck || batch.records.length === 0) return;
    stuck = false;
    const end = performance.now() + 9_000;
    while (performance.now() < end);
  };
  const source = fixture.source(topic, group);
  const running = source.run(collector);
  await until(() => collector.all.includes('next'), 'both records', 40_000);
  await until(
    async () => {
      await source.commit(new Map([[`${topic}/0`, 2]]));
      return (await fixture.committed(group, topic, 0)) === 2;
    },
    'the commit',
    20_000,
  );
  await source.stop();
  await running;
});

test('an unreachable broker is waited for with a clear line; a cut connection is mended', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const lines: string[] = [];
  const states: string[] = [];
  const dead = createServer();
  await new Promise<void>((resolve) => dead.listen(0, '127.0.0.1', resolve));
  const { port } = dead.address() as { port: number };
  await new Promise((resolve) => dead.close(resolve));
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(1);
  await fixture.send(topic, 0, ['hello']);
  const source = new KafkaSource(
    {
      brokers: [`127.0.0.1:${port}`],
      clientId: 't',
      group: fixture.unique('group'),
      topics: [{ topic, format: 'auto' }],
      from: 'earliest',
      ssl: false,
      sessionTimeoutMs: 6_000,
    },
    { log: (level, message) => void (level === 'warn' && lines.push(message)), onState: (state) => states.push(state) },
  );
  const collector = new Collector();
  const running = source.run(collector);
  await until(() => lines.length > 0, 'a warning');
  assert.match(lines[0] ?? '', new RegExp(`127\\.0\\.0\\.1:${port}`));
  // The server comes up: a relay at that address (the broker then names its own address to the client).
  const [host = '', to = ''] = servers.kafka.split(',')[0]?.split(':') ?? [];
  const sockets = new Set<Socket>();
  const relay = createServer((socket) => {
    const out = connect(Number(to), host);
    for (const s of [socket, out]) sockets.add(s.on('error', () => {}));
    socket.pipe(out).pipe(socket);
  });
  await new Promise<void>((resolve) => relay.listen(port, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    relay.close();
  });
  await until(() => collector.all.includes('hello'), 'the record', 40_000);
  assert.deepEqual(states, ['connected']);
  await source.stop();
  await running;
  assert.deepEqual(states, ['connected', 'disconnected']);
});
