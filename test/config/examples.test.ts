/** The configurations that we ship are sound: every setting in them exists. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { clientRule } from '../../src/enrich/proxies.ts';
import { tempFolder } from '../support/nightjar.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLES = join(ROOT, 'deploy/examples');

for (const name of readdirSync(EXAMPLES).filter((file) => file.endsWith('.yaml')))
  it(`deploy/examples/${name}`, () => {
    const config = loadConfig(join(EXAMPLES, name));
    clientRule(config.trustedProxies);
    assert.equal(config.respond.mode, 'observe');
  });

it('the configuration in the README', (t) => {
  const block = /```yaml\n(# nightjar\.yaml\n[\s\S]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))?.[1];
  assert.ok(block);
  const file = join(tempFolder(t), 'nightjar.yaml');
  writeFileSync(file, block);
  const { kafka } = loadConfig(file).source;
  assert.equal(kafka?.topics.length, 2);
  assert.equal(kafka?.from, 'latest');
});
