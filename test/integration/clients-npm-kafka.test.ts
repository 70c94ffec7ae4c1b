/** What the npm OTLP exporters send, put on a Kafka topic byte for byte as a house's own bridge does it, and read as it is. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import kafkajs from 'kafkajs';
import { type Decoded, decode } from '../../src/format/decode.ts';
import { chatSpans } from '../clients/spans.ts';
import { need } from '../services/index.ts';
import { Collector, runUntil } from '../source/collector.ts';
import { kafkaFixture } from './source-kafka.ts';

/** An endpoint that keeps the bodies it is sent. */
async function captureBodies(t: TestContext): Promise<{ url: string; bodies: Buffer[] }> {
  const bodies: Buffer[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    bodies.push(Buffer.concat(chunks));
    response.writeHead(200, { 'content-type': request.headers['content-type'] ?? '' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, bodies };
}

for (const [encoding, Exporter, first] of [
  ['json', JsonExporter, '{'.charCodeAt(0)],
  ['protobuf', ProtoExporter, 0x0a],
] as const) {
  test(`${encoding}: export requests as values on a topic, with the format told and found out`, async (t) => {
    const servers = need(t, 'kafka');
    if (!servers) return;
    const { url, bodies } = await captureBodies(t);
    const batches = [chatSpans(['ada', 'bob']), chatSpans(['eve'])];
    for (const spans of batches) {
      const exporter = new Exporter({ url });
      const { code } = await new Promise<{ code: number }>((resolve) => exporter.export(spans, resolve));
      await exporter.shutdown();
      assert.equal(code, 0);
    }
    assert.deepEqual(
      bodies.map((body) => body[0]),
      [first, first],
    );

    const fixture = await kafkaFixture(t, servers.kafka);
    const topic = await fixture.makeTopic(1);
    const messages = bodies.map((value) => ({ value }));
    await fixture.producer.send({ topic, acks: -1, compression: kafkajs.CompressionTypes.GZIP, messages });
    for (const format of ['otlp', 'auto']) {
      const decoded: Decoded[] = [];
      const collector = new Collector();
      collector.onBatch = async (batch) => {
        assert.equal(batch.format, format);
        for (const { value, time, headers = {} } of batch.records)
          if (value && time !== undefined)
            decoded.push(decode(value, { format: batch.format, tenant: 'default', time, headers }));
      };
      const source = fixture.source(topic, fixture.unique('group'), { topics: [{ topic, format }] });
      await runUntil(source, collector, () => decoded.length === 2, 'both export requests');
      assert.deepEqual(
        decoded.map(({ errors, notCalls }) => [errors, notCalls]),
        [
          [[], 1],
          [[], 1],
        ],
      );
      assert.deepEqual(
        decoded
          .flatMap(({ events }) => events)
          .map(({ id, trace, principal, session }) => [id, trace, principal, session]),
        [
          [0, 0, 'ada'],
          [0, 1, 'bob'],
          [1, 0, 'eve'],
        ].map(([batch, i, user]) => {
          const context = batches[batch as number]?.[i as number]?.spanContext();
          return [context?.spanId, context?.traceId, user, `conversation-${user}`];
        }),
      );
      for (const event of decoded.flatMap(({ events }) => events)) {
        assert.equal(event.input[0]?.text, 'Zürich → Bern: when?');
        assert.equal(event.output[0]?.text, 'Twice an hour.');
      }
    }
  });
}
