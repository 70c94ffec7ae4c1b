/** Real Python clients posting to the intake: the litellm package, and the OpenAI SDK under the OpenTelemetry GenAI instrumentation. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import type { Event } from '../../src/model/event.ts';
import { openIntake, TOKEN } from '../clients/intake.ts';
import { openaiStub } from '../clients/openai-stub.ts';
import { optional } from '../clients/optional.ts';
import { pythonWith } from '../services/python.ts';

const CLIENTS = join(import.meta.dirname, '../clients');
const INSTALL_MS = 300_000;

/** The last line that the script prints, parsed; undefined when there is no Python for it. */
async function python<T>(
  t: TestContext,
  script: string,
  args: string[],
  env: Record<string, string>,
): Promise<T | undefined> {
  const command = await optional(t, 'Python with packages of PyPI', () =>
    pythonWith(join(CLIENTS, 'requirements.txt')),
  );
  if (command === undefined) return undefined;
  const { stdout } = await promisify(execFile)(command, [join(CLIENTS, script), ...args], {
    env: { ...process.env, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1', ...env },
    timeout: 120_000,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
}

const texts = (messages: Event['input']) => messages.map(({ role, text }) => [role, text]);

for (const format of ['json_array', 'ndjson', 'single']) {
  test(`litellm posts ${format} with its generic_api logger`, { timeout: INSTALL_MS }, async (t) => {
    const intake = await openIntake(t);
    const ids = await python<string[]>(t, 'litellm_calls.py', [format], {
      GENERIC_LOGGER_ENDPOINT: `${intake.origin}/intake/litellm`,
      GENERIC_LOGGER_HEADERS: `Authorization=Bearer ${TOKEN}`,
      // It would fetch a price list, and flush by a clock.
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      DEFAULT_FLUSH_INTERVAL_SECONDS: '600',
    });
    if (ids === undefined) return;
    assert.equal(intake.spool.records.length, format === 'json_array' ? 1 : 4);
    const { events, errors, notCalls } = intake.decoded();
    assert.deepEqual([errors, notCalls, events.length], [[], 0, 4]);
    const [plain, called, streamed] = ids.map((id) => events.find((event) => event.id === id));
    const failed = events.find(({ status }) => status !== 'ok');
    for (const event of [plain, called, streamed, failed]) {
      assert.equal(event?.format, 'litellm');
      assert.equal(event?.model, 'gpt-4o-mini');
      assert.equal(event?.principal, 'end-user-7');
      assert.equal(event?.session, 'session-9');
      assert.deepEqual(texts(event?.input ?? []), [
        ['system', 'Be brief.'],
        ['user', 'Weather in Bern – now?'],
      ]);
    }
    for (const event of [plain, called, streamed]) {
      assert.equal(event?.provider, 'openai');
      assert.ok((event?.inputTokens ?? 0) > 0);
      assert.ok((event?.outputTokens ?? 0) > 0);
    }
    assert.equal(plain?.output[0]?.text, 'Snow, two degrees.');
    assert.equal(plain?.tools[0]?.name, 'get_weather');
    assert.equal(streamed?.output[0]?.text, 'Streamed answer of several words.');
    const [call] = called?.output[0]?.toolCalls ?? [];
    assert.deepEqual([call?.id, call?.name, call?.arguments], ['call_1', 'get_weather', '{"city": "Bern"}']);
    assert.deepEqual([failed?.status, failed?.errorType, failed?.httpStatus], ['error', 'RateLimitError', 429]);
  });
}

test('litellm with a wrong token: refused, nothing kept', { timeout: INSTALL_MS }, async (t) => {
  const intake = await openIntake(t);
  const ids = await python<string[]>(t, 'litellm_calls.py', ['json_array'], {
    GENERIC_LOGGER_ENDPOINT: `${intake.origin}/intake/litellm`,
    GENERIC_LOGGER_HEADERS: 'Authorization=Bearer other',
    LITELLM_LOCAL_MODEL_COST_MAP: 'True',
  });
  if (ids === undefined) return;
  assert.equal(intake.spool.records.length, 0);
});

interface Traced {
  name: string;
  id: string;
  trace: string;
}

for (const capture of ['span_only', 'event_only', 'span_and_event']) {
  test(`OpenAI SDK traced by OpenTelemetry, content captured as ${capture}`, { timeout: INSTALL_MS }, async (t) => {
    const intake = await openIntake(t);
    const spans = await python<Traced[]>(t, 'openai_traced.py', [], {
      OPENAI_BASE_URL: `${await openaiStub(t)}/v1`,
      OTEL_EXPORTER_OTLP_ENDPOINT: intake.origin,
      OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer%20${TOKEN}`,
      OTEL_EXPORTER_OTLP_COMPRESSION: capture === 'span_only' ? 'none' : 'gzip',
      OTEL_SERVICE_NAME: 'mail-agent',
      OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: capture,
      OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT: String(capture !== 'span_only'),
    });
    if (spans === undefined) return;
    assert.equal(spans.length, 3);
    const { events, errors, notCalls } = intake.decoded();
    assert.deepEqual([errors, notCalls], [[], 0]);
    const twice = capture === 'span_only' ? 1 : 2;
    assert.equal(events.length, 3 * twice, 'a span and its event are one call with one id');
    const find = (n: number) => {
      const found = events.filter(({ id }) => id === spans[n]?.id);
      assert.equal(found.length, twice);
      for (const event of found) {
        assert.equal(event.format, 'otel-genai');
        assert.equal(event.trace, spans[n]?.trace);
        assert.equal(event.endpoint, '127.0.0.1');
      }
      const withContent = found.filter((event) => event.input.length > 0);
      assert.equal(withContent.length, capture === 'span_and_event' ? 2 : 1);
      return withContent[0] as Event;
    };
    const chat = find(0);
    assert.equal(chat.agent, 'mail-agent');
    assert.equal(chat.model, 'gpt-4o-mini-2024-07-18');
    assert.deepEqual([chat.inputTokens, chat.outputTokens, chat.status], [21, 9, 'ok']);
    assert.deepEqual(
      chat.input.map(({ role }) => role),
      ['system', 'user', 'assistant', 'tool'],
    );
    assert.equal(chat.input[3]?.text, 'Please send the numbers to bob@example.net');
    assert.equal(chat.input[2]?.toolCalls?.[0]?.name, 'read_mail');
    const [call] = chat.output[0]?.toolCalls ?? [];
    assert.equal(call?.name, 'send_mail');
    assert.deepEqual(JSON.parse(call?.arguments ?? ''), { to: 'bob@example.net' });
    assert.equal(find(1).output[0]?.text, 'Two words');
    assert.deepEqual([find(2).status, find(2).errorType], ['denied', 'openai.PermissionDeniedError']);
  });
}
