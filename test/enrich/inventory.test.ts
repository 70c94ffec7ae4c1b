import assert from 'node:assert/strict';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadInventory, watchInventory } from '../../src/enrich/inventory.ts';
import { NightjarError } from '../../src/errors.ts';
import type { Event } from '../../src/model/event.ts';
import type { Log } from '../../src/observe/log.ts';
import { PUBLIC_TEST_KEY } from '../../src/scan/fingerprint.ts';
import { createScanner } from '../../src/scan/scan.ts';
import { eventually, tempFolder } from '../support/nightjar.ts';

const HASH = `sha256:${'ab'.repeat(32)}`;

const event: Event = {
  id: 'e1',
  time: 1_788_775_200_000,
  operation: 'chat',
  format: 'test',
  tenant: 'default',
  principal: 'ada',
  credential: HASH,
  clientAddress: '198.51.100.7:5000',
  team: 'from-log',
  scopes: ['from-log'],
  status: 'ok',
  input: [{ role: 'user', text: 'export the list' }],
  output: [
    {
      role: 'assistant',
      text: '',
      toolCalls: [
        { id: 'c1', name: 'read_report', server: 'crm', arguments: '{}' },
        { id: 'c2', name: 'read_report', arguments: '{}' },
      ],
    },
    { role: 'tool', text: 'rows', toolCallId: 'c1' },
  ],
  tools: [],
};

function files(t: { after(fn: () => void): void }, texts: Record<string, string>) {
  const folder = tempFolder(t);
  const config: Record<string, string> = {};
  for (const [part, text] of Object.entries(texts)) {
    config[`${part}File`] = join(folder, `${part}.yaml`);
    writeFileSync(join(folder, `${part}.yaml`), text);
  }
  return { folder, config };
}

/** The message of the NJ_CONFIG error that this throws. */
function fault(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof NightjarError && error.code === 'NJ_CONFIG', String(error));
    return error.message;
  }
  return assert.fail('no fault');
}

describe('facts of an inventory', () => {
  it('reach the Observation and go before the log', (t) => {
    const { config } = files(t, {
      credentials: `- {id: ${HASH.toUpperCase().replace('SHA256', 'sha256')}, owner: billing, created: 2026-01-02, expires: never, scopes: [chat]}`,
      tools: '- {tool: read_*, server: crm, labels: [source, sink]}',
      networks: '- {cidr: 198.51.100.0/24, name: head-office, kind: office}',
      principals: '- {id: ada, team: support, kind: person}',
    });
    const inventory = loadInventory(config);
    const before = structuredClone(event);
    const known = inventory.enrich(event);
    assert.deepEqual(event, before, 'the Event given is not changed');
    const scanner = createScanner(PUBLIC_TEST_KEY, {
      knownLabels: (tool, server) => inventory.toolLabels(tool, server),
    });
    const seen = scanner.scan(known);
    assert.equal(seen.credentialOwner, 'billing');
    assert.equal(seen.credentialCreated, Date.UTC(2026, 0, 2));
    assert.equal(seen.credentialExpires, null);
    assert.deepEqual(seen.scopes, ['chat']);
    assert.equal(seen.team, 'support');
    assert.equal(seen.principalKind, 'person');
    assert.equal(seen.network, 'head-office');
    assert.equal(seen.networkKind, 'office');
    assert.deepEqual(seen.calls[0]?.labels, { source: 1, sink: 1 });
    assert.deepEqual(seen.calls[1]?.labels, { read: 0.8 }, 'of another server: inferred from its name');
    assert.deepEqual(seen.results[0]?.labels, { source: 1, sink: 1 }, 'the result of the call has its server');
    assert.deepEqual(inventory.sizes(), { credentials: 1, tools: 1, networks: 1, principals: 1 });
  });

  it('are none without files', () => {
    const inventory = loadInventory({});
    assert.equal(inventory.enrich(event), event);
    assert.equal(inventory.toolLabels('read_report', 'crm'), undefined);
    assert.equal(createScanner(PUBLIC_TEST_KEY).scan(event).network, '198.51.100.0/24');
  });

  it('are none in an empty file, and JSON is read too', (t) => {
    const { config } = files(t, { credentials: '', principals: '[{"id":"ada","team":"ops"}]' });
    assert.equal(loadInventory(config).enrich(event).team, 'ops');
  });

  it('leave what a file does not say as the log has it', (t) => {
    const { config } = files(t, { credentials: `- id: ${HASH}`, principals: '- id: ada' });
    assert.deepEqual(loadInventory(config).enrich(event), event);
  });

  it('are not found under names that every object has', (t) => {
    const { config } = files(t, { principals: '- {id: ada, team: ops}', credentials: `- {id: ${HASH}, owner: x}` });
    const inventory = loadInventory(config);
    for (const name of ['__proto__', 'constructor', 'toString'])
      assert.equal(
        inventory.enrich({ ...event, principal: name, credential: name, clientAddress: name }).team,
        'from-log',
      );
  });
});

describe('faults of an inventory', () => {
  const cases: [string, string, string, RegExp][] = [
    ['a key itself', 'credentials', '- owner: x\n  id: sk-abc', /credentials\.yaml:2: \[0\]\.id: is a key itself/],
    ['half a hash', 'credentials', '- id: sha256:abc', /:1: \[0\]\.id: sha256: needs 64 hex digits/],
    ['no date', 'credentials', '- id: a\n- id: b\n  created: yesterday', /:3: \[1\]\.created: is no date/],
    ['a day that is not', 'credentials', '- {id: a, expires: 2026-02-30}', /\[0\]\.expires: is neither/],
    ['an unknown setting', 'principals', '- id: a\n  teem: b', /:2: \[0\]\.teem: is no known setting/],
    ['an unknown kind', 'principals', '- {id: a, kind: human}', /\[0\]\.kind: /],
    ['the same twice', 'principals', '- id: a\n- id: b\n- id: a', /:3: \[2\]\.id: a has an entry already/],
    ['an unknown label', 'tools', '- tool: a\n  labels:\n    - read\n    - leak', /:4: \[0\]\.labels\[1\]: /],
    ['no label', 'tools', '- {tool: a, labels: []}', /\[0\]\.labels: /],
    ['no range', 'networks', '- {cidr: office, name: a}', /\[0\]\.cidr: is no address range/],
    ['bits behind the prefix', 'networks', '- {cidr: 10.0.0.1/8, name: a}', /\[0\]\.cidr: has bits set/],
    [
      'one range in two forms',
      'networks',
      '- {cidr: 10.0.0.1, name: a}\n- {cidr: 10.0.0.1/32, name: b}',
      /:2: .*already/,
    ],
    ['a map for a list', 'networks', 'cidr: 10.0.0.0/8', /networks\.yaml:1: .*expected array/],
    ['broken YAML', 'tools', '- tool: "a\n- b: [', /tools\.yaml:\d+: /],
    ['aliases that explode', 'tools', bomb(), /tools\.yaml:1: /],
    ['bytes without meaning', 'tools', '\u0000\u0001\u0002', /tools\.yaml:1: /],
  ];
  for (const [what, part, text, expected] of cases)
    it(`${what} is named with file, line and field`, (t) => {
      const { config } = files(t, { [part]: text });
      assert.match(
        fault(() => loadInventory(config)),
        expected,
      );
    });

  it('are all told at once, over all files', (t) => {
    const { config } = files(t, { credentials: '- id: sk-1\n- id: sk-2', networks: '- {cidr: x, name: ""}' });
    assert.equal(fault(() => loadInventory(config)).split('\n').length, 4);
  });

  it('name a file that is not there', () => {
    assert.match(
      fault(() => loadInventory({ toolsFile: '/nowhere/tools.yaml' })),
      /inventory of tools \/nowhere.*ENOENT/,
    );
  });

  it('refuse a file of any size before it is read', (t) => {
    const { config } = files(t, { tools: ' '.repeat(9 * 1024 * 1024) });
    assert.match(
      fault(() => loadInventory(config)),
      /the limit is/,
    );
  });
});

describe('a changed inventory', () => {
  const FAST = 20;

  /** Collects what is logged: level, fields, message. */
  function collect(): { log: Log; lines: { level: string; fields: Record<string, unknown>; message: string }[] } {
    const lines: { level: string; fields: Record<string, unknown>; message: string }[] = [];
    const at = (level: string) => (fields: Record<string, unknown>, message: string) =>
      lines.push({ level, fields, message });
    return { log: { info: at('info'), error: at('error') } as unknown as Log, lines };
  }

  it('is taken over, told in one line, refused when broken, and taken again when mended', async (t) => {
    const { folder, config } = files(t, { principals: '- {id: ada, team: one}\n- {id: bob, team: one}' });
    const { log, lines } = collect();
    const inventory = watchInventory(config, log, FAST);
    t.after(() => inventory.close());
    const file = join(folder, 'principals.yaml');
    const team = (name: string) => async () => assert.equal(inventory.enrich(event).team, name);
    await team('one')();

    writeFileSync(file, '- {id: ada, team: second}\n- {id: eve, team: one}');
    await eventually(team('second'), 5_000, FAST);
    assert.equal(lines.length, 1);
    assert.deepEqual(lines[0]?.fields, {
      file,
      entries: 2,
      added: { count: 1, first: ['eve'] },
      removed: { count: 1, first: ['bob'] },
      changed: { count: 1, first: ['ada'] },
    });

    writeFileSync(file, '- {id: ada, teem: third}');
    await eventually(async () => assert.equal(lines.length, 2), 5_000, FAST);
    assert.equal(lines[1]?.level, 'error');
    assert.match(lines[1]?.message ?? '', /refused.*principals\.yaml:1: \[0\]\.teem/);
    await team('second')();

    // As editors and deployments do it: another file takes the name.
    writeFileSync(`${file}.new`, '- {id: ada, team: fourth}');
    renameSync(`${file}.new`, file);
    await eventually(team('fourth'), 5_000, FAST);

    rmSync(file);
    await eventually(async () => assert.equal(lines.length, 4), 5_000, FAST);
    assert.match(lines[3]?.message ?? '', /refused.*ENOENT/);
    await team('fourth')();
    await new Promise((resolve) => setTimeout(resolve, 5 * FAST));
    assert.equal(lines.length, 4, 'each version is told once');
  });

  it('is not read while it is still being written', async (t) => {
    const { folder, config } = files(t, { principals: '- {id: ada, team: one}' });
    const { log, lines } = collect();
    const inventory = watchInventory(config, log, 60);
    t.after(() => inventory.close());
    const file = join(folder, 'principals.yaml');
    for (let i = 0; i < 20; i++) {
      writeFileSync(file, `- {id: ada, team: part-${i}`);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    writeFileSync(file, '- {id: ada, team: whole}');
    await eventually(async () => assert.equal(inventory.enrich(event).team, 'whole'), 5_000, 20);
    assert.deepEqual(
      lines.map(({ level }) => level),
      ['info'],
    );
  });
});

function bomb(): string {
  const levels = Array.from({ length: 12 }, (_, i) => `- &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`);
  return `- &a0 x\n${levels.join('\n')}\n`;
}
