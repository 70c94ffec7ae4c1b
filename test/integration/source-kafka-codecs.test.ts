/** Compressed batches as real producers write them, and a compressed bomb: decoded, or handed on as faults; the consumer lives. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import kafkajs from 'kafkajs';
import { need } from '../services/index.ts';
import { findJava } from '../services/java.ts';
import { cacheFolder } from '../services/maven.ts';
import { Collector, runUntil } from '../source/collector.ts';
import { kafkaFixture, numbers } from './source-kafka.ts';

const PRODUCER = `
import java.io.*;
import java.util.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.serialization.StringSerializer;

public class Produce {
  public static void main(String[] args) throws Exception {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", args[0]);
    settings.put("compression.type", args[2]);
    settings.put("linger.ms", "100");
    settings.put("batch.size", "200000");
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      for (String line = lines.readLine(); line != null; line = lines.readLine())
        producer.send(new ProducerRecord<>(args[1], line));
    }
  }
}
`;

/** The folder with Kafka's own jars, as the test services leave it; undefined when there is none. */
function kafkaJars(): string | undefined {
  const cache = cacheFolder();
  if (!existsSync(cache)) return undefined;
  const folder = readdirSync(cache).find((name) => /^kafka-[\d.]+$/.test(name));
  return folder && join(cache, folder);
}

async function produceWithJava(
  t: TestContext,
  jars: string,
  args: [brokers: string, topic: string, codec: string],
  lines: string[],
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'nightjar-produce-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'Produce.java');
  await writeFile(file, PRODUCER);
  const java = spawn(join(findJava(17), 'bin', 'java'), ['-Xmx128m', '-cp', join(jars, '*'), file, ...args], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let problems = '';
  java.stderr.on('data', (chunk) => {
    problems += chunk;
  });
  // When it dies early its exit code tells; the broken pipe is only a symptom.
  java.stdin.on('error', () => {});
  java.stdin.end(lines.map((line) => `${line}\n`).join(''));
  const code = await new Promise<number | null>((resolve, reject) => {
    java.once('error', reject);
    java.once('close', resolve);
  });
  assert.equal(code, 0, problems);
}

for (const codec of ['gzip', 'snappy', 'lz4', 'zstd']) {
  test(`batches of the Java producer in ${codec} are read`, async (t) => {
    const servers = need(t, 'kafka');
    if (!servers) return;
    const jars = kafkaJars();
    if (!jars) {
      if (process.env.REQUIRE_SERVICES === '1')
        throw new Error('the jars of Kafka are not in the cache of the test services');
      return t.skip('SKIPPED, the jars of Kafka are not in the cache of the test services');
    }
    const fixture = await kafkaFixture(t, servers.kafka);
    const topic = await fixture.makeTopic(1);
    // Repetitive and longer than a block of each codec, so that it is really compressed.
    const lines = numbers(0, 2_000).map((n) => `{"n":${n},"text":"${'the same words again '.repeat(20)}"}`);
    await produceWithJava(t, jars, [fixture.brokers.join(','), topic, codec], lines);
    const collector = new Collector();
    await runUntil(
      fixture.source(topic, fixture.unique('group')),
      collector,
      () => collector.all.length === lines.length,
      `${lines.length} records`,
    );
    assert.deepEqual(collector.all, lines);
    assert.ok(collector.batches.every(({ records }) => records.every(({ fault }) => fault === undefined)));
  });
}

test('a gzip bomb becomes faults, record by record; what is before and behind it is read', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(1);
  await fixture.send(topic, 0, ['before']);
  const bomb = Buffer.alloc(50 * 1024 * 1024, 'a');
  await fixture.producer.send({
    topic,
    compression: kafkajs.CompressionTypes.GZIP,
    messages: [{ value: bomb }, { value: bomb }],
  });
  await fixture.send(topic, 0, ['behind']);
  const collector = new Collector();
  await runUntil(
    fixture.source(topic, fixture.unique('group')),
    collector,
    () => collector.next.get(`${topic}/0`) === 4 && collector.caughtUp.size === 1,
    'the end of the log',
  );
  const records = collector.batches.flatMap((batch) => batch.records);
  assert.deepEqual(
    records.map(({ position }) => position),
    [0, 1, 2, 3],
  );
  assert.deepEqual(
    records.map(({ fault }) => fault !== undefined),
    [false, true, true, false],
  );
  assert.match(records[1]?.fault ?? '', /gzip batch: inflates beyond/);
  assert.equal(records[1]?.headers, undefined);
  assert.equal(String(records[3]?.value), 'behind');
});

test('headers arrive as lower-case text, with the time of the record; a tombstone is null', async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topic = await fixture.makeTopic(1);
  await fixture.producer.send({
    topic,
    messages: [
      { value: 'v', timestamp: '1700000000123', headers: { 'Content-Type': 'text/é', many: ['a', 'b'] } },
      { key: 'k', value: null },
    ],
  });
  const collector = new Collector();
  await runUntil(fixture.source(topic, fixture.unique('group')), collector, () => collector.all.length === 2, 'both');
  const [first, second] = collector.batches.flatMap((batch) => batch.records);
  assert.deepEqual({ ...first?.headers }, { 'content-type': 'text/é', many: 'b' });
  assert.equal(first?.time, 1_700_000_000_123);
  assert.equal(second?.value, null);
});
