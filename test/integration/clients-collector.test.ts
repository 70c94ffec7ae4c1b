/** A real OpenTelemetry Collector between the exporters and Kafka: protobuf and JSON in zstd batches, read and decoded. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import kafkajs from 'kafkajs';
import { decode } from '../../src/format/decode.ts';
import type { Event } from '../../src/model/event.ts';
import { optional } from '../clients/optional.ts';
import { chatSpans } from '../clients/spans.ts';
import { need } from '../services/index.ts';
import { buildOtelcol, startOtelcol } from '../services/otelcol.ts';
import { Collector, runUntil } from '../source/collector.ts';
import { kafkaFixture } from './source-kafka.ts';

const LOGS = readFileSync(new URL('../format/fixtures/otlp-logs.json', import.meta.url), 'utf8');

test('spans of the npm exporter and log events through the Collector and Kafka', { timeout: 600_000 }, async (t) => {
  const servers = need(t, 'kafka');
  if (!servers) return;
  const built = await optional(t, 'Go with the modules of the Collector', async () => {
    await buildOtelcol();
    return true;
  });
  if (!built) return;
  const fixture = await kafkaFixture(t, servers.kafka);
  const topics = {
    otlp_proto: { traces: await fixture.makeTopic(1), logs: await fixture.makeTopic(1) },
    otlp_json: { traces: await fixture.makeTopic(1), logs: await fixture.makeTopic(1) },
  };
  const otelcol = await startOtelcol(fixture.brokers, topics, 'zstd');
  t.after(() => otelcol.stop());

  const spans = chatSpans(['ada', 'bob', 'eve']);
  const exporter = new OTLPTraceExporter({ url: `${otelcol.address}/v1/traces` });
  const { code } = await new Promise<{ code: number }>((resolve) => exporter.export(spans, resolve));
  await exporter.shutdown();
  assert.equal(code, 0);
  const posted = await fetch(`${otelcol.address}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: LOGS,
  });
  assert.equal(posted.status, 200);

  const read = async (topic: string): Promise<{ first: number | undefined; events: Event[]; notCalls: number }> => {
    const values: Uint8Array[] = [];
    const collector = new Collector();
    collector.onBatch = async ({ records }) => {
      for (const { value } of records) if (value) values.push(value);
    };
    await runUntil(fixture.source(topic, fixture.unique('group')), collector, () => values.length > 0, topic);
    const decoded = values.map((value) => decode(value, { format: 'auto', tenant: 'default' }));
    assert.deepEqual(
      decoded.flatMap(({ errors }) => errors),
      [],
    );
    return {
      first: values[0]?.[0],
      events: decoded.flatMap(({ events }) => events),
      notCalls: decoded.reduce((sum, { notCalls }) => sum + notCalls, 0),
    };
  };

  const zstd = countZstd(t);
  const direct = decode(Buffer.from(LOGS), { format: 'otlp', tenant: 'default' });
  for (const [encoding, { traces, logs }] of Object.entries(topics)) {
    const marker = encoding === 'otlp_json' ? '{'.charCodeAt(0) : 0x0a;
    const calls = await read(traces);
    assert.equal(calls.first, marker, encoding);
    assert.equal(calls.notCalls, 1);
    assert.deepEqual(
      calls.events.map(({ id, trace, principal, session }) => ({ id, trace, principal, session })),
      ['ada', 'bob', 'eve'].map((principal, i) => ({
        id: spans[i]?.spanContext().spanId,
        trace: spans[i]?.spanContext().traceId,
        principal,
        session: `conversation-${principal}`,
      })),
    );
    for (const event of calls.events) {
      assert.equal(event.input[0]?.text, 'Zürich → Bern: when?');
      assert.equal(event.input[1]?.toolCalls?.[0]?.name, 'timetable');
      assert.equal(event.output[0]?.text, 'Twice an hour.');
    }
    const events = await read(logs);
    assert.equal(events.first, marker, encoding);
    assert.deepEqual([events.events, events.notCalls], [direct.events, direct.notCalls]);
  }
  assert.ok(zstd() >= 4, 'each topic held a zstd batch');
});

/** How many zstd batches the client has unpacked since. */
function countZstd(t: { after(fn: () => void): void }): () => number {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  // The same object for every client of this process.
  const codec = CompressionCodecs[CompressionTypes.ZSTD]() as { decompress: (buffer: Buffer) => Promise<Uint8Array> };
  const { decompress } = codec;
  let count = 0;
  codec.decompress = (buffer) => {
    count++;
    return decompress(buffer);
  };
  t.after(() => {
    codec.decompress = decompress;
  });
  return () => count;
}
