/** The memory of evaluated ids: exact over restarts, bounded, small in a checkpoint. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Seen } from '../../src/stream/seen.ts';

it('tells an id that came before, also after a restart', () => {
  const seen = new Seen();
  for (let i = 0; i < 60_000; i++) assert.ok(seen.add(`call-${i}\0${i}`), `${i} is new`);
  const again = new Seen();
  again.restore(JSON.parse(JSON.stringify(seen.snapshot())));
  for (const one of [seen, again]) {
    for (let i = 0; i < 60_000; i += 7) assert.ok(!one.add(`call-${i}\0${i}`), `${i} is known`);
    assert.ok(one.add('call-1\u00002'), 'the same id at another time is another record');
  }
  assert.deepEqual(again.snapshot(), seen.snapshot());
});

it('forgets the oldest, and takes at most eight bytes of each in a checkpoint', () => {
  const seen = new Seen();
  for (let i = 0; i < 149_999; i++) seen.add(`${i}`);
  assert.ok(seen.add('0'));
  assert.ok(!seen.add('149998'));
  const bytes = seen.snapshot().reduce((sum, text) => sum + Buffer.from(text, 'base64').length, 0);
  assert.ok(bytes <= 8 * 100_000, `${bytes} bytes`);
});
