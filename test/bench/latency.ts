/** From produced record to job on BullMQ at a steady rate, against a plain consumer that adds the same jobs. */
import { z } from 'zod';
import { openRedisQueues } from '../../src/deliver/queues/redis.ts';
import { defineDetector } from '../../src/detect/contract.ts';
import type { Installed } from '../../src/engine.ts';
import type { Servers } from './servers.ts';
import { connectedProducer, fill, type Running, startPlain, startService } from './service.ts';
import { quantile, round3 } from './timing.ts';

/** Every so many records lead to a job. */
const EVERY = 5;
const TICK_MS = 20;
const MARK = 'bench-marked-';

export interface Latency {
  records_per_second: number;
  p50_ms: number;
  p99_ms: number;
  plain_p50_ms: number;
  plain_p99_ms: number;
  p99_ratio: number;
}

/** Fires on the records that are marked, so that both consumers add a job for the same ones. */
const marker = defineDetector({
  id: 'bench-marker',
  title: 'Marked record',
  class: 'artifact',
  maturity: 'experimental',
  severity: 'low',
  techniques: [],
  keys: ['session'],
  params: z.strictObject({}),
  lookback: 60_000,
  bound: 10,
  stateVersion: 1,
  initial: () => ({}),
  observe: ({ id }) => (id.startsWith(MARK) ? [{ about: id, confidence: 1, evidence: [] }] : []),
});

/** @param perSecond records produced a second. */
export async function measureLatency(
  servers: Servers,
  records: readonly Buffer[],
  perSecond: number,
  seconds: number,
): Promise<Latency> {
  const installed: Installed = { detector: marker, params: {} };
  const service = await play(servers, records, perSecond, seconds, (topic, added) =>
    startService(servers, topic, {
      detector: installed,
      accepted: (raised) => {
        for (const { alert } of raised) added(alert.event_ids.at(-1) ?? '');
      },
    }),
  );
  const plain = await play(servers, records, perSecond, seconds, (topic, added) =>
    plainWithJobs(servers, topic, added),
  );
  return {
    records_per_second: perSecond,
    p50_ms: round3(quantile(service, 0.5)),
    p99_ms: round3(quantile(service, 0.99)),
    plain_p50_ms: round3(quantile(plain, 0.5)),
    plain_p99_ms: round3(quantile(plain, 0.99)),
    p99_ratio: round3(quantile(service, 0.99) / quantile(plain, 0.99)),
  };
}

async function plainWithJobs(servers: Servers, topic: string, added: (id: string) => void): Promise<Running> {
  const queues = await openRedisQueues({ url: servers.redis, prefix: `plain-${topic}` });
  const queue = queues.queue('alerts');
  const consumer = await startPlain(servers, topic, {
    async taken(parsed) {
      const marked = (parsed as { id: string }[]).filter(({ id }) => id.startsWith(MARK));
      if (marked.length > 0)
        await queue.add(marked.map(({ id }) => ({ id, data: { id, evidence: 'x'.repeat(1_500) } })));
      for (const { id } of marked) added(id);
    },
  });
  return {
    async stop() {
      await consumer.stop();
      await queues.close();
    },
  };
}

/** Milliseconds from each marked record's production to its job. */
async function play(
  servers: Servers,
  records: readonly Buffer[],
  perSecond: number,
  seconds: number,
  start: (topic: string, added: (id: string) => void) => Promise<Running>,
): Promise<number[]> {
  const topic = await fill(servers, []);
  const produced = new Map<string, number>();
  const latencies: number[] = [];
  const running = await start(topic, (id) => {
    const begin = produced.get(id);
    if (begin !== undefined) latencies.push(performance.now() - begin);
  });
  const producer = await connectedProducer(servers);
  const total = Math.round(perSecond * seconds);
  const waiting: Promise<unknown>[] = [];
  const templates = records.map((record) => JSON.parse(record.toString()) as Record<string, unknown>);
  // The group takes some seconds to form; until then nothing would be measured but that.
  await producer.send({ topic, messages: [{ value: message(templates, 0, 'first') }] });
  await new Promise((resolve) => setTimeout(resolve, 8_000));
  const begin = performance.now();
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.ceil(((performance.now() - begin) / 1_000) * perSecond));
    const messages: { value: Buffer }[] = [];
    for (; sent < due; sent++) {
      const id = `${sent % EVERY === 0 ? MARK : 'bench-'}${sent}`;
      messages.push({ value: message(templates, sent, id) });
      // The first second is still cold.
      if (sent % EVERY === 0 && sent > perSecond) produced.set(id, performance.now());
    }
    if (messages.length > 0) waiting.push(producer.send({ topic, messages }));
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  await Promise.all(waiting);
  for (let i = 0; i < 100 && latencies.length < produced.size; i++)
    await new Promise((resolve) => setTimeout(resolve, 100));
  await producer.disconnect();
  await running.stop();
  return latencies;
}

/** A call of now, in a session of its own. */
function message(templates: readonly Record<string, unknown>[], index: number, id: string): Buffer {
  const now = Date.now() / 1_000;
  const template = templates[index % templates.length];
  return Buffer.from(
    JSON.stringify({ ...template, id, litellm_call_id: id, session_id: id, startTime: now - 1, endTime: now }),
  );
}
