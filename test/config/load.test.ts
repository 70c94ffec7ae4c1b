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
