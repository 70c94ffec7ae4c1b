/** A checkpoint holds a list of offered tools once, however many observations carry it, and gives it back. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Engine } from '../../src/engine.ts';
import { detector, observation, START } from './observations.ts';

const tools = Array.from({ length: 40 }, (_, i) => ({
  name: `tool-${i}`,
  fingerprint: String(i).padStart(16, '0'),
  parameters: 'p'.repeat(16),
  facts: [],
}));
const one = (n: number, offered = tools) =>
  observation(`e${n}`, START + n * 1_000, { session: 's', toolDefinitions: 'x', offered });
const seen: number[] = [];
const installed = [
  {
    detector: detector('sees-tools', ({ offered }) => {
      seen.push(offered?.length ?? 0);
      return [];
    }),
    params: {},
  },
];

it('writes a list once and shares it again after a restart', () => {
  const engine = new Engine(installed, 120_000);
  engine.push(
    'p',
    Array.from({ length: 50 }, (_, n) => one(n)),
    true,
  );
  const bytes = engine.snapshot();
  const text = gunzipSync(bytes).toString('utf8');
  assert.equal(text.split('"tool-7"').length - 1, 1);
  const again = new Engine(installed, 120_000);
  seen.length = 0;
  again.restore(bytes);
  assert.equal(seen.length, 50);
  assert.ok(seen.every((length) => length === 40));
  again.push('p', [one(60, [])], true);
  const second = gunzipSync(again.snapshot()).toString('utf8');
  assert.equal(second.split('"tool-7"').length - 1, 1);
});
