/** What a person meets who starts Nightjar without a server, a file or a right, or with a typo: one line that says what to do, and the exit code. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { accountOf, hijackedCall } from '../support/hijacked-call.ts';
import { run, start, tempFolder } from '../support/nightjar.ts';

/** Something on a port of its own that is not what we look for. */
async function occupiedPort(t: { after(fn: () => void): void }): Promise<number> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return (server.address() as { port: number }).port;
}

/** A port on which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function config(folder: string, value: unknown): string {
  const file = join(folder, 'nightjar.json');
  writeFileSync(file, JSON.stringify(value));
  return file;
}

describe('wrong usage and wrong configuration: exit code 2, one line', { concurrency: 2 }, () => {
  const cases: [string, (folder: string) => string[], RegExp][] = [
    ['an unknown command', () => ['relay'], /unknown command 'relay'/],
    ['a missing argument', () => ['replay'], /missing required argument/],
    ['a missing input file', (folder) => ['replay', join(folder, 'nothing.jsonl')], /nothing\.jsonl/],
    [
      'a missing configuration',
      (folder) => ['run', '--config', join(folder, 'no.yaml')],
      /cannot read the configuration .*no\.yaml/,
    ],
    [
      'an unknown setting',
      (folder) => ['run', '--config', config(folder, { respond: { mod: 'enforce' } })],
      /respond\.mod: is no known setting/,
    ],
    ['a wrong value', (folder) => ['check', config(folder, { respond: { mode: 'on' } })], /respond\.mode: /],
    [
      'an unknown detector',
      (folder) => ['check', config(folder, { detect: { detectors: { nosuch: {} } } })],
      /detect\.detectors\.nosuch/,
    ],
    [
      'a param that the detector refuses',
      (folder) => ['check', config(folder, { detect: { detectors: { 'toxic-flow': { params: { threshold: 7 } } } } })],
      /detect\.detectors\.toxic-flow\.params\.threshold/,
    ],
    [
      'a missing secret file',
      (folder) => [
        'run',
        '--config',
        config(folder, { data: 'd', metrics: { port: 0 }, notify: { slack: { channel: 'c', tokenFile: 'none' } } }),
      ],
      /notify\.slack\.tokenFile: cannot read .*none/,
    ],
    [
      'a playbook with an unknown action',
      (folder) => {
        mkdirSync(join(folder, 'playbooks'));
        writeFileSync(
          join(folder, 'playbooks/p.yaml'),
          'id: p\ndescription: d\nwhen:\n  detector: [canary]\n  severity: high\nsteps:\n  - action: explode\n    target: session\n',
        );
        return ['check', config(folder, { respond: { playbooks: 'playbooks' } })];
      },
      /p\.yaml:\d+.*explode/,
    ],
  ];
  for (const [name, args, expected] of cases) {
    it(name, async (t) => {
      const { code, stdout, stderr } = await run(args(tempFolder(t)));
      assert.equal(code, 2, stderr);
      assert.match(stderr, expected);
      assert.equal(stdout, '');
      assert.doesNotMatch(stderr, /^\s+at /m, 'no stack trace');
    });
  }

  it('points at the line of a YAML file', async (t) => {
    const file = join(tempFolder(t), 'n.yaml');
    writeFileSync(file, 'tenant: a\nrespond:\n  mode: observe\n  limit: 3\n');
    const { code, stderr } = await run(['check', file]);
    assert.equal(code, 2);
    assert.match(stderr, /n\.yaml:4: respond\.limit: is no known setting/);
  });
});

describe('servers and ports: exit code 1, one line', { concurrency: 2 }, () => {
  it('a Redis that is not there', async (t) => {
    const folder = tempFolder(t);
    const url = `redis://127.0.0.1:${await freePort()}`;
    const { code, stderr } = await run([
      'run',
      '--config',
      config(folder, { data: 'd', queue: { redis: { url } }, metrics: { port: 0 } }),
    ]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /nightjar: .*redis at 127\.0\.0\.1/);
  });

  it('an Elasticsearch that is not there', async (t) => {
    const folder = tempFolder(t);
    const node = `http://127.0.0.1:${await freePort()}`;
    const { code, stderr } = await run([
      'run',
      '--config',
      config(folder, { data: 'd', store: { elasticsearch: { node } }, metrics: { port: 0 } }),
    ]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /nightjar: .*127\.0\.0\.1/);
  });

  for (const [name, setting] of [
    ['the intake', (port: number) => ({ source: { http: { port } }, metrics: { port: 0 } })],
    ['metrics', (port: number) => ({ source: { http: { port: 0 } }, metrics: { port } })],
  ] as const) {
    it(`a port in use, for ${name}`, async (t) => {
      const port = await occupiedPort(t);
      const { code, stderr } = await run(['run', '--config', config(tempFolder(t), { data: 'd', ...setting(port) })]);
      assert.equal(code, 1, stderr);
      assert.match(stderr, new RegExp(`nightjar: .*${port}.*in use`));
    });
  }
});

describe('one owner of the embedded folder', () => {
  it('a second service on the same folder says so and ends; the first goes on', async (t) => {
    const folder = tempFolder(t);
    const file = config(folder, { data: 'd', source: { http: { port: 0 } }, metrics: { port: 0 } });
    const first = start(['run', '--config', file]);
    t.after(() => first.kill());
    await first.line(/nightjar runs/);
    const second = await run(['run', '--config', file]);
    assert.equal(second.code, 1);
    assert.match(second.stderr, new RegExp(`nightjar: .*${first.process.pid}`));
    const demo = await run(['demo', '--data', join(folder, 'd')]);
    assert.equal(demo.code, 1);
    assert.match(demo.stderr, new RegExp(`nightjar: .*${first.process.pid}`));
    assert.equal((await first.stop()).code, 0);
  });
});

describe('replay', () => {
  it('reads gzip and standard input alike, prints alerts as NDJSON and a summary, and says what it could not read', async (t) => {
    const folder = tempFolder(t);
    const file = join(folder, 'log.jsonl.gz');
    writeFileSync(file, gzipSync(`not json\n${hijackedCall(1, true)}\n`));
    const { code, stdout, stderr } = await run(['replay', file]);
    assert.equal(code, 0, stderr);
    const alerts = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(alerts.map(({ detector, severity }) => [detector, severity]).sort(), [
      ['exfiltration-prompt', 'low'],
      ['toxic-flow', 'critical'],
    ]);
    const flow = alerts.find(({ detector }) => detector === 'toxic-flow');
    assert.equal(flow.final, true);
    assert.deepEqual(flow.event_ids, ['call-1']);
    assert.equal(flow.entities.resource, `account:${accountOf(1).toLowerCase()}`);
    assert.doesNotMatch(stdout, /before you can answer/, 'no text of the conversation');
    assert.match(stderr, /2 records, 1 calls, 2 alerts.*1 records could not be evaluated/);
  });
});
