/** The list of detectors is what the code says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { README, wanted } from '../support/readme.ts';

it('lists every detector (npm run docs writes it)', async () => {
  assert.equal(readFileSync(README, 'utf8'), await wanted());
});
