/** The OTLP exporters of the OpenTelemetry SDK for Node posting spans to the intake, in JSON and protobuf. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { openIntake, TOKEN } from '../clients/intake.ts';
import { chatSpans } from '../clients/spans.ts';

const EXPORTERS = { json: JsonExporter, protobuf: ProtoExporter };

/** What the exporter says became of it; its own retries are cut short by the time it is given. */
async function send(
  exporter: JsonExporter | ProtoExporter,
  spans: ReadableSpan[],
): Promise<{ code: number; error?: Error | undefined }> {
  try {
    return await new Promise((resolve) => exporter.export(spans, resolve));
  } finally {
    await exporter.shutdown();
  }
}

for (const [encoding, Exporter] of Object.entries(EXPORTERS)) {
  for (const compression of ['none', 'gzip'] as const) {
    test(`${encoding}, compression ${compression}`, async (t) => {
      const intake = await openIntake(t);
      const spans = chatSpans(['ada', 'bob', 'eve']);
      const headers = { Authorization: `Bearer ${TOKEN}` };
      const options = { url: `${intake.origin}/v1/traces`, headers, compression: compression as never };
      const { code, error } = await send(new Exporter(options), spans);
      assert.deepEqual([code, error], [0, undefined]);
      assert.equal(intake.spool.records.length, 1);
      const first = intake.spool.records[0]?.value[0];
      assert.equal(first, encoding === 'json' ? '{'.charCodeAt(0) : 0x0a);
      const { events, notCalls, errors } = intake.decoded();
      assert.deepEqual([errors, notCalls], [[], 1]);
      assert.deepEqual(
        events.map(({ id, principal, session, inputTokens }) => ({ id, principal, session, inputTokens })),
        ['ada', 'bob', 'eve'].map((principal, i) => ({
          id: spans[i]?.spanContext().spanId,
          principal,
          session: `conversation-${principal}`,
          inputTokens: 100 + i,
        })),
      );
      for (const [i, event] of events.entries()) {
        assert.equal(event.trace, spans[i]?.spanContext().traceId);
        assert.equal(event.model, 'gpt-4o-mini');
        assert.equal(event.input[0]?.text, 'Zürich → Bern: when?');
        assert.equal(event.input[1]?.toolCalls?.[0]?.name, 'timetable');
        assert.equal(event.input[2]?.text, 'Every half hour');
        assert.equal(event.output[0]?.text, 'Twice an hour.');
        const [seconds, nanos] = spans[i]?.endTime ?? [0, 0];
        assert.ok(Math.abs(event.time - (seconds * 1_000 + nanos / 1_000_000)) < 1.5);
      }
    });
  }

  test(`${encoding}: a span that cannot be read is told as partial success, which is a success to the exporter`, async (t) => {
    const intake = await openIntake(t);
    const deep = `${'['.repeat(100)}${']'.repeat(100)}`;
    const spans = chatSpans(['ada', 'bob'], (i) => (i === 1 ? { 'gen_ai.input.messages': deep } : {}));
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const { code } = await send(new Exporter({ url: `${intake.origin}/v1/traces`, headers }), spans);
    assert.equal(code, 0);
    const { events, errors } = intake.decoded();
    assert.deepEqual(
      events.map(({ principal }) => principal),
      ['ada'],
    );
    assert.equal(errors.length, 1);
  });

  test(`${encoding}: a wrong token fails at once and is not tried again`, async (t) => {
    const intake = await openIntake(t);
    const headers = { Authorization: 'Bearer other' };
    const { code, error } = await send(
      new Exporter({ url: `${intake.origin}/v1/traces`, headers }),
      chatSpans(['ada']),
    );
    assert.equal(code, 1);
    assert.equal((error as { code?: number } | undefined)?.code, 401);
    assert.equal(intake.spool.records.length, 0);
  });

  test(`${encoding}: under pressure the exporter waits as told and sends again`, async (t) => {
    const intake = await openIntake(t);
    intake.spool.failure = new Error('full');
    setTimeout(() => {
      intake.spool.failure = undefined;
    }, 1_000);
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const began = performance.now();
    const { code, error } = await send(
      new Exporter({ url: `${intake.origin}/v1/traces`, headers, timeoutMillis: 20_000 }),
      chatSpans(['ada']),
    );
    assert.deepEqual([code, error], [0, undefined]);
    assert.ok(performance.now() - began >= 4_900, 'not before Retry-After');
    assert.equal(intake.decoded().events.length, 1);
  });
}

test('a whole batch of the SDK, each call with its long conversation, is more than one record may hold and is taken', async (t) => {
  const intake = await openIntake(t);
  const text = JSON.stringify(
    Array.from({ length: 100 }, (_, i) => ({
      role: i % 2 ? 'assistant' : 'user',
      parts: [{ type: 'text', content: `turn ${i}` }],
    })),
  );
  const users = Array.from({ length: 511 }, (_, i) => `user-${i}`);
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const spans = chatSpans(users, () => ({ 'gen_ai.input.messages': text }));
  const { code } = await send(new ProtoExporter({ url: `${intake.origin}/v1/traces`, headers }), spans);
  assert.equal(code, 0);
  assert.ok(intake.spool.records.length > 1);
  const { events, errors } = intake.decoded();
  assert.deepEqual([events.length, errors], [511, []]);
  assert.ok(events.every(({ input }) => input.length === 100));
});
