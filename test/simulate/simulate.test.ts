/** The simulated organisation: deterministic, in order, labelled, in the gateway's shape, varied. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decode } from '../../src/format/decode.ts';
import { CAMPAIGNS } from '../../src/simulate/campaigns/index.ts';
import { type SimulatedRecord, type SimulateOptions, simulate } from '../../src/simulate/simulate.ts';
import type { Truth } from '../../src/simulate/truth.ts';

const MONDAY = Date.UTC(2026, 8, 7);
const SMALL: SimulateOptions = { seed: 5, days: 1, start: MONDAY, people: 25, agents: 10, scale: 0.5 };

interface Run {
  records: SimulatedRecord[];
  truth: Truth;
}

function run(options: SimulateOptions): Run {
  const traffic = simulate(options);
  const records: SimulatedRecord[] = [];
  for (let step = traffic.next(); ; step = traffic.next()) {
    if (step.done) return { records, truth: step.value };
    records.push(step.value);
  }
}

function digest(run: Run): string {
  const hash = createHash('sha256');
  for (const r of run.records) hash.update(JSON.stringify(r));
  return hash.update(JSON.stringify(run.truth)).digest('hex');
}

type Json = Record<string, unknown>;

/** What tests look at, in whatever form the record is. */
function idOf(record: Json): string {
  if (record.resourceSpans !== undefined) return spanOf(record).spanId;
  return String(record.id ?? (record.request as { headers: Json }).headers['x-request-id']);
}

function spanOf(record: Json): { spanId: string; attributes: { key: string; value: Json }[] } {
  const [resource] = record.resourceSpans as { scopeSpans: { spans: ReturnType<typeof spanOf>[] }[] }[];
  return resource?.scopeSpans[0]?.spans[0] as ReturnType<typeof spanOf>;
}

const MASTER = `sha256:${createHash('sha256').update('litellm_proxy_master_key').digest('hex')}`;
const isCall = (record: Json): boolean => record.call_type !== undefined;

const day = run(SMALL);
const week = run({ ...SMALL, seed: 9, days: 7, people: 20, agents: 6, scale: 0.5 });
const spans = run({ ...SMALL, form: 'otlp' });

test('the same seed gives the same bytes, another seed others', () => {
  assert.equal(digest(run(SMALL)), digest(day));
  assert.notEqual(digest(run({ ...SMALL, seed: 6 })), digest(day));
  assert.equal(digest(run({ ...SMALL, form: 'otlp' })), digest(spans));
});

test('records and the truth about a campaign are of bounded size', () => {
  for (const { records, truth } of [day, week, spans]) {
    const longest = Math.max(...records.map((r) => JSON.stringify(r.record).length));
    assert.ok(longest < 200_000, `${longest} characters`);
    for (const c of truth.campaigns) assert.ok(c.path.length > 0 && c.path.length <= 12, c.id);
  }
});

test('levels and numbers of campaigns are chosen; the quiet days stay quiet', () => {
  const chosen = run({ ...SMALL, days: 4, scale: 0.02, campaigns: 2, difficulties: ['slow'] });
  const types = Object.keys(CAMPAIGNS);
  assert.deepEqual([...new Set(chosen.truth.campaigns.map((c) => c.difficulty))], ['slow']);
  assert.ok(chosen.truth.campaigns.length > 1.8 * types.length, `${chosen.truth.campaigns.length}`);
  assert.ok(chosen.truth.campaigns.every((c) => Date.parse(c.start) >= MONDAY + 3 * 86_400_000));
});

test('records are in order of event time and inside the time', () => {
  for (const { records } of [day, week]) {
    let previous = MONDAY;
    for (const { time, record } of records) {
      assert.ok(time >= previous);
      previous = time;
      if (!isCall(record)) continue;
      assert.equal((record.endTime as number) * 1000, time);
      assert.ok((record.startTime as number) < (record.endTime as number));
    }
  }
});

test('ids are unique, and the truth names records of the log', () => {
  for (const { records, truth } of [day, week, spans]) {
    const byId = new Map(records.map((r) => [idOf(r.record), r]));
    assert.equal(byId.size, records.length);
    const labelled = new Set(records.filter((r) => r.truth).map((r) => idOf(r.record)));
    const named = truth.campaigns.flatMap((c) => c.record_ids);
    assert.deepEqual(new Set(named), labelled);
    for (const c of truth.campaigns) {
      assert.ok(c.record_ids.length > 0);
      assert.ok(c.start <= c.first_detectable_at && c.first_detectable_at <= c.end, c.id);
      const first = Math.min(...c.record_ids.map((id) => byId.get(id)?.time as number));
      assert.equal(Date.parse(c.first_detectable_at), first);
    }
    for (const odd of truth.benign_odd)
      for (const id of odd.record_ids) assert.ok(byId.has(id) && !labelled.has(id), odd.id);
  }
});

test('every type of campaign and oddity is there', () => {
  const types = Object.keys(CAMPAIGNS).sort();
  assert.deepEqual([...new Set(day.truth.campaigns.map((c) => c.type))].sort(), types);
  assert.deepEqual([...new Set(week.truth.campaigns.map((c) => c.type))].sort(), types);
  assert.deepEqual([...new Set(week.truth.benign_odd.map((o) => o.type))].sort(), [
    'access-request',
    'bad-rollout',
    'business-trip',
    'deploy',
    'key-rotation',
    'new-vendor',
    'newcomer',
    'nightly-batch',
    'outage',
    'red-team',
    'security-talk',
    'tool-release',
  ]);
  const quiet = week.truth.campaigns.filter((c) => Date.parse(c.start) < MONDAY + 3 * 86_400_000);
  assert.deepEqual(quiet, []);
});

test('sessions of a campaign are its own', () => {
  for (const { records, truth } of [day, week]) {
    const owner = new Map(truth.campaigns.flatMap((c) => (c.entities.session ?? []).map((s) => [s, c.id] as const)));
    for (const { record, truth: id } of records) {
      const session = record.session_id as string | undefined;
      // A block hits whoever uses the key, in whatever session.
      if (id?.startsWith('response-harm') && !owner.has(session as string)) continue;
      if (id !== undefined && session) assert.equal(owner.get(session), id);
    }
  }
});

/** Checks one record of either form; returns its event. */
function decoded({ record, time }: SimulatedRecord) {
  const { events, errors } = decode(Buffer.from(JSON.stringify(record)), { format: 'auto', tenant: 'default' });
  assert.deepEqual(errors, []);
  assert.equal(events.length, 1);
  const event = events[0] as (typeof events)[number];
  assert.equal(event.id, idOf(record));
  assert.equal(event.time, time);
  return event;
}

test('records of both forms become events without errors, complete in who, where and with which tools', () => {
  const formats = new Map<string, number>();
  for (const part of [...day.records, ...spans.records]) {
    const event = decoded(part);
    formats.set(event.format, (formats.get(event.format) ?? 0) + 1);
    if (event.operation === 'access') {
      assert.ok(event.clientAddress && event.route && event.userAgent && event.httpStatus);
      continue;
    }
    if (event.operation === 'admin') {
      assert.ok(event.principal && event.credential?.startsWith('sha256:') && event.change);
      if (event.change.kind === 'key') assert.match(event.change.object, /^sha256:[0-9a-f]{64}$/);
      continue;
    }
    assert.ok(event.clientAddress && event.userAgent && event.model && event.route);
    // A stranger without a key is nobody.
    const open = part.truth?.startsWith('exposed-endpoint');
    if (!open) assert.ok(event.principal && event.credential?.startsWith('sha256:'), part.truth);
    const silent = event.input.length < 2 && event.output.length === 0;
    if (event.status === 'ok' && !part.truth?.startsWith('blind-spot')) assert.ok(!silent && event.output.length > 0);
    const calls = new Set<string>();
    for (const message of event.input) {
      for (const call of message.toolCalls ?? []) {
        calls.add(call.id);
        JSON.parse(call.arguments);
        assert.ok(
          event.tools.some((t) => t.name === call.name),
          `tool ${call.name} is not offered`,
        );
      }
      if (message.role === 'tool') assert.ok(calls.has(message.toolCallId as string) && message.toolName);
    }
    for (const tool of event.tools) assert.ok(tool.description && tool.parameters);
  }
  assert.deepEqual([...formats.keys()].sort(), ['apisix', 'litellm', 'litellm-audit', 'otel-genai']);
});

test('both forms tell the same', () => {
  assert.equal(spans.records.length, day.records.length);
  const seen = (run: Run) =>
    run.records.map((part) => {
      const { id: _, format: _f, ...event } = decoded(part);
      const { principal, session, credential, agent, clientAddress, status, model } = event;
      const texts = part.truth?.startsWith('blind-spot')
        ? []
        : [...event.input, ...event.output].map((m) => [m.role, m.text, m.toolCalls?.map((c) => c.name)]);
      const tools = part.truth?.startsWith('blind-spot') ? [] : event.tools.map((t) => t.name);
      const key = credential === MASTER ? undefined : credential;
      // Without an agent the spans name the service that made them.
      const named = agent === 'llm-gateway' ? undefined : agent;
      return JSON.stringify({
        principal,
        session,
        named,
        clientAddress,
        status,
        model,
        texts,
        tools,
        truth: part.truth,
        key,
      });
    });
  const [one, two] = [seen(day), seen(spans)];
  for (const [i, text] of one.entries()) {
    // The gateway's own key has no hash in its log, but one in a header.
    if (day.records[i]?.truth?.startsWith('exposed-endpoint')) continue;
    assert.equal(two[i], text);
  }
  const plain = (truth: Truth) =>
    truth.campaigns.map(({ record_ids, path: _, ...rest }) => ({ ...rest, records: record_ids.length }));
  assert.deepEqual(plain(spans.truth), plain(day.truth));
});

test('each call of a session carries the history of the one before', () => {
  const last = new Map<string, { messages: object[]; reply: object | undefined }>();
  let grown = 0;
  // In a stolen session two speak, and in the dark nothing is seen.
  const skipped = new Set(
    day.truth.campaigns
      .filter((c) => c.type === 'session-theft' || c.type === 'blind-spot')
      .flatMap((c) => c.entities.session ?? []),
  );
  for (const { record } of day.records) {
    const session = record.session_id as string | undefined;
    if (!session || skipped.has(session)) continue;
    const messages = record.messages as object[];
    const before = last.get(session);
    if (before) {
      assert.deepEqual(messages.slice(0, before.messages.length), before.messages);
      if (before.reply) assert.deepEqual(messages[before.messages.length], before.reply);
      grown++;
    }
    const response = record.response as { choices?: { message: object }[] };
    last.set(session, { messages, reply: response.choices?.[0]?.message });
  }
  assert.ok(grown > 300);
});

test('no template leaves a brace or an unknown slot in the text', () => {
  for (const { record } of day.records) {
    for (const message of (record.messages ?? []) as { role: string; content: string | null }[]) {
      assert.doesNotMatch(message.content ?? '', /undefined|\[object|NaN/);
      if (message.role === 'user' && !message.content?.includes('\n'))
        assert.doesNotMatch(message.content ?? '', /[{}]/);
    }
  }
});

test('texts, tools and callers are varied, nights and weekends quieter', () => {
  const asked = new Set<string>();
  const tools = new Set<string>();
  const callers = new Set<string>();
  let questions = 0;
  const perDay = new Map<number, number>();
  let night = 0;
  for (const { record, time } of week.records.filter((r) => isCall(r.record))) {
    const messages = record.messages as { role: string; content: string }[];
    if (messages.filter((m) => m.role === 'user').length === 1 && messages.at(-1)?.role === 'user') {
      questions++;
      asked.add(messages.at(-1)?.content as string);
    }
    for (const c of (record.response as { choices?: { message: { tool_calls?: { function: { name: string } }[] } }[] })
      .choices ?? []) {
      for (const call of c.message.tool_calls ?? []) tools.add(call.function.name);
    }
    callers.add((record.metadata as { user_api_key_user_id: string }).user_api_key_user_id);
    const date = Math.floor((time - MONDAY) / 86_400_000);
    perDay.set(date, (perDay.get(date) ?? 0) + 1);
    const hour = new Date(time).getUTCHours();
    if (hour >= 22 || hour < 1) night++;
  }
  assert.ok(asked.size > 0.75 * questions, `${asked.size} of ${questions}`);
  assert.ok(tools.size >= 40, `${tools.size} tools`);
  assert.ok(callers.size >= 24);
  assert.ok((perDay.get(5) as number) < 0.6 * (perDay.get(1) as number), 'Saturday is quieter than Tuesday');
  assert.ok(night < 0.06 * week.records.length);
});

test('a stolen key is found in a tool result before it calls', () => {
  const seen = new Map<string, number>();
  let used = 0;
  for (let seed = 0; seed < 6 && used === 0; seed++) {
    for (const { record, time } of run({ ...SMALL, seed, scale: 0.01 }).records) {
      if (!isCall(record)) continue;
      for (const key of JSON.stringify(record.messages).match(/sk-[0-9A-Za-z]{22}/g) ?? []) {
        const hash = createHash('sha256').update(key).digest('hex');
        if (!seen.has(hash)) seen.set(hash, time);
      }
      const found = seen.get((record.metadata as { user_api_key_hash: string }).user_api_key_hash);
      if (found !== undefined && time > found) used++;
    }
  }
  assert.ok(used > 0);
});

test('wrong options are refused', () => {
  assert.throws(() => simulate({ ...SMALL, days: 0 }).next(), RangeError);
  assert.throws(() => simulate({ ...SMALL, people: 1.5 }).next(), RangeError);
});

test('the simulator has no clock and no chance of its own, and shares nothing with what it tests', () => {
  const root = join(import.meta.dirname, '../../src/simulate');
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const text = readFileSync(join(root, name), 'utf8');
    assert.doesNotMatch(text, /Math\.random|Date\.now|new Date\(\)|randomUUID|randomBytes/, name);
    assert.doesNotMatch(text, /from '[^']*\/(scan|detect|detectors|correlate|format|eval)\//, name);
  }
});
