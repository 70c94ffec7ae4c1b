/** Loading the configuration: defaults, paths, secrets, and every fault as one line with file, line and field. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fingerprintKey, intakeToken } from '../../src/config/keys.ts';
import { defaultConfig, loadConfig, readSecret } from '../../src/config/load.ts';
import { NightjarError } from '../../src/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightjar-config-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let number = 0;
function file(text: string): string {
  const path = join(folder, `config-${++number}.yaml`);
  writeFileSync(path, text);
  return path;
}

function fault(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof NightjarError, String(error));
    assert.deepEqual([error.code, error.exitCode], ['NJ_CONFIG', 2]);
    return error.message;
  }
  assert.fail('nothing was wrong');
}
const loading = (text: string) => fault(() => loadConfig(file(text)));

describe('configuration', () => {
  it('has a default for everything', () => {
    assert.deepEqual(loadConfig(file('')).detect, defaultConfig().detect);
    assert.deepEqual(loadConfig(file('# nothing\n')).respond.mode, 'observe');
    const config = defaultConfig();
    assert.deepEqual(
      [config.tenant, config.detect.allowedLatenessMs, config.metrics.host],
      ['default', 120_000, '127.0.0.1'],
    );
    assert.equal(config.source.kafka, undefined);
  });

  it('puts what is given over the defaults; JSON is YAML too', () => {
    const config = loadConfig(
      file('{"tenant": "acme", "detect": {"detectors": {"toxic-flow": {"params": {"threshold": 0.9}}}}}'),
    );
    assert.equal(config.tenant, 'acme');
    assert.deepEqual(config.detect.detectors['toxic-flow'], { enabled: true, params: { threshold: 0.9 } });
    assert.equal(config.detect.checkpointEveryMs, 5_000);
  });

  it('takes paths relative to the file', () => {
    const config = loadConfig(
      file(
        'data: state\nrespond:\n  playbooks: books\nnotify:\n  slack: {channel: C, tokenFile: slack.token}\nsecrets:\n  fingerprintKeyFile: /etc/key\n',
      ),
    );
    assert.equal(config.data, join(folder, 'state'));
    assert.equal(config.respond.playbooks, join(folder, 'books'));
    assert.equal(config.notify.slack?.tokenFile, join(folder, 'slack.token'));
    assert.equal(config.secrets.fingerprintKeyFile, '/etc/key');
  });

  it('names file, line and field of a fault', () => {
    assert.match(loading('tenant: a\nsorce: {}\n'), /config-\d+\.yaml:2: sorce: is no known setting$/);
    assert.match(loading('detect:\n  allowedLatenessMs: -1\n'), /:2: detect\.allowedLatenessMs: /);
    assert.match(
      loading('source:\n  kafka:\n    brokers: []\n    topics:\n      - topic: 5\n'),
      /:5: source\.kafka\.topics(?:\.0|\[0\])\.topic: /,
    );
    assert.match(
      loading('queue:\n  redis: {url: a}\n  postgres: {url: b}\n'),
      /queue: choose redis or postgres, not both/,
    );
  });

  it('names every fault, one a line', () => {
    assert.equal(loading('a: 1\nb: 2\nrespond: {mode: maybe}\n').split('\n').length, 3);
  });

  it('survives what is no configuration', () => {
    assert.match(loading('tenant: [unclosed\n'), /config-\d+\.yaml:\d+: /);
    assert.match(loading('- a list\n'), /config-\d+\.yaml/);
    assert.match(loading('tenant: *nobody\n'), /config-\d+\.yaml/);
    const bomb = Array.from({ length: 12 }, (_, n) => `a${n}: &a${n} [${n ? Array(9).fill(`*a${n - 1}`) : 'x'}]`).join(
      '\n',
    );
    assert.match(loading(bomb), /config-\d+\.yaml/);
    assert.match(
      fault(() => loadConfig(join(folder, 'none.yaml'))),
      /none\.yaml: ENOENT/,
    );
    assert.match(
      fault(() => loadConfig(folder)),
      /EISDIR|is no file|cannot read/,
    );
    loading('__proto__: {admin: true}\n');
    assert.equal(({} as { admin?: boolean }).admin, undefined);
  });
});

describe('source.kafka', () => {
  const kafka = (more: string, topics = '{topic: calls}') =>
    `source:\n  kafka:\n    brokers: [b:9092]\n    topics: [${topics}]\n    ${more}\n`;
  const from = (value: string) => loadConfig(file(kafka(`from: ${value}`))).source.kafka?.from;
  const tls = () => loadConfig(file(kafka('ssl: {caFile: ca.pem}'))).source.kafka?.ssl;

  it('starts at the earliest, at the latest, or at a time in any usual form', () => {
    assert.equal(loadConfig(file(kafka('group: g'))).source.kafka?.from, 'earliest');
    assert.equal(from('latest'), 'latest');
    const time = Date.UTC(2026, 1, 28, 5, 30);
    for (const text of ['2026-02-28T05:30:00Z', '"2026-02-28T06:30+01:00"', '2026-02-28T05:30:00.000Z'])
      assert.equal(from(text), time, text);
    for (const text of [`${time}`, `"${time}"`, `${time / 1_000}`]) assert.equal(from(text), time, text);
    assert.equal(from('2026-02-28'), Date.UTC(2026, 1, 28));
  });

  it('says in one line what is wrong with a start', () => {
    for (const [value, expected] of [
      ['erliest', /must be earliest, latest, or a time such as/],
      ['-5', /must be earliest, latest, or a time/],
      ['1.5', /must be earliest, latest, or a time/],
      ['"2026-02-30T00:00:00Z"', /is no day and time that exist/],
      ['"2026-13-01"', /is no day and time that exist/],
      ['2026-02-28T05:30:00', /must name the zone/],
      ['2999-01-01', /lies in the future/],
      ['17935128000000', /lies in the future/],
    ] as const) {
      const line = loading(kafka(`from: ${value}`));
      assert.match(line, expected, value);
      assert.match(line, /:5: source\.kafka\.from: /);
      assert.equal(line.split('\n').length, 1);
    }
    assert.match(loading(kafka('from: {time: 1}')), /source\.kafka\.from: /);
  });

  it('takes topics by name or by pattern, never its own', () => {
    const topics = (text: string) => loading(kafka('group: g', text));
    assert.deepEqual(loadConfig(file(kafka('group: g', "{pattern: 'llm-.*', format: otlp}"))).source.kafka?.topics, [
      { pattern: 'llm-.*', format: 'otlp' },
    ]);
    assert.match(topics('{topic: /llm-.*/}'), /topics(?:\.0|\[0\])\.topic: is no topic name; to read all .* pattern/);
    assert.match(topics('{pattern: "llm-("}'), /\.pattern: is no pattern in RE2 syntax: .*missing closing/);
    assert.match(topics('{pattern: "(a)\\\\1"}'), /\.pattern: is no pattern in RE2 syntax/);
    assert.match(topics('{format: otlp}'), /give either topic or pattern/);
    assert.match(topics('{topic: a, pattern: b}'), /give either topic or pattern/);
    assert.match(topics('{topic: nightjar.checkpoint}'), /\.topic: is a topic that Nightjar writes itself/);
  });

  it('takes certificates by file', () => {
    assert.deepEqual(tls(), { caFile: join(folder, 'ca.pem') });
    assert.match(loading(kafka('ssl: {certFile: c.pem}')), /ssl: certFile and keyFile go together/);
  });
});

describe('secrets', () => {
  it('lose one trailing newline and must not be empty', () => {
    assert.equal(readSecret(file('s3cret\r\n'), 'x'), 's3cret');
    assert.match(
      fault(() => readSecret(file('\n'), 'notify.slack.tokenFile')),
      /^notify\.slack\.tokenFile: .* is empty$/,
    );
    assert.match(
      fault(() => readSecret(join(folder, 'gone'), 'x.y')),
      /^x\.y: cannot read .*gone: ENOENT$/,
    );
  });

  it('are made once and kept', () => {
    const config = { ...defaultConfig(), data: join(folder, 'made') };
    const key = fingerprintKey(config);
    assert.ok(key.length >= 32);
    assert.deepEqual(fingerprintKey(config), key);
    assert.equal(intakeToken(config).token, intakeToken(config).token);
    assert.notEqual(intakeToken(config).token, Buffer.from(key).toString());
    const short = { ...config, secrets: { fingerprintKeyFile: file('short') } };
    assert.match(
      fault(() => fingerprintKey(short)),
      /at least 16/,
    );
  });
});
