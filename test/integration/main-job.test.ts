/**
 * The main job on real servers: recorded agent conversations, logged call by call as a gateway logs them, go to Kafka in three
 * partitions; the service reads them, and its alerts are found in Elasticsearch, its jobs on BullMQ, its messages at Slack and PagerDuty,
 * each once. The same log through `replay` gives the same alerts, and so does a service that is killed in the middle.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { Client } from '@elastic/elasticsearch';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { defaultConfig } from '../../src/config/load.ts';
import { openRedisQueues } from '../../src/deliver/queues/redis.ts';
import { scoreTraces } from '../../src/eval/score.ts';
import { loadTraces, type TraceSet } from '../../src/eval/traces.ts';
import type { Alert } from '../../src/model/finding.ts';
import type { AlertJob, ResponseJob } from '../../src/model/response.ts';
import type { Queues } from '../../src/ports.ts';
import { replay } from '../../src/replay.ts';
import { type Addresses, need } from '../services/index.ts';
import {
  type PagerdutyStandIn,
  type Recorder,
  type SlackStandIn,
  startPagerDutyStandIn,
  startRecorder,
  startSlackStandIn,
} from '../stand-ins/index.ts';
import { eventually, type Running, start, tempFolder } from '../support/nightjar.ts';

const DATA = join(import.meta.dirname, '../../../shared/data/traces/agentdojo.jsonl.gz');
const TRACES = 500;
const PARTITIONS = 3;

describe('the main job on real servers', { timeout: 300_000 }, () => {
  let servers: Addresses | undefined;
  let set: TraceSet;
  let records: Uint8Array[];
  let expected: Alert[];
  let admin: Admin;
  let kafka: Kafka;
  let search: Client;
  const topic = `llm-calls-${randomBytes(4).toString('hex')}`;

  before(async () => {
    servers = need({ skip: () => undefined }, 'kafka', 'redis', 'elasticsearch') as Addresses | undefined;
    if (!servers || !existsSync(DATA)) return;
    set = await loadTraces(DATA, { sample: TRACES });
    records = [];
    for await (const record of set.play()) records.push(record);
    kafka = new Kafka({ brokers: servers.kafka.split(','), logLevel: logLevel.NOTHING });
    search = new Client({ node: servers.elasticsearch });
    admin = kafka.admin();
    await admin.connect();
    await produce();
    expected = (await replayAll()).alerts;
  });

  after(async () => {
    await admin?.disconnect();
    await search?.close();
  });

  /** Without keys, so that a conversation's calls lie in different partitions. */
  async function produce(): Promise<void> {
    await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: true });
    const producer = kafka.producer();
    await producer.connect();
    for (let i = 0; i < records.length; i += 100) {
      const messages = records
        .slice(i, i + 100)
        .map((value, j) => ({ value: Buffer.from(value), partition: (i + j) % PARTITIONS }));
      await producer.send({ topic, messages });
    }
    await producer.disconnect();
  }

  function replayAll() {
    return replay(defaultConfig(), async (handler) => {
      const raw = records.map((value, position) => ({ value, position }));
      await handler.batch(
        { partition: 'file', format: 'auto', records: raw, next: raw.length, caughtUp: true },
        async () => {},
      );
    });
  }

  function skipped(t: TestContext): boolean {
    if (!servers) need(t, 'kafka', 'redis', 'elasticsearch');
    else if (!existsSync(DATA)) t.skip(`SKIPPED, needs the recorded conversations in ${DATA}`);
    else return false;
    return true;
  }

  it('finds the attacks and leaves the benign alone', (t) => {
    if (skipped(t)) return;
    const { rows } = scoreTraces(set.traces, expected);
    const share = (test: (group: string) => boolean) => {
      const chosen = rows.filter(({ group }) => test(group));
      return chosen.reduce((sum, row) => sum + row.flagged, 0) / chosen.reduce((sum, row) => sum + row.n, 0);
    };
    const succeeded = share((group) => /^agentdojo\/\w+ succeeded$/.test(group));
    const benign = share((group) => /^agentdojo\/?\w* benign$/.test(group));
    t.diagnostic(
      `succeeded attacks found ${(100 * succeeded).toFixed(1)} %, benign flagged ${(100 * benign).toFixed(1)} %`,
    );
    assert.ok(succeeded >= 0.6, `found only ${succeeded} of the succeeded attacks`);
    assert.ok(benign <= 0.05, `flagged ${benign} of the benign traces`);
  });

  it('delivers each alert once, everywhere, and the same ones as replay', async (t) => {
    if (skipped(t)) return;
    const stage = await Stage.open(t, servers as Addresses, topic);
    await stage.runToEnd(admin);
    await stage.check(search, expected);
    assert.equal(stage.repeatedMessages(), 0, 'no message twice');
    await stage.close();
  });

  it('gives the same alerts, none twice, when it is killed in the middle', async (t) => {
    if (skipped(t)) return;
    const stage = await Stage.open(t, servers as Addresses, topic);
    for (const part of [0.25, 0.6]) {
      const running = await stage.start();
      await stage.whenRead(records.length * part);
      await running.kill();
    }
    await stage.runToEnd(admin);
    await stage.check(search, expected);
    // Slack knows no idempotency key: of what was under way at a kill each message may come once more, and no other.
    assert.ok(stage.repeatedMessages() <= 2 * MESSAGES_UNDER_WAY, `${stage.repeatedMessages()} messages came again`);
    await stage.close();
  });
});

/** Jobs of one sink that the worker has in hand at a time. */
const MESSAGES_UNDER_WAY = 4;

/** One service with names of its own: group, queues, indices, stand-ins. */
class Stage {
  private running: Running | undefined;
  private health = '';

  private constructor(
    readonly folder: string,
    readonly config: string,
    readonly slack: SlackStandIn,
    readonly pagerduty: PagerdutyStandIn,
    readonly hook: Recorder,
    readonly queues: Queues,
    readonly topic: string,
    readonly name: string,
  ) {}

  static async open(t: { after(fn: () => void): void }, servers: Addresses, topic: string): Promise<Stage> {
    const folder = tempFolder(t);
    const slack = await startSlackStandIn();
    const pagerduty = await startPagerDutyStandIn();
    const hook = await startRecorder();
    const name = `t${randomBytes(5).toString('hex')}`;
    mkdirSync(join(folder, 'playbooks'));
    writeFileSync(
      join(folder, 'playbooks/contain.yaml'),
      'id: contain\ndescription: End the session and block its key.\nwhen:\n  detector: [toxic-flow]\n  severity: medium\nsteps:\n' +
        '  - action: webhook\n    target: session\n  - action: litellm-block-key\n    target: credential\n',
    );
    for (const [file, secret] of Object.entries({
      slack: slack.token,
      pagerduty: pagerduty.routingKey,
      hook: 'whsec_c3RhbmQtaW4gc2VjcmV0',
    }))
      writeFileSync(join(folder, file), secret);
    const config = join(folder, 'nightjar.json');
    writeFileSync(
      config,
      JSON.stringify({
        data: 'data',
        source: {
          kafka: {
            brokers: servers.kafka.split(','),
            group: name,
            topics: [{ topic, format: 'litellm' }],
            deadLetterTopic: `${name}.dead`,
            checkpointTopic: `${name}.checkpoint`,
            sessionTimeoutMs: 6_000,
          },
        },
        queue: { redis: { url: servers.redis }, prefix: name },
        store: { elasticsearch: { node: servers.elasticsearch, namespace: name } },
        notify: {
          slack: { channel: slack.channel, tokenFile: 'slack', apiUrl: slack.apiUrl },
          pagerduty: { routingKeyFile: 'pagerduty', url: pagerduty.enqueueUrl },
        },
        respond: { playbooks: 'playbooks', webhook: { url: hook.url, secretFile: 'hook' } },
        detect: { checkpointEveryMs: 500 },
        metrics: { port: 0 },
      }),
    );
    const queues = await openRedisQueues({ url: servers.redis, prefix: name });
    const stage = new Stage(folder, config, slack, pagerduty, hook, queues, topic, name);
    t.after(() => stage.close());
    return stage;
  }

  async start(): Promise<Running> {
    this.running = start(['run', '--config', this.config]);
    this.health = JSON.parse(await this.running.line(/nightjar runs/)).health;
    return this.running;
  }

  /** Waits until this many records have been read by the process that runs now. */
  async whenRead(count: number): Promise<void> {
    await eventually(
      async () => {
        const text = await (await fetch(`${this.health}/metrics`)).text();
        const read = Number(/^nightjar_records_total (\d+)/m.exec(text)?.[1] ?? 0);
        assert.ok(read >= count, `${read} of ${count} records read`);
      },
      120_000,
      20,
    );
  }

  /** Starts the service, waits until the group has committed everything and all jobs are done, and stops it. */
  async runToEnd(admin: Admin): Promise<void> {
    const running = await this.start();
    const { topic } = JSON.parse(await running.line(/"topics"/)).topics
      ? { topic: JSON.parse(await running.line(/"topics"/)).topics[0] }
      : { topic: '' };
    await eventually(async () => {
      const ends = await admin.fetchTopicOffsets(topic);
      const [group] = await admin.fetchOffsets({ groupId: this.name, topics: [topic] });
      for (const { partition, high } of ends)
        assert.equal(
          group?.partitions.find((one) => one.partition === partition)?.offset,
          high,
          `partition ${partition} is not read to its end`,
        );
      for (const name of ['alerts', 'responses'] as const) {
        const { waiting, active, delayed } = await this.queues.queue(name).counts();
        assert.equal(waiting + active + delayed, 0, `queue ${name} is not empty`);
      }
    }, 120_000);
    const { code, stderr } = await running.stop();
    assert.equal(code, 0, stderr);
  }

  async check(search: Client, expected: Alert[]): Promise<void> {
    const ids = expected.map((alert) => alert.id).sort();
    const index = `nightjar-alerts-${this.name}-*`;
    await search.indices.refresh({ index });
    const found = await search.search({ index, size: 10_000, query: { match_all: {} } });
    assert.deepEqual(
      found.hits.hits.map((hit) => String(hit._id).replace(/\.r\d+$/, '')).sort(),
      ids,
      'alerts in Elasticsearch',
    );

    const jobs = await this.queues.queue<AlertJob>('alerts').list(['completed'], 100_000);
    const toStore = jobs.filter((job) => job.data.sink === 'store').map((job) => job.id);
    assert.equal(new Set(toStore).size, toStore.length, 'no job twice');
    assert.deepEqual([...new Set(jobs.map((job) => job.data.alert.id))].sort(), ids, 'alert jobs on BullMQ');
    const failed = await this.queues.queue<AlertJob>('alerts').list(['failed'], 10);
    assert.deepEqual(failed, [], 'no alert job failed');

    const revoked = await this.queues.queue<ResponseJob>('responses').list(['completed'], 100_000);
    const contained = expected.filter((alert) => alert.detector === 'toxic-flow' && alert.severity !== 'low');
    assert.deepEqual(
      [...new Set(revoked.map((job) => job.data.alert.incident_id))].sort(),
      [...new Set(contained.map((alert) => alert.incident_id))].sort(),
      'one response for each incident',
    );
    assert.ok(contained.length > 0);
    assert.equal(this.hook.requests.length, 0, 'observe mode sends nothing');

    const paged = new Set(
      expected.filter((alert) => ['high', 'critical'].includes(alert.severity)).map((alert) => alert.incident_id),
    );
    assert.deepEqual(
      [...new Set(this.pagerduty.events.map((event) => event.dedup_key))].sort(),
      [...paged].sort(),
      'pages',
    );
    assert.ok(this.slack.messages.length > 0);
  }

  repeatedMessages(): number {
    const { messages } = this.slack;
    return messages.length - new Set(messages.map((message) => JSON.stringify(message.blocks))).size;
  }

  async close(): Promise<void> {
    if (this.running && this.running.process.exitCode === null && this.running.process.signalCode === null)
      await this.running.kill();
    await this.queues.close();
    await Promise.all([this.slack.close(), this.pagerduty.close(), this.hook.close()]);
  }
}
