/** TLS and login against a real broker: what works, and the one line and exit code when it does not. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { KafkaConfig } from '../../src/config/schema.ts';
import { NightjarError } from '../../src/errors.ts';
import { KafkaSource } from '../../src/source/kafka.ts';
import { need } from '../services/index.ts';
import { PASSWORD, type SecureKafka, startSecureKafka, USER } from '../services/kafka-secure.ts';
import { Collector, runUntil } from '../source/collector.ts';
import { eventually, run, start, tempFolder } from '../support/nightjar.ts';
import { type KafkaFixture, kafkaFixture } from './source-kafka.ts';

type Security = Pick<KafkaConfig, 'ssl' | 'sasl'>;

describe('TLS and SASL', { timeout: 240_000 }, () => {
  let broker: SecureKafka | undefined;
  before(async () => {
    // Its own broker, with ways in that the shared one lacks; where that one could be started, so can this.
    if (process.env.NIGHTJAR_TEST_KAFKA) broker = await startSecureKafka();
  });
  after(() => broker?.stop());

  async function fixtureOf(t: TestContext): Promise<{ broker: SecureKafka; fixture: KafkaFixture } | undefined> {
    if (!need(t, 'kafka') || !broker) return undefined;
    return { broker, fixture: await kafkaFixture(t, broker.open) };
  }

  function login(t: TestContext, mechanism: NonNullable<Security['sasl']>['mechanism'], password = PASSWORD) {
    const passwordFile = join(tempFolder(t), 'password');
    writeFileSync(passwordFile, `${password}\n`);
    return { mechanism, username: USER, passwordFile };
  }

  function sourceAt(address: string, fixture: KafkaFixture, topic: string, security: Security) {
    const lines: string[] = [];
    const source = new KafkaSource(
      {
        brokers: [address],
        clientId: 'nightjar-test',
        group: fixture.unique('group'),
        topics: [{ topic, format: 'auto' }],
        from: 'earliest',
        sessionTimeoutMs: 6_000,
        ...security,
      },
      { log: (level, line) => void (level === 'warn' && lines.push(line)) },
    );
    return { source, lines };
  }

  const works: [string, (t: TestContext, broker: SecureKafka) => Security & { address: string }][] = [
    ['TLS', (_t, { tls, ca }) => ({ address: tls, ssl: { caFile: ca } })],
    [
      'TLS with a client certificate',
      (_t, { mutualTls, ca, client }) => ({
        address: mutualTls,
        ssl: { caFile: ca, certFile: client.cert, keyFile: client.key },
      }),
    ],
    ['PLAIN over TLS', (t, b) => ({ address: b.saslTls, ssl: { caFile: b.ca }, sasl: login(t, 'plain') })],
    [
      'SCRAM-SHA-256 over TLS',
      (t, b) => ({ address: b.saslTls, ssl: { caFile: b.ca }, sasl: login(t, 'scram-sha-256') }),
    ],
    [
      'SCRAM-SHA-512 over TLS',
      (t, b) => ({ address: b.saslTls, ssl: { caFile: b.ca }, sasl: login(t, 'scram-sha-512') }),
    ],
    [
      'SCRAM-SHA-512 without TLS',
      (t, b) => ({ address: b.saslPlaintext, ssl: false, sasl: login(t, 'scram-sha-512') }),
    ],
  ];
  for (const [name, settings] of works) {
    it(`${name}: reads`, async (t) => {
      const given = await fixtureOf(t);
      if (!given) return;
      const topic = await given.fixture.makeTopic(1);
      await given.fixture.send(topic, 0, ['hello']);
      const { address, ...security } = settings(t, given.broker);
      const { source } = sourceAt(address, given.fixture, topic, security);
      const collector = new Collector();
      await runUntil(source, collector, () => collector.all.length === 1, 'the record');
    });
  }

  const refused: [string, (t: TestContext, broker: SecureKafka) => Security & { address: string }, RegExp][] = [
    [
      'an authority that did not sign the broker',
      (_t, b) => ({ address: b.tls, ssl: { caFile: b.otherCa } }),
      /certificate of .*127\.0\.0\.1:\d+ is not trusted.*ssl\.caFile/,
    ],
    ['no authority at all', (_t, b) => ({ address: b.tls, ssl: true }), /is not trusted.*ssl\.caFile/],
    [
      'no client certificate where one is asked for',
      (_t, b) => ({ address: b.mutualTls, ssl: { caFile: b.ca } }),
      /client certificate.*ssl\.certFile/,
    ],
    [
      'a wrong password for PLAIN',
      (t, b) => ({ address: b.saslTls, ssl: { caFile: b.ca }, sasl: login(t, 'plain', 'wrong') }),
      /Kafka refuses us.*source\.kafka\.sasl/,
    ],
    [
      'a wrong password for SCRAM',
      (t, b) => ({ address: b.saslTls, ssl: { caFile: b.ca }, sasl: login(t, 'scram-sha-256', 'wrong') }),
      /Kafka refuses us.*source\.kafka\.sasl/,
    ],
  ];
  for (const [name, settings, expected] of refused) {
    it(`${name}: ends at once with one line`, async (t) => {
      const given = await fixtureOf(t);
      if (!given) return;
      const { address, ...security } = settings(t, given.broker);
      const { source } = sourceAt(address, given.fixture, 'any', security);
      const error: unknown = await source.run(new Collector()).then(
        () => undefined,
        (thrown) => thrown,
      );
      assert.ok(error instanceof NightjarError, String(error));
      assert.equal(error.code, 'NJ_REFUSED');
      const line = `${error.message} (${error.hint})`;
      assert.match(line, expected);
      assert.doesNotMatch(line, /\n|wrong|a-password/);
    });
  }

  for (const [name, settings] of [
    ['no TLS at a port that wants it', ({ tls }: SecureKafka) => ({ address: tls, ssl: false })],
    ['TLS at a port without it', (b: SecureKafka) => ({ address: b.open, ssl: { caFile: b.ca } })],
  ] as const) {
    // To the client both look like a broker that is going down: it closes and says nothing.
    it(`${name}: waits, and the line says what to look at`, async (t) => {
      const given = await fixtureOf(t);
      if (!given) return;
      const { address, ssl } = settings(given.broker);
      const { source, lines } = sourceAt(address, given.fixture, 'any', { ssl });
      await runUntil(source, new Collector(), () => lines.length > 0, 'a warning', 60_000);
      assert.match(
        lines[0] ?? '',
        /source\.kafka\.brokers, and that ssl and sasl are what that port wants.*trying again/,
      );
    });
  }

  it('the service logs in over TLS for all that it does, and shows its lag', async (t) => {
    const given = await fixtureOf(t);
    if (!given) return;
    const topic = await given.fixture.makeTopic(1);
    const folder = tempFolder(t);
    const kafka = {
      brokers: [given.broker.saslTls],
      group: given.fixture.unique('group'),
      topics: [{ topic, format: 'litellm' }],
      deadLetterTopic: given.fixture.unique('dead'),
      checkpointTopic: given.fixture.unique('checkpoint'),
      ssl: { caFile: given.broker.ca },
      sasl: login(t, 'scram-sha-512'),
    };
    const file = join(folder, 'n.json');
    writeFileSync(file, JSON.stringify({ data: 'd', source: { kafka }, metrics: { port: 0 } }));
    const service = start(['run', '--config', file]);
    t.after(() => service.kill());
    const { health } = JSON.parse(await service.line(/nightjar runs/));
    await given.fixture.send(topic, 0, ['not json']);
    await eventually(async () => {
      const metrics = await (await fetch(`${health}/metrics`)).text();
      assert.match(metrics, /nightjar_dead_letters_total 1/);
      assert.match(metrics, new RegExp(`nightjar_kafka_lag_records\\{topic="${topic}"\\} 0`));
      const ready = (await (await fetch(`${health}/ready`)).json()) as { ok: boolean; parts: unknown };
      assert.deepEqual(ready, { ok: true, parts: { source: 'ok', lag: '0 records' } });
    });
    const { code, stderr } = await service.stop();
    assert.equal(code, 0, stderr);
    const dead = await given.fixture.admin.fetchTopicOffsets(kafka.deadLetterTopic);
    assert.equal(
      dead.reduce((sum, { offset }) => sum + Number(offset), 0),
      1,
    );

    writeFileSync(kafka.sasl.passwordFile, 'wrong');
    const refusedRun = await run(['run', '--config', file]);
    assert.equal(refusedRun.code, 1, refusedRun.stderr);
    const said = refusedRun.stderr
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('nightjar: '));
    assert.equal(said.length, 1, refusedRun.stderr);
    assert.match(said[0] ?? '', /Kafka refuses us/);
    assert.ok(!refusedRun.stderr.includes(readFileSync(kafka.sasl.passwordFile, 'utf8')), 'no password');
  });
});
