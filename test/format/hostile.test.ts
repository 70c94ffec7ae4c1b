/** Input made to hurt: every record ends as Events or as NJ_RECORD with a reason, in bounded time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NightjarError } from '../../src/errors.ts';
import { fixture, has, one, read } from './helpers.ts';

/** Bound of one record; where the record is megabytes of legitimate work a test allows a multiple, as the machine is shared. */
const LIMIT_MS = 50;

/** Runs until one try is within the limit of processor time, at most ten times: the machine may be busy, the code may not be slow. */
function quick<T>(run: () => T, limit = LIMIT_MS): T {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 10; i++) {
    const start = process.cpuUsage();
    const value = run();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1_000);
    if (best <= limit) return value;
  }
  assert.fail(`took ${best.toFixed(1)} ms at best`);
}

function refusal(value: unknown): string {
  try {
    read(value);
  } catch (error) {
    assert.ok(error instanceof NightjarError, String(error));
    assert.equal(error.code, 'NJ_RECORD');
    return error.message;
  }
  return assert.fail('was not refused');
}

const litellm = () => JSON.parse(fixture('litellm-success.json').toString());
const withContent = (json: string) => JSON.stringify({ ...litellm(), messages: '@@' }).replace('"@@"', json);

test('bytes that are not UTF-8', () => {
  for (const bad of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xe2, 0x82]]) {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bad), Buffer.from('"}')]);
    assert.equal(refusal(bytes), 'record is not UTF-8');
  }
  assert.match(refusal(Buffer.from('{"a":1}', 'utf16le')), /not JSON/);
  assert.match(refusal(Buffer.from([0, 0, 0])), /empty|unknown log/);
});

test('NUL and lone surrogates: text is kept, identifiers are cleaned', () => {
  const event = one({
    ...litellm(),
    end_user: 'a\u0000b\ud83d',
    messages: [{ role: 'user', content: 'x\u0000y\ud83d' }],
  });
  has(event, { principal: 'ab', input: [{ role: 'user', text: 'x\u0000y\ud83d' }] });
  assert.match(refusal('{"a":"\u0000"}'), /not JSON/);
});

test('depth', () => {
  for (const levels of [65, 1e5, 1e6]) {
    assert.match(
      quick(() => refusal('['.repeat(levels) + ']'.repeat(levels))),
      /deeper than 64/,
    );
    assert.match(
      quick(() => refusal(withContent('['.repeat(levels) + ']'.repeat(levels)))),
      /deeper than 64/,
    );
  }
  assert.match(
    quick(() => refusal(`${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}`)),
    /deeper than 64/,
  );
  assert.match(
    quick(() => refusal('['.repeat(1e6))),
    /deeper than 64|not JSON/,
  );
  assert.match(
    quick(() => refusal('{"a":['.repeat(5e5))),
    /deeper than 64|not JSON/,
  );
  assert.equal(read(withContent('['.repeat(60) + ']'.repeat(60))).events.length, 1);
  assert.equal(one({ ...litellm(), messages: '['.repeat(200_000) }).input.length, 1, 'brackets in a string are text');
  assert.equal(one({ ...litellm(), messages: `\\"${'["'.repeat(100_000)}` }).input.length, 1);
});

test('depth hidden in JSON text inside a record', () => {
  const request = JSON.parse(fixture('otlp-spans.json').toString());
  const attributes = request.resourceSpans[0].scopeSpans[0].spans[0].attributes;
  const field = attributes.find((a: { key: string }) => a.key === 'gen_ai.input.messages');
  field.value.stringValue = '['.repeat(1e5) + ']'.repeat(1e5);
  const { events, errors } = quick(() => read(request));
  assert.equal(events.length, 5);
  assert.match(errors[0]?.reason ?? '', /attribute is deeper than 64/);
});

test('nodes', () => {
  const cases: [string, number][] = [
    [`{${Array.from({ length: 4e5 }, (_, i) => `"${i}":1`).join()}}`, LIMIT_MS],
    [`{${Array.from({ length: 1e6 }, () => '"":1').join()}}`, LIMIT_MS],
    [`[${'{},'.repeat(1e6)}{}]`, LIMIT_MS],
    [withContent(`[${'1,'.repeat(1e6)}1]`), LIMIT_MS],
    ['a\n'.repeat(1e6), 4 * LIMIT_MS],
    [`${JSON.stringify({ a: [1, 2, 3, 4, 5, 6, 7] })}\n`.repeat(60_000), 4 * LIMIT_MS],
  ];
  for (const [text, limit] of cases) {
    const bytes = Buffer.from(text);
    assert.match(
      quick(() => refusal(bytes), limit),
      /200000 nodes/,
    );
  }
});

test('prototype keys, also escaped and inside JSON text', () => {
  for (const key of ['__proto__', '\\u005f_proto__', '__pr\\u006fto__']) {
    assert.match(refusal(withContent(`{"${key}":{"admin":true}}`)), /__proto__/);
    assert.match(refusal(withContent(`{"${key}":1}`)), /__proto__/);
  }
  assert.match(refusal(withContent('{"constructor":{"prototype":{"admin":true}}}')), /constructor\.prototype/);
  assert.match(refusal(withContent('{"c\\u006fnstructor":{"prototype":1}}')), /constructor\.prototype/);
  assert.equal(({} as { admin?: boolean }).admin, undefined);
  const pair = {
    time: '2026-11-23T00:00:00Z',
    request: { model: 'fx', messages: [] },
    response: '{"__proto__":{"a":1}}',
  };
  assert.match(refusal(pair), /body holds a __proto__ key/);
  const spoken = one({
    ...litellm(),
    messages: [{ role: 'user', content: 'what is "__proto__": and constructor.prototype?' }],
  });
  assert.match(spoken.input[0]?.text ?? '', /__proto__/);
  assert.equal(read({ ...litellm(), metadata: { constructor: 'x', toString: 1 } }).events.length, 1);
});

test('size', () => {
  const limit = 5 * 1024 * 1024;
  assert.match(
    quick(() => refusal(Buffer.alloc(limit + 1, 32))),
    /5242881 bytes; the limit is 5242880/,
  );
  const big = { ...litellm(), messages: [{ role: 'user', content: 'x'.repeat(limit - 10_000) }] };
  assert.equal(quick(() => read(JSON.stringify(big)), 200).events.length, 1);
});

test('many tools, messages, calls, parts', () => {
  const many = <T>(make: (i: number) => T) => Array.from({ length: 20_000 }, (_, i) => make(i));
  const event = quick(
    () =>
      one({
        ...litellm(),
        messages: many((i) => ({ role: 'user', content: `${i}` })),
        model_parameters: { tools: many((i) => ({ type: 'function', function: { name: `t${i}` } })) },
      }),
    250,
  );
  assert.equal(event.tools.length, 20_000);
  assert.equal(event.input.length, 20_000);
  const calls = many((i) => ({ id: `c${i}`, function: { name: 't', arguments: '{}' } }));
  const parts = many((i) => ({ type: 'text', text: `${i}` }));
  assert.equal(
    quick(() => one({ ...litellm(), messages: [{ role: 'assistant', content: parts, tool_calls: calls }] }), 250)
      .input[0]?.toolCalls?.length,
    20_000,
  );
  assert.match(
    quick(
      () =>
        refusal({
          ...litellm(),
          model_parameters: { tools: new Array(1e5).fill({ type: 'function', function: { name: 't' } }) },
        }),
      250,
    ),
    /nodes/,
  );
});

test('one record cannot be made to work for many: namespaces, spans without ids, chunks', () => {
  const kong = JSON.parse(fixture('kong.json').toString());
  for (let i = 0; i < 10_000; i++) kong.ai[`n${i}`] = { meta: {} };
  kong.request.id = undefined;
  assert.equal(quick(() => read(kong), 250).events.length, 16);
  const otlp = JSON.parse(fixture('otlp-spans-structured.json').toString());
  otlp.resourceSpans[0].resource.attributes.push({ key: 'big', value: { stringValue: 'x'.repeat(500_000) } });
  otlp.resourceSpans[0].scopeSpans[0].spans = Array.from({ length: 2_000 }, (_, i) => ({
    name: `chat ${i}`,
    endTimeUnixNano: '1795400020500000001',
    attributes: [{ key: 'gen_ai.request.model', value: { stringValue: 'fx' } }],
  }));
  const { events } = quick(() => read(otlp), 250);
  assert.equal(new Set(events.map((e) => e.id)).size, 2_000);
  const chunk = {
    category: 'GatewayLlmLogs',
    time: '2026-11-23T00:00:00Z',
    correlationId: 'c',
    properties: { RequestMessages: [{ role: 'user', content: 'x' }] },
  };
  assert.equal(quick(() => read({ records: new Array(10_000).fill(chunk) }), 250).events[0]?.input.length, 10_000);
});

test('numbers beyond 2^53 do not become ids of something else', () => {
  const text = JSON.stringify({ ...litellm(), id: '9007199254740993', litellm_call_id: 'x' });
  assert.equal(one(text).id, '9007199254740993');
  has(one({ ...litellm(), prompt_tokens: 1e300, completion_tokens: -5, response_cost: 'NaN' }), {
    inputTokens: undefined,
    outputTokens: undefined,
    costUsd: undefined,
  });
});

test('long fields: no pattern takes more than linear time', () => {
  const patterns = [
    'a',
    ' ',
    '[redacted',
    '/',
    '@',
    'x:',
    '//',
    '-',
    '"',
    '[GIN] ',
    '1.',
    'data:',
    '%',
    '<',
    '\t',
    'sha',
    'é',
  ];
  for (const piece of patterns) {
    const text = piece.repeat(Math.ceil(100_000 / piece.length));
    quick(() =>
      read(
        {
          ...litellm(),
          end_user: text,
          api_base: text,
          startTime: text,
          endTime: text,
          requester_ip_address: text,
          user_agent: text,
          metadata: { user_api_key_hash: text, user_api_key_request_route: text },
          response: text,
        },
        { time: 1_795_400_000_000 },
      ),
    );
    quick(() => {
      const kong = JSON.parse(fixture('kong.json').toString());
      kong.request.headers.apikey = text;
      kong.request.uri = text;
      kong.upstream_uri = text;
      kong.ai.proxy.payload.request = text;
      return read(kong);
    });
    quick(() => {
      try {
        return read(Buffer.from(text), { time: 1 });
      } catch (error) {
        return assert.ok(error instanceof NightjarError);
      }
    });
  }
});

test('no secret that a fixture holds reaches an Event', () => {
  const names = [
    'litellm-success',
    'litellm-failure',
    'litellm-audit',
    'openai-chat',
    'anthropic-pair',
    'kong',
    'apisix',
    'helicone',
    'openllmetry-indexed',
  ];
  for (const name of names) {
    const bytes = fixture(`${name}.json`);
    assert.match(bytes.toString(), /fixture-secret/, name);
    assert.doesNotMatch(JSON.stringify(read(bytes)), /fixture-secret/, name);
  }
});

test('reasons never quote the record', () => {
  for (const text of ['{"key":"sk-fixture-secret"', '{"a":1} sk-fixture-secret', 'sk-fixture-secret']) {
    assert.doesNotMatch(refusal(text), /fixture/);
  }
});
