/** Single texts: who says them, rows, worst examples. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playTexts, scoreTexts, type Text, textRecord } from '../../src/eval/texts.ts';
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

test('each text is one call of its own caller, in an order that the seed decides', async () => {
  const texts = Array.from({ length: 12 }, (_, i) => text(`t${i}`));
  const played = async (seed: string) => await collect(playTexts(texts, { seed }));
  const ids = (records: Record<string, unknown>[]) => records.map((record) => record.id);
  const first = await played('1');
  assert.deepEqual(ids(first), ids(await played('1')));
  assert.notDeepEqual(ids(first), ids(await played('2')));
  assert.deepEqual(ids(first).sort(), texts.map(({ id }) => id).sort());
  const users = first.map(({ metadata }) => (metadata as { user_api_key_user_id: string }).user_api_key_user_id);
  assert.equal(new Set(users).size, texts.length);
});
