/** Traces as call records: form, times, order, phases, samples. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { loadTraces, readTraces, type Trace, type TraceRecord, traceRecords } from '../../src/eval/traces.ts';
import { decode } from '../../src/format/decode.ts';
import { collect, trace } from './helpers.ts';

const SHARED = join(import.meta.dirname, '../../../shared/data/traces');

async function folder(t: { after(fn: () => unknown): void }, files: Record<string, Trace[]>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'nightjar-traces-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  for (const [name, traces] of Object.entries(files)) {
    const text = traces.map((entry) => JSON.stringify(entry)).join('\n');
    await writeFile(join(path, name), name.endsWith('.gz') ? gzipSync(text) : text);
  }
  return path;
}

test('each assistant message is one call with the history so far', () => {
  const source = trace('t1', {}, 3);
  const records = traceRecords(source, Date.UTC(2026, 0, 5));
  assert.deepEqual(
    records.map((r) => r.id),
    ['t1#1', 't1#2', 't1#3'],
  );
  assert.deepEqual(
    records.map((r) => (r.record.messages as unknown[]).length),
    [1, 3, 5],
  );
  const event = decode(Buffer.from(JSON.stringify(records[1]?.record)), { format: 'auto', tenant: 'default' })
    .events[0];
  assert.equal(event?.id, 't1#2');
  assert.equal(event?.session, 't1');
  assert.match(event?.principal ?? '', /^user-[0-3]\d$/);
  assert.equal(event?.time, records[1]?.time);
  assert.deepEqual(
    event?.tools.map((x) => x.name),
    ['look_up'],
  );
  assert.equal(event?.output[0]?.toolCalls?.[0]?.arguments, '{"n":2}');
  const gaps = records.slice(1).map((r, i) => r.time - (records[i]?.time as number));
  for (const gap of gaps) assert.ok(gap >= 2000 && gap <= 8000);
});

test('the user belongs to the split key, the key to the user', () => {
  const who = (id: string, key: string): unknown[] => {
    const [first] = traceRecords(trace(id, { split_key: key }), 0) as [TraceRecord];
    const metadata = first.record.metadata as Record<string, unknown>;
    return [metadata.user_api_key_user_id, metadata.user_api_key_hash];
  };
  assert.deepEqual(who('a', 'k1'), who('b', 'k1'));
  assert.ok(new Set(Array.from({ length: 400 }, (_, i) => who('a', `k${i}`)[0])).size === 40);
});

test('times that the data gives are kept as distances', () => {
  const timestamps = ['2026-05-01T10:00:00Z', '2026-05-01T10:00:30Z', '2026-05-01T10:01:00Z', '2026-05-01T10:05:00Z'];
  const [one, two] = traceRecords(trace('t', { meta: { timestamps } }, 2), 5000);
  assert.equal(one?.time, 35_000);
  assert.equal(two?.time, 305_000);
});

test('the traces of one run keep the distance between them', async (t) => {
  const at = (minute: number): string[] =>
    [0, 1, 2, 3].map((s) => `2026-05-01T10:${String(minute).padStart(2, '0')}:0${s}Z`);
  const path = await folder(t, {
    'a.jsonl': [0, 20].map((m) => trace(`run-${m}`, { label: 'attack', meta: { run: 'r', timestamps: at(m) } }, 2)),
  });
  const { traces } = await loadTraces(path);
  const times = new Map(traces.map((x) => [x.id, x.times[0] as number]));
  assert.equal((times.get('run-20') as number) - (times.get('run-0') as number), 20 * 60_000);
});

test('records are played in order of time, half of the benign traces first', async (t) => {
  const benign = Array.from({ length: 20 }, (_, i) => trace(`b${i}`, {}, 6));
  const attacks = Array.from({ length: 10 }, (_, i) =>
    trace(`x${i}`, { label: 'attack', attack: 'direct', source: 'other' }, 3),
  );
  const path = await folder(t, { 'a.jsonl.gz': benign, 'b.jsonl': attacks });
  const set = await loadTraces(path, { gapSeconds: 5 });
  assert.equal(set.traces.filter((x) => x.phase === 'history').length, 10);
  assert.ok(set.traces.slice(0, 10).every((x) => x.phase === 'history' && x.label === 'benign'));
  const played = await collect(set.play());
  assert.equal(played.length, 20 * 6 + 10 * 3);
  const ends = played.map((r) => r.endTime as number);
  assert.deepEqual(
    ends,
    [...ends].sort((a, b) => a - b),
  );
  const sessions = played.map((r) => r.session_id);
  const switches = sessions.filter((s, i) => i > 0 && s !== sessions[i - 1]).length;
  assert.ok(switches > 60, 'sessions overlap');
  const again = await loadTraces(path, { gapSeconds: 5 });
  assert.deepEqual(await collect(again.play()), played);
  const other = await loadTraces(path, { gapSeconds: 5, seed: '2' });
  assert.notDeepEqual(
    other.traces.map((x) => x.id),
    set.traces.map((x) => x.id),
  );
});

test('a sample keeps the shares of source, label and outcome', async (t) => {
  const many = Array.from({ length: 60 }, (_, i) => trace(`b${i}`));
  const won = Array.from({ length: 30 }, (_, i) => trace(`w${i}`, { label: 'attack', attack_succeeded: true }));
  const lost = Array.from({ length: 10 }, (_, i) => trace(`l${i}`, { label: 'attack', attack_succeeded: false }));
  const path = await folder(t, { 'a.jsonl': [...many, ...won, ...lost] });
  const { traces } = await loadTraces(path, { sample: 20 });
  const of = (letter: string): number => traces.filter((x) => x.id.startsWith(letter)).length;
  assert.deepEqual([of('b'), of('w'), of('l')], [12, 6, 2]);
});

test('what cannot be read is one clear line', async (t) => {
  const path = await folder(t, {});
  await assert.rejects(loadTraces(path), /no \.jsonl or \.jsonl\.gz files/);
  await assert.rejects(loadTraces(join(path, 'absent')), /no such file or folder/);
  await writeFile(
    join(path, 'bad.jsonl'),
    '{"id":"a","source":"s","split_key":"k","label":"benign","messages":[]}\n{oops',
  );
  await assert.rejects(loadTraces(path), /bad\.jsonl line 2: not JSON/);
  await writeFile(join(path, 'bad.jsonl'), '{"id":"a"}\n');
  await assert.rejects(loadTraces(path), /bad\.jsonl line 1: no field "source"/);
  await writeFile(join(path, 'bad.jsonl'), '');
  await writeFile(join(path, 'cut.jsonl.gz'), gzipSync('x'.repeat(1000)).subarray(0, 20));
  await assert.rejects(loadTraces(path), /cannot read .*cut\.jsonl\.gz/);
});

test('recorded traces become events without errors', {
  skip: existsSync(SHARED) ? false : 'SKIPPED: no shared data',
}, async () => {
  for (const name of ['langgraph', 'pydantic_ai', 'swe_agent', 'tau_bench']) {
    let records = 0;
    for await (const entry of readTraces(join(SHARED, `${name}.jsonl.gz`))) {
      for (const { record } of traceRecords(entry, Date.UTC(2026, 0, 5))) {
        const decoded = decode(Buffer.from(JSON.stringify(record)), { format: 'auto', tenant: 'default' });
        assert.deepEqual(decoded.errors, []);
        assert.equal(decoded.events.length, 1);
        records++;
      }
    }
    assert.ok(records > 10);
  }
});
