/** Single texts: who says them, rows, worst examples. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { evaluateTexts, scoreTexts, type Text, textRecord } from '../../src/eval/texts.ts';
import { decode } from '../../src/format/decode.ts';
import { alert, collect } from './helpers.ts';

const text = (id: string, part: Partial<Text> = {}): Text => ({
  id,
  source: 's',
  label: 'attack',
  category: 'injection',
  text: `text of ${id}`,
  ...part,
});

const roles = (record: Record<string, unknown>): string[] => {
  const event = decode(Buffer.from(JSON.stringify(record)), { format: 'auto', tenant: 'default' }).events[0];
  return [...(event?.input ?? []), ...(event?.output ?? [])]
    .filter((m) => m.text.startsWith('text of'))
    .map((m) => m.role);
};

test('the text stands where it belongs', () => {
  assert.deepEqual(roles(textRecord(text('a'), 1e12)), ['user']);
  assert.deepEqual(roles(textRecord(text('a'), 1e12, 'tool')), ['tool']);
  for (const category of ['secret_leak', 'leaked_output', 'model_outputs']) {
    assert.deepEqual(roles(textRecord(text('a', { category }), 1e12)), ['assistant']);
    assert.deepEqual(roles(textRecord(text('a', { category }), 1e12, 'tool')), ['assistant']);
  }
});

test('rows by category and source, worst first', () => {
  const texts = [
    text('a1'),
    text('a2'),
    text('a3', { source: 'z' }),
    text('b1', { label: 'benign', category: 'documents' }),
    text('b2', { label: 'benign', category: 'documents', note: 'odd' }),
    text('b3', { label: 'benign', category: 'documents' }),
  ];
  const { rows, worst } = scoreTexts(texts, [
    alert({ event_ids: ['a1'] }),
    alert({ event_ids: ['a2'], severity: 'low' }),
    alert({ entities: { session: 'b1' }, confidence: 0.6 }),
    alert({ entities: { session: 'b2' }, confidence: 0.8 }),
  ]);
  assert.deepEqual(
    rows.map((r) => [r.group, r.n, r.flagged]),
    [
      ['attack injection', 3, 1],
      ['attack injection / s', 2, 1],
      ['attack injection / z', 1, 0],
      ['benign', 3, 2],
      ['benign documents', 3, 2],
      ['benign documents / s', 3, 2],
    ],
  );
  assert.deepEqual(
    worst.map((w) => `${w.kind} ${w.id}`),
    ['missed a2', 'missed a3', 'false-alarm b2', 'false-alarm b1'],
  );
  assert.equal(worst[2]?.note, 'odd');
});

test('the whole way: each text is one call, in an order that the seed decides', async (t) => {
  const path = await mkdtemp(join(tmpdir(), 'nightjar-texts-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  await writeFile(
    join(path, 's.jsonl'),
    Array.from({ length: 12 }, (_, i) => JSON.stringify(text(`t${i}`))).join('\n'),
  );
  const seen: unknown[][] = [];
  const pipeline = async (records: AsyncIterable<Uint8Array>) => {
    seen.push((await collect(records)).map((r) => r.id));
    return [alert({ event_ids: ['t3'] })];
  };
  const report = await evaluateTexts(path, pipeline);
  await evaluateTexts(path, pipeline);
  await evaluateTexts(path, pipeline, { seed: '2' });
  assert.deepEqual(seen[0], seen[1]);
  assert.notDeepEqual(seen[0], seen[2]);
  assert.deepEqual([...(seen[0] as string[])].sort(), [...(seen[2] as string[])].sort());
  assert.equal(report.rows[0]?.flagged, 1);
  assert.equal(report.false_per_day, null);
});
