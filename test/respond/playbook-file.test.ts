/** Reading playbooks: every fault with file, line and field; the shipped examples are sound. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ACTION_FACTS } from '../../src/respond/actions/index.ts';
import { matchPlaybooks, responseJobs } from '../../src/respond/playbook.ts';
import { loadPlaybooks, readPlaybooks } from '../../src/respond/playbook-file.ts';
import { makeAlert, tempFolder } from './helpers.ts';

const GOOD = `id: good
description: Block the key
when:
  detector: [leaked-credential]
  severity: high
steps:
  - action: litellm-block-key
    target: credential
limits:
  perHour: 3
`;

test('the shipped examples load, and call for the alerts that they are named after', async () => {
  const folder = fileURLToPath(new URL('../../deploy/playbooks', import.meta.url));
  const playbooks = await loadPlaybooks(folder, ACTION_FACTS);
  assert.deepEqual(
    playbooks.map(({ id }) => id),
    ['contain-toxic-flow', 'notify-lateral-movement', 'revoke-leaked-credential'],
  );
  const called = (alert: Parameters<typeof makeAlert>[0]) =>
    matchPlaybooks(playbooks, makeAlert(alert)).map((p) => p.id);
  assert.deepEqual(called({ detector: 'toxic-flow', class: 'behaviour' }), ['contain-toxic-flow']);
  assert.deepEqual(called({ detector: 'leaked-credential' }), ['revoke-leaked-credential']);
  assert.deepEqual(called({ detector: 'lateral-movement', severity: 'medium' }), ['notify-lateral-movement']);
  assert.deepEqual(called({ detector: 'lateral-movement', severity: 'low' }), []);
  assert.equal(responseJobs(playbooks, makeAlert({ detector: 'lateral-movement' })).length, 1);
});

test('every fault of every file is reported with its line and field', async (t) => {
  const folder = await tempFolder(t);
  const put = (name: string, text: string) => writeFile(join(folder, name), text);
  await put('a-good.yaml', GOOD);
  await put(
    'b-faults.yaml',
    `id: Not Kebab
description: ""
when:
  detector: []
  severity: severe
  confidence: 2
  tenant: default
steps:
  - action: litellm-block-key
    target: credential
    force: true
limit:
  perHour: 3
`,
  );
  await put('c-twin.yaml', GOOD);
  await put(
    'd-actions.yaml',
    GOOD.replace('id: good', 'id: wrong').replace('target: credential', 'target: session').concat(`# end\n`),
  );
  await put('e-unknown.yaml', GOOD.replace('id: good', 'id: unknown').replace('litellm-block-key', 'self-destruct'));
  await put('f-yaml.yml', 'id: broken\ndescription: "open\n');
  await put('g-empty.yaml', '');
  await put('h-double.yaml', `id: twice\nid: again\n`);
  await put('notes.txt', 'not a playbook');
  await mkdir(join(folder, 'sub.yaml'));

  const { playbooks, faults } = await readPlaybooks(folder, ACTION_FACTS);
  const short = faults.map((fault) => fault.replace(`${folder}/`, ''));
  assert.deepEqual(
    playbooks.map(({ id }) => id),
    ['good'],
  );
  const expected = [
    /^b-faults\.yaml:1: id: must be kebab-case/,
    /^b-faults\.yaml:2: description: /,
    /^b-faults\.yaml:4: when\.detector: /,
    /^b-faults\.yaml:5: when\.severity: /,
    /^b-faults\.yaml:6: when\.confidence: /,
    /^b-faults\.yaml:7: when\.tenant: unknown key/,
    /^b-faults\.yaml:11: steps\[0\]\.force: unknown key/,
    /^b-faults\.yaml:12: limit: unknown key/,
    /^c-twin\.yaml:1: id: "good" is taken already by .*a-good\.yaml:1/,
    /^d-actions\.yaml:8: steps\[0\]\.target: litellm-block-key cannot be aimed at session/,
    /^e-unknown\.yaml:7: steps\[0\]\.action: unknown action "self-destruct"; known: .*litellm-block-key/,
    /^f-yaml\.yml:[23]: not valid YAML/,
    /^g-empty\.yaml:1: playbook: /,
    /^h-double\.yaml:2: not valid YAML: Map keys must be unique/,
  ];
  for (const pattern of expected)
    assert.ok(
      short.some((line) => pattern.test(line)),
      `${pattern}\n${short.join('\n')}`,
    );
  assert.equal(short.length, expected.length, short.join('\n'));
  assert.ok(faults.every((fault) => !fault.includes('\n')));
});

test('loading throws NJ_PLAYBOOK with all faults; a missing field points at the map that lacks it', async (t) => {
  const folder = await tempFolder(t);
  await writeFile(join(folder, 'a.yaml'), GOOD.replace('    target: credential\n', ''));
  await assert.rejects(loadPlaybooks(folder, ACTION_FACTS), {
    code: 'NJ_PLAYBOOK',
    exitCode: 2,
    message: /a\.yaml:7: steps\[0\]\.target: /,
  });
  await assert.rejects(loadPlaybooks(join(folder, 'missing'), ACTION_FACTS), {
    code: 'NJ_PLAYBOOK',
    message: /cannot be read/,
  });
});

test('a bomb of aliases is a fault, not a hang', async (t) => {
  const folder = await tempFolder(t);
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i++)
    lines.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  await writeFile(join(folder, 'bomb.yaml'), lines.join('\n'));
  const { faults } = await readPlaybooks(folder, ACTION_FACTS);
  assert.match(faults.join('\n'), /bomb\.yaml:1: not valid YAML: Excessive alias count/);
});
