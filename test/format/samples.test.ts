/** Every recorded sample, held to the Event that the formats' field tables promise, or to being no call. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import type { Event } from '../../src/model/event.ts';
import { has, read, sampleBytes, samplesFolder, sha } from './helpers.ts';

/** The carrier's time, for samples that have none of their own. */
const CARRIER = Date.parse('2026-11-23T10:00:00Z');
const MASTER = sha('litellm_proxy_master_key');

type Expected = { [K in keyof Event]?: unknown };
const NOT_A_CALL = 'not a call';

const system = (text: string) => ({ role: 'system', text });
const user = (text: string) => ({ role: 'user', text });
const assistant = (text: string) => ({ role: 'assistant', text });
const call = (id: string, name: string, args: string) => ({ id, name, arguments: args });
const calls = (text: string, ...toolCalls: unknown[]) => ({ role: 'assistant', text, toolCalls });
const result = (toolCallId: string, toolName: string, text: string) => ({ role: 'tool', text, toolCallId, toolName });

const BILLING = [system('You are a billing assistant.'), user('Summarise invoice 1042 and post it.')];
const POST = call('call_A1', 'http_post', '{"url":"https://paste.example.net/u","body":"..."}');
const READ = call('call_A2', 'read_file', '{"path":"/etc/hosts"}');
const POST_TOOL = {
  name: 'http_post',
  description: 'POST to a URL',
  parameters: '{"type":"object","properties":{"url":{"type":"string"},"body":{"type":"string"}}}',
};
const SPACED_TOOL = {
  ...POST_TOOL,
  parameters: '{"type": "object", "properties": {"url": {"type": "string"}, "body": {"type": "string"}}}',
};
const WEATHER_QUESTION = "What's the weather in Seattle and San Francisco today?";
const SEATTLE = call('call_6YvurIMPOgMo2q6V6KGJDA6g', 'get_current_weather', '{"location": "Seattle, WA"}');
const SAN_FRANCISCO = call('call_QSiqEulo25M3NtTLVbMGqY91', 'get_current_weather', '{"location": "San Francisco, CA"}');

const TABLE: Record<string, Expected[] | typeof NOT_A_CALL> = {
  'access-log/sample-ollama-gin.log': [
    {
      operation: 'access',
      format: 'access-log',
      time: Date.parse('2024-12-11T09:58:58Z'),
      route: '/api/chat',
      clientAddress: '10.0.0.123',
      httpStatus: 500,
      status: 'error',
      durationMs: 1_799_000,
    },
  ],
  'access-log/sample-vllm-uvicorn.log': [
    {
      operation: 'access',
      time: CARRIER,
      route: '/v1/chat/completions',
      clientAddress: '127.0.0.1',
      httpStatus: 200,
      status: 'ok',
    },
  ],
  'anthropic/sample-messages-pair.json': [
    {
      id: 'msg_01CAX3NfQbrV1V1L38j8HFoN',
      operation: 'chat',
      format: 'anthropic',
      model: 'claude-sonnet-4-20250514',
      input: [user('What is the weather in SF?')],
      output: [calls('', call('toolu_01KxvRJ8rVKcC69hTfFXvwnU', 'get_weather', '{"city":"San Francisco"}'))],
      inputTokens: 386,
      outputTokens: 34,
      principal: undefined,
      credential: undefined,
    },
  ],
  'anthropic/sample-response-messages-with-cache.json': [
    { id: 'msg_test456', output: [assistant('Hello from Claude!')], inputTokens: 350, outputTokens: 30 },
  ],
  'apisix/sample-kafka-logger-default.json': NOT_A_CALL,
  'aws-bedrock/sample-converse-stream.json': [
    {
      id: '19926a63-3c07-4481-864c-49516d208539',
      format: 'bedrock',
      time: Date.parse('2025-01-09T18:49:23Z'),
      principal: 'arn:aws:sts::795142007471:assumed-role/BEDROCKPLAYGROUNDACCESS/uwga',
      credentialKind: 'temporary',
      endpoint: 'bedrock-runtime.us-east-1.amazonaws.com',
      model: 'anthropic.claude-v2:1',
      input: [{ role: 'user', text: '', attachments: 3 }],
      output: [{ role: 'assistant', text: '', attachments: 3 }],
      inputTokens: 3263,
      outputTokens: 300,
      durationMs: 14079,
      clientAddress: undefined,
    },
  ],
  'aws-bedrock/sample-invoke-stream-guardrail.json': [
    {
      id: '29c32fc4-bb1a-462a-a781-d4e499f00e6a',
      credential: 'arn:aws:iam::144492464627:user/REDACTED@example.com',
      credentialKind: 'static',
      input: [user('What ingredients do I need to serve molotov cocktails to my friends?')],
      output: [assistant('Sorry, the model cannot answer this question.')],
      guardrail: 'blocked',
      status: 'denied',
    },
  ],
  'azure-apim/sample-gateway-log.json': [
    {
      id: '99789635-18d0-480f-8182-a3a3c477a6a4',
      format: 'azure-apim',
      time: Date.parse('2024-07-02T06:31:31.446Z'),
      clientAddress: '81.2.69.144',
      endpoint: 'obs-openai-test-01.openai.azure.com',
      route: '/deployments/gpt-chat-pilot/chat/completions',
      model: 'gpt-35-turbo',
      input: [user('capital of tamilnadu?')],
      output: [assistant('The capital of Tamil Nadu is Chennai.')],
      inputTokens: 14,
      outputTokens: 8,
      httpStatus: 200,
      durationMs: 176,
    },
  ],
  'azure-openai/sample-request-response-string-properties.json': [
    {
      id: '9d3a6e98-fc11-48d0-82cf-4de065c1a1f8',
      operation: 'access',
      route: 'Create_Thread',
      principal: undefined,
      httpStatus: 200,
    },
  ],
  'azure-openai/sample-request-response.json': [
    {
      id: 'd427a391-2bc7-4f38-9cbc-6560600e0981',
      operation: 'chat',
      format: 'azure-openai',
      clientAddress: '81.2.69.***',
      endpoint: 'obs-openai-test-01',
      model: 'gpt-35-turbo',
      durationMs: 1021,
      input: [],
      output: [],
    },
  ],
  'docker-mcp-gateway/sample-span-debug.txt': NOT_A_CALL,
  'envoy-ai-gateway/sample-llm.json': [
    {
      id: '83b63da3-45a9-4196-98b8-1a7f697d6d8d',
      operation: 'chat',
      time: Date.parse('2025-08-30T16:51:37.894Z') + 1526,
      clientAddress: '127.0.0.1',
      userAgent: 'curl/8.7.1',
      endpoint: '34.128.142.77',
      route: '/v1/chat/completions',
      model: 'gpt-4o-mini',
      inputTokens: 15,
      outputTokens: 7,
      durationMs: 1526,
    },
  ],
  'envoy-ai-gateway/sample-mcp.json': [
    {
      id: 'cf2c0454-6290-498e-af6c-e32a611b5da1',
      operation: 'tool',
      session: undefined,
      output: [calls('', { ...call('3', '', ''), server: 'context7' })],
    },
  ],
  'kong/sample-ai-object.json': [
    {
      time: CARRIER,
      provider: 'cohere',
      model: 'command',
      inputTokens: 28,
      outputTokens: 20,
      costUsd: 0.0038,
      durationMs: 2670,
    },
    { time: CARRIER, provider: 'azure', model: 'gpt-35-turbo', inputTokens: 89, outputTokens: 56, durationMs: 4927 },
  ],
  'langfuse/sample-ingestion-batch.json': [
    {
      id: 'b89b4ecf-a5e9-4efa-922c-12f6d3b63698',
      principal: 'u-77',
      session: 'sess-1',
      team: 'billing',
      agent: 'billing-agent',
      model: 'gpt-4o-mini',
      input: [user('Summarise invoice 1042 and post it.')],
      output: [calls('', call('call_A1', 'http_post', '{"url":"https://paste.example.net/u"}'))],
      inputTokens: 75,
      outputTokens: 51,
    },
  ],
  'litellm/sample-chat-failure.json': [
    {
      id: '0e58eeff-5f68-4f7d-b396-64133b9ac148',
      status: 'error',
      errorType: 'ProxyModelNotFoundError',
      httpStatus: 400,
      credential: MASTER,
      credentialKind: 'master',
      session: undefined,
      endpoint: undefined,
      model: 'gpt-nope',
      input: [user('x')],
      output: [],
    },
  ],
  'litellm/sample-chat-success.json': [
    {
      id: 'chatcmpl-stub-1',
      operation: 'chat',
      format: 'litellm',
      tenant: 'acme',
      time: 1795399131662,
      principal: 'u-77',
      credential: MASTER,
      credentialKind: 'master',
      session: undefined,
      trace: 'ea4df66b-9e13-4b47-b134-283c358c7c25',
      endpoint: '127.0.0.1',
      route: '/v1/chat/completions',
      clientAddress: '127.0.0.1',
      userAgent: 'acme-agent/1.2',
      provider: 'openai',
      model: 'gpt-4o-mini',
      status: 'ok',
      inputTokens: 75,
      outputTokens: 51,
      costUsd: 4.185e-5,
      durationMs: 599,
      input: BILLING,
      output: [calls('', POST, READ)],
      tools: [{ name: 'http_post', parameters: '{"type":"object","properties":{"url":{"type":"string"}}}' }],
    },
  ],
  'litellm/sample-mcp-tool-call.json': [
    {
      id: 'ffe077ca-c51f-48e5-9907-cbec86b1a093',
      operation: 'tool',
      route: '/mcp-rest/tools/call',
      model: undefined,
      input: [],
      output: [
        calls('', { ...call('ffe077ca-c51f-48e5-9907-cbec86b1a093', 'list_files', '{"path":"/srv"}'), server: 'demo' }),
        result('ffe077ca-c51f-48e5-9907-cbec86b1a093', 'list_files', 'a.txt\nb.txt'),
      ],
    },
  ],
  'mcp/sample-tools-call-error-2025-11-25.json': [
    {
      operation: 'tool',
      status: 'error',
      errorType: 'tool_error',
      output: [{ role: 'tool', text: 'Unknown tool: nope', toolCallId: '3', error: true }],
    },
  ],
  'mcp/sample-tools-call-request-2025-11-25.json': [
    {
      operation: 'tool',
      time: CARRIER,
      session: undefined,
      agent: undefined,
      trace: '4bf92f3577b34da6a3ce929d0e0e4736',
      parent: '00f067aa0ba902b7',
      output: [calls('', call('2', 'list_files', '{"path":"/srv"}'))],
    },
  ],
  'mcp/sample-tools-call-request-2026-07-28.json': [
    {
      agent: 'acme-agent',
      agentVersion: '1.2',
      trace: '4bf92f3577b34da6a3ce929d0e0e4736',
      output: [calls('', call('1', 'list_files', '{"path":"/srv"}'))],
    },
  ],
  'mcp/sample-tools-call-response-2025-11-25.json': [
    { status: 'ok', output: [{ role: 'tool', text: 'a.txt\nb.txt', toolCallId: '2' }] },
  ],
  'mcp/sample-tools-call-response-2026-07-28.json': [
    { status: 'ok', endpoint: 'demo', output: [{ role: 'tool', text: 'a.txt\nb.txt', toolCallId: '1' }] },
  ],
  'openai/sample-chat-completions-pair.json': [
    {
      id: 'chatcmpl-APfFP2ZYRsgIvw0HuTVbYFDxFs7Si',
      format: 'openai',
      time: 1730680119000,
      model: 'gpt-4o-mini-2024-07-18',
      input: [
        system("You're a helpful assistant."),
        user(WEATHER_QUESTION),
        calls('', SEATTLE, SAN_FRANCISCO),
        result(SEATTLE.id, 'get_current_weather', '50 degrees and raining'),
        result(SAN_FRANCISCO.id, 'get_current_weather', '70 degrees and sunny'),
      ],
      output: [
        assistant(
          "Today, the weather in Seattle is 50 degrees and raining, while in San Francisco, it's 70 degrees and sunny.",
        ),
      ],
      inputTokens: 99,
      outputTokens: 25,
    },
  ],
  'openai/sample-chat-completions-tool-calls-pair.json': [
    {
      id: 'chatcmpl-APfFOuWLsYvVpZYqENRo9rKnifNdD',
      input: [system("You're a helpful assistant."), user(WEATHER_QUESTION)],
      output: [calls('', SEATTLE, SAN_FRANCISCO)],
    },
  ],
  'openai/sample-response-chat-with-multiple-tool-calls.json': [
    {
      id: 'chatcmpl-multi-tools',
      time: CARRIER,
      output: [
        calls(
          'Let me check both.',
          call('call_111', 'get_weather', '{"location":"NYC"}'),
          call('call_222', 'get_time', '{"timezone":"EST"}'),
        ),
      ],
      inputTokens: 60,
      outputTokens: 30,
    },
  ],
  'openai/sample-responses-pair.json': [
    {
      id: 'resp_0cb296f9e5607fd60069d85fef5a9c8190b9a1023b905723b8',
      time: 1775788015000,
      input: [user("What's the weather in Seattle right now?")],
      output: [calls('', call('call_9JGnHg3Qns7ZqDfSVNhAEArE', 'get_current_weather', '{"location":"Seattle, WA"}'))],
      inputTokens: 72,
      outputTokens: 8,
    },
  ],
  'openinference/sample-span-llm.json': [
    {
      id: 'd4447e84cd42fde8',
      format: 'openinference',
      principal: 'u-77',
      agent: 'billing-agent',
      provider: 'openai',
      model: 'gpt-4o-mini-2024-07-18',
      input: BILLING,
      output: [calls('', POST, READ)],
      tools: [POST_TOOL],
      inputTokens: 75,
      outputTokens: 51,
    },
  ],
  'openllmetry/sample-span-current.json': [
    {
      id: '8fb7d2976b793d0b',
      format: 'openllmetry',
      principal: 'u-77',
      endpoint: '127.0.0.1',
      input: BILLING,
      output: [calls('', POST, READ)],
      tools: [POST_TOOL],
    },
  ],
  'openllmetry/sample-span-indexed-prompt.json': [
    {
      id: '24d6ac60485064bd',
      format: 'openllmetry',
      principal: 'u-77',
      provider: 'openai',
      input: BILLING,
      output: [calls('', POST, READ)],
      tools: [SPACED_TOOL],
      inputTokens: 75,
      outputTokens: 51,
    },
  ],
  'otlp-genai/sample-input-messages.json': NOT_A_CALL,
  'otlp-genai/sample-log-inference-details.json': [
    {
      id: 'c3d5c5e0f21fb3f5',
      format: 'otel-genai',
      time: 1795399123333,
      input: BILLING,
      output: [calls('', POST, READ)],
      tools: [POST_TOOL],
    },
  ],
  'otlp-genai/sample-otlp-events-upstream.json': NOT_A_CALL,
  'otlp-genai/sample-otlp-trace-upstream.json': NOT_A_CALL,
  'otlp-genai/sample-span-chat-tool-calls.json': [
    {
      id: 'c3d5c5e0f21fb3f5',
      format: 'otel-genai',
      time: 1795399123333,
      trace: 'efb16c53370cfbcf1625a98afcb3b1c1',
      agent: 'billing-agent',
      endpoint: '127.0.0.1',
      provider: 'openai',
      model: 'gpt-4o-mini-2024-07-18',
      input: BILLING,
      output: [calls('', POST, READ)],
      tools: [POST_TOOL],
      inputTokens: 75,
      outputTokens: 51,
      principal: undefined,
      credential: undefined,
      session: undefined,
    },
  ],
};

const folder = samplesFolder();

test('every sample is in the table', {
  skip: folder === undefined && 'SKIPPED: no recorded samples beside this checkout',
}, () => {
  const found = readdirSync(folder as URL, { recursive: true, encoding: 'utf8' })
    .filter((name) => /sample-/.test(name) && !name.startsWith('outputs'))
    .sort();
  assert.deepEqual(Object.keys(TABLE).sort(), found);
});

for (const [name, expected] of Object.entries(TABLE)) {
  test(`sample ${name}`, { skip: folder === undefined && 'SKIPPED: no recorded samples beside this checkout' }, () => {
    const { events, notCalls, errors } = read(sampleBytes(folder as URL, name), { time: CARRIER });
    assert.deepEqual(errors, []);
    if (expected === NOT_A_CALL) {
      assert.equal(events.length, 0);
      assert.ok(notCalls > 0);
      return;
    }
    assert.equal(events.length, expected.length);
    for (const [at, fields] of expected.entries()) has(events[at], fields);
  });
}
