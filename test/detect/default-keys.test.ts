import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { it } from 'node:test';
import keys from '../../detectors/exposed-endpoint/default-keys.json' with { type: 'json' };

it('each default key stands with its own hash, and in one list', () => {
  const all = [...Object.entries(keys.guessable), ...Object.entries(keys.placeholder)];
  for (const [key, hash] of all) assert.equal(createHash('sha256').update(key).digest('hex'), hash, key);
  assert.equal(new Set(all.map(([, hash]) => hash)).size, all.length);
});
