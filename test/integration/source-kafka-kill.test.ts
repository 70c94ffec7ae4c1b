/** Members that die or freeze without a word: another one goes on, and nothing is lost. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { need } from '../services/index.ts';
import { Collector, until } from '../source/collector.ts';
import { kafkaFixture, numbers } from './source-kafka.ts';

interface Member {
  process: ChildProcess;
  lines: string[];
  records(): string[];
}

function startMember(t: TestContext, brokers: string[], topic: string, group: string): Member {
  const script = join(import.meta.dirname, 'source-kafka-member.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, brokers.join(','), topic, group], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const records = () => lines.filter((line) => line.startsWith('record ')).map((line) => line.slice('record '.length));
  return { process: child, lines, records };
}

test('kill -9 in the middle: the next member resumes behind the last commit, nothing is lost', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(2);
  const group = fixture.unique('group');
  for (let i = 0; i < 600; i += 20) await fixture.send(topic, (i / 20) % 2, numbers(i, i + 20));
  const member = startMember(t, fixture.brokers, topic, group);
  await until(() => member.records().length > 100, 'a hundred records', 30_000);
  member.process.kill('SIGKILL');
  const killed = performance.now();
  const collector = new Collector();
  const source = fixture.source(topic, group);
  const running = source.run(collector);
  await until(() => collector.assignments.flat().length === 2, 'the takeover', 30_000);
  assert.ok(performance.now() - killed < 6_000 + 5_000, 'within the session and 5 s');
  await until(() => collector.caughtUp.size === 2, 'the end', 30_000);
  assert.equal(new Set([...member.records(), ...collector.all]).size, 600);
  await source.stop();
  await running;
});

test('SIGSTOP longer than the session: another member takes over; the frozen one comes back as a member and does no harm', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(2);
  const group = fixture.unique('group');
  const member = startMember(t, fixture.brokers, topic, group);
  await until(() => member.lines.includes('assigned 2'), 'assigned', 30_000);
  member.process.kill('SIGSTOP');
  const collector = new Collector();
  const source = fixture.source(topic, group);
  const running = source.run(collector);
  await until(() => collector.caughtUp.size === 2, 'the takeover', 30_000);
  for (const p of [0, 1]) await fixture.send(topic, p, numbers(p * 50, p * 50 + 50));
  await until(() => collector.all.length === 100, 'the records');
  await source.commit(collector.next);
  member.process.kill('SIGCONT');
  await until(
    () => member.lines.filter((line) => line === 'assigned 1').length > 0,
    'the frozen one joins again',
    30_000,
  );
  await until(() => collector.assignments.at(-1)?.length === 1, 'one partition each', 30_000);
  for (const p of [0, 1]) await fixture.send(topic, p, [`after-${p}`]);
  await until(
    () => ['after-0', 'after-1'].every((value) => [...member.records(), ...collector.all].includes(value)),
    'both records',
    30_000,
  );
  assert.equal(member.records().filter((value) => !value.startsWith('after')).length, 0, 'committed positions hold');
  await source.stop();
  await running;
});
