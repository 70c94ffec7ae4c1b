/** The generated parts of README.md are what the code says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { wanted } from './support/readme.ts';

it('lists every detector (npm run docs writes it)', async () => {
  assert.equal(readFileSync(join(import.meta.dirname, '../README.md'), 'utf8'), await wanted());
});
