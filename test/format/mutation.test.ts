/**
 * Seeded mutations of every fixture: fields dropped, retyped, nested, made huge, wrongly encoded, bytes cut and flipped. Each must give Events
 * that keep the type's promises, or NJ_RECORD with a reason, within 50 ms of processor time. 1,000 per fixture (8,000 of protobuf);
 * `npm run test:fuzz` makes 30,000. NIGHTJAR_MUTATIONS sets another number, NIGHTJAR_SEED the seed.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { NightjarError } from '../../src/errors.ts';
import { decode } from '../../src/format/decode.ts';
import type { Event } from '../../src/model/event.ts';
import { fixture } from './helpers.ts';
import { encodeOtlp } from './otlp-encode.ts';

const COUNT = Number(process.env.NIGHTJAR_MUTATIONS ?? 1_000);
const SEED = Number(process.env.NIGHTJAR_SEED ?? 20_261_123);
const LIMIT_MS = 50;

/** mulberry32: small, seeded, good enough to choose places. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

type Random = ReturnType<typeof generator>;

const ODD: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 1e308,
  () => 2 ** 53 + 2,
  () => '',
  () => ' ',
  () => '\u0000',
  () => '\ud800',
  () => '\u202e\u200b',
  () => 'x'.repeat(100_000),
  () => '[{"role":"user"}]',
  () => '{"a":',
  () => 'data: {"choices":[{"delta":{"content":"x"}}]}\n\n',
  () => [],
  () => {},
  () => ({}),
  () => [[[[]]]],
  () => [null, 1, 'a', {}, []],
  () => ({ role: 'tool', content: [{ type: 'tool_result' }] }),
  () => ({ type: 'text', text: { value: 'x' } }),
  () => ({ stringValue: 5, arrayValue: 'x', kvlistValue: [] }),
  () => ({ length: -1, toString: 1, constructor: 2 }),
  () => '2026-11-23T25:61:00Z',
  () => Array.from({ length: 2_000 }, (_, i) => ({ type: 'tool_use', id: i, input: { i } })),
];

interface Place {
  holder: Record<string, unknown>;
  key: string;
}

function places(value: unknown, found: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return found;
  const holder = value as Record<string, unknown>;
  for (const key of Object.keys(holder)) {
    found.push({ holder, key });
    places(holder[key], found);
  }
  return found;
}

function mutate(root: { value: unknown }, random: Random): void {
  const found = places(root);
  if (found.length === 0) return;
  const { holder, key } = found[random(found.length)] as Place;
  const other = found[random(found.length)] as Place;
  const value = holder[key];
  switch (random(7)) {
    case 0:
      delete holder[key];
      break;
    case 1:
      holder[key] = JSON.stringify(value) ?? null;
      break;
    case 2:
      holder[key] = [value, value];
      break;
    case 3:
      holder[key] = { [key]: value };
      break;
    case 4:
      // A copy of another part of the record, so that shapes of other fields turn up here.
      holder[key] = JSON.parse(JSON.stringify(other.holder[other.key] ?? null));
      break;
    default:
      holder[key] = (ODD[random(ODD.length)] as () => unknown)();
  }
}

function damage(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  switch (random(4)) {
    case 0:
      return copy.subarray(0, random(copy.length));
    case 1:
      copy[random(copy.length)] = random(256);
      return copy;
    case 2: {
      const at = random(copy.length);
      return Buffer.concat([copy.subarray(0, at), Buffer.from([random(256), random(256)]), copy.subarray(at)]);
    }
    default:
      return Buffer.concat([copy, copy]);
  }
}

const STATUS = new Set(['ok', 'error', 'denied']);
const OPERATIONS = new Set(['chat', 'embeddings', 'tool', 'access', 'admin']);
const ROLES = new Set(['system', 'user', 'assistant', 'tool']);
const TEXTS = [
  'principal',
  'credential',
  'session',
  'parent',
  'trace',
  'agent',
  'team',
  'endpoint',
  'route',
  'clientAddress',
  'userAgent',
  'provider',
  'model',
  'errorType',
] as const;
const NUMBERS = ['inputTokens', 'outputTokens', 'costUsd', 'durationMs', 'httpStatus'] as const;

/** What the type promises and the compiler cannot see. */
function check(event: Event): void {
  assert.ok(typeof event.id === 'string' && event.id !== '', 'id');
  assert.ok(Number.isInteger(event.time), `time ${event.time}`);
  assert.ok(STATUS.has(event.status) && OPERATIONS.has(event.operation));
  for (const name of TEXTS) {
    const value = event[name];
    if (name in event)
      assert.ok(
        typeof value === 'string' && value !== '' && value.length <= 400,
        `${name}: ${String(value).slice(0, 80)}`,
      );
  }
  for (const name of NUMBERS)
    if (name in event) assert.ok(Number.isFinite(event[name]) && (event[name] as number) >= 0, name);
  for (const message of [...event.input, ...event.output]) {
    assert.ok(ROLES.has(message.role) && typeof message.text === 'string');
    for (const call of message.toolCalls ?? []) {
      assert.ok(typeof call.id === 'string' && typeof call.name === 'string' && typeof call.arguments === 'string');
    }
    if ('toolName' in message) assert.equal(typeof message.toolName, 'string');
    if ('attachments' in message) assert.ok((message.attachments as number) > 0);
  }
  for (const tool of event.tools) assert.equal(typeof tool.name, 'string');
}

/** Processor time, so that a busy machine makes nothing slow. */
function now(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function run(bytes: Buffer): void {
  const start = now();
  try {
    const { events, errors } = decode(bytes, { format: 'auto', tenant: 't', time: 1_795_500_000_000 });
    for (const event of events) check(event);
    for (const { reason } of errors) assert.doesNotMatch(reason, /could not be read/);
  } catch (error) {
    assert.ok(error instanceof NightjarError && error.code === 'NJ_RECORD', `${(error as Error).stack}`);
    assert.doesNotMatch(error.message, /could not be read/);
  }
  // Only a try that is slow again is slow: the first may have met the compiler or the collector at work.
  if (now() - start < LIMIT_MS) return;
  for (let i = 0; i < 6; i++) {
    const again = now();
    try {
      decode(bytes, { format: 'auto', tenant: 't', time: 1_795_500_000_000 });
    } catch {}
    if (now() - again < LIMIT_MS) return;
  }
  assert.fail(`slower than ${LIMIT_MS} ms`);
}

const folder = new URL('fixtures/', import.meta.url);
const names = readdirSync(folder).sort();

for (const [at, name] of names.entries()) {
  test(`mutations of ${name}`, () => {
    const bytes = fixture(name);
    const random = generator(SEED + at);
    for (let i = 0; i < COUNT; i++) {
      let made = bytes;
      if (name.endsWith('.json') && i % 4 !== 0) {
        const root = { value: JSON.parse(bytes.toString()) };
        for (let n = 1 + random(3); n > 0; n--) mutate(root, random);
        made = Buffer.from(JSON.stringify(root.value) ?? 'null');
      } else made = damage(bytes, random);
      try {
        run(made);
      } catch (error) {
        throw new Error(`seed ${SEED}, mutation ${i}: ${(error as Error).stack}\n${made.toString().slice(0, 2_000)}`);
      }
    }
  });
}

test('mutations of protobuf exports', () => {
  for (const name of ['otlp-spans.json', 'otlp-logs.json']) {
    const bytes = encodeOtlp(JSON.parse(fixture(name).toString()));
    const random = generator(SEED);
    for (let i = 0; i < COUNT * 4; i++) {
      const made = damage(bytes, random);
      try {
        run(made);
      } catch (error) {
        throw new Error(`seed ${SEED}, mutation ${i}: ${(error as Error).stack}\n${made.toString('base64')}`);
      }
    }
  }
});
