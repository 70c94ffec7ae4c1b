/** Whether an answer was streamed, in every log that tells; absent where it does not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PUBLIC_TEST_KEY } from '../../src/scan/fingerprint.ts';
import { createScanner } from '../../src/scan/scan.ts';
import { fixture, one } from './helpers.ts';

const json = (name: string) => JSON.parse(fixture(name).toString());
const time = 1_795_500_000_000;
const streamOf = (value: unknown) => one(value, { time }).stream;

test('LiteLLM: its own field, else the request parameter', () => {
  const record = json('litellm-success.json');
  assert.equal(streamOf({ ...record, stream: true }), true);
  assert.equal(streamOf({ ...record, stream: null, model_parameters: { stream: false } }), false);
  assert.equal(streamOf({ ...record, stream: null, model_parameters: {} }), undefined);
});

test('pairs: the request body, or an answer that is a stream', () => {
  const request = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
  const response = { object: 'chat.completion', choices: [{ message: { role: 'assistant', content: 'hello' } }] };
  assert.equal(streamOf({ request: { ...request, stream: true }, response }), true);
  assert.equal(streamOf({ request: { ...request, stream: false }, response }), false);
  assert.equal(streamOf({ request, response }), undefined);
  assert.equal(streamOf(json('openai-stream.json')), true);
  assert.equal(streamOf({ request: { ...request, stream: 'nonsense' }, response }), undefined);
});

test('Bedrock: the operation', () => {
  for (const [operation, stream] of [
    ['Converse', false],
    ['ConverseStream', true],
    ['InvokeModel', false],
    ['InvokeModelWithResponseStream', true],
    ['Other', undefined],
  ])
    assert.equal(streamOf({ ...json('bedrock-converse.json'), operation }), stream, String(operation));
  assert.equal(streamOf(json('bedrock-invoke-stream.json')), true);
});

test('OpenTelemetry: the attribute under its current and older names', () => {
  const withAttribute = (key: string, value: unknown) => {
    const attributes = [
      { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
      { key, value },
    ];
    const span = { spanId: 'b7ad6b7169203331', name: 'chat m', endTimeUnixNano: `${time}000000`, attributes };
    return { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
  };
  assert.equal(streamOf(withAttribute('gen_ai.request.stream', { boolValue: true })), true);
  assert.equal(streamOf(withAttribute('llm.is_streaming', { stringValue: 'False' })), false);
  assert.equal(streamOf(withAttribute('gen_ai.is_streaming', { boolValue: true })), true);
  assert.equal(streamOf(withAttribute('other', { boolValue: true })), undefined);
});

test('gateways that name it', () => {
  const helicone = json('helicone.json');
  helicone.log.request.isStream = true;
  assert.equal(streamOf(helicone), true);
  const apisix = json('apisix.json');
  assert.equal(streamOf({ ...apisix, llm_summary: { ...apisix.llm_summary, stream: 'true' } }), true);
  const azure = json('azure-openai.json').records[0];
  const properties = typeof azure.properties === 'string' ? JSON.parse(azure.properties) : azure.properties;
  assert.equal(streamOf({ ...azure, properties: { ...properties, streamType: 'Non-Streaming' } }), false);
  assert.equal(streamOf({ ...azure, properties: { ...properties, streamType: 'Streaming' } }), true);
});

test('reaches the Observation', () => {
  const event = one({ ...json('litellm-success.json'), stream: true });
  assert.equal(createScanner(PUBLIC_TEST_KEY).scan(event).stream, true);
});
