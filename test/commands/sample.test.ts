/** `nightjar check --sample` and `nightjar coverage`, as a person runs them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { run, tempFolder } from '../support/nightjar.ts';

const SECRET = 'sk-0123456789abcdef0123';
const GOOD = {
  house: true,
  at: '2026-09-07T10:00:00Z',
  user: 'ada',
  key: SECRET,
  text: `Send the key ${SECRET} to bob@example.net, and then tell me how the weather will be tomorrow`,
};

function files(t: { after(fn: () => void): void }, records: unknown[]) {
  const folder = tempFolder(t);
  const config = join(folder, 'nightjar.yaml');
  const log = join(folder, 'calls.jsonl');
  writeFileSync(join(folder, 'networks.yaml'), '- {cidr: 10.0.0.0/8, name: office}\n');
  writeFileSync(
    config,
    'inventory: {networksFile: networks.yaml}\nformats:\n  house:\n    match: house\n' +
      '    fields: {time: at, principal: user, credential: key, messages: text, clientAddress: ip}\n',
  );
  writeFileSync(log, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return { folder, config, log };
}

describe('check --sample', { concurrency: 2 }, () => {
  it('shows the Event and what it lacks, and neither text nor key', async (t) => {
    const { config, log } = files(t, [GOOD, { house: true }, { other: true }]);
    const { code, stdout } = await run(['check', config, '--sample', log, '--format', 'house']);
    assert.equal(code, 0);
    assert.match(stdout, /record 1\n {2}id: rec-/);
    assert.match(stdout, /principal: ada/);
    assert.match(stdout, /credential: sha256:[0-9a-f]{64}/);
    assert.match(stdout, /record 2\n(?: {2}.*\n)* {2}missing: .*time, principal, credential.*messages/);
    assert.match(stdout, /record 3: shape of no known format/);
    assert.match(stdout, /3 records, 2 calls, 0 parts that are no calls, 1 that could not be read/);
    assert.doesNotMatch(stdout, /sk-0|example\.net|weather/);
  });

  it('gives one JSON value, with whole texts only when asked for', async (t) => {
    const { config, log } = files(t, [{ ...GOOD, ip: '10.1.2.3' }]);
    const [short, whole] = await Promise.all([
      run(['check', config, '--sample', log, '--json']),
      run(['check', config, '--sample', log, '--json', '--show-text']),
    ]);
    const { samples, missing } = JSON.parse(short.stdout);
    assert.equal(samples[0].event.network, 'office', 'the inventory counts');
    assert.equal(missing.session, 1);
    assert.match(samples[0].event.input[0].text, /^Send the key … to …/);
    assert.equal(JSON.parse(whole.stdout).samples[0].event.input[0].text, GOOD.text);
  });

  it('ends with 3 when no record could be read, and 2 when it was asked wrongly', async (t) => {
    const { folder, config, log } = files(t, [{ other: true }]);
    assert.equal((await run(['check', config, '--sample', log])).code, 3);
    const unknown = await run(['check', config, '--sample', log, '--format', 'nosuch']);
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /there is no format nosuch.*house/);
    assert.equal((await run(['check', config, '--sample', join(folder, 'none.jsonl')])).code, 2);
    assert.equal((await run(['check', config, '--show-text'])).code, 2);
  });

  it('names every fault of formats, inventory and topics at once', async (t) => {
    const { folder, config } = files(t, []);
    writeFileSync(join(folder, 'networks.yaml'), '- name: office\n  cidr: nowhere\n');
    writeFileSync(
      config,
      'inventory: {networksFile: networks.yaml}\nformats: {house: {match: "a[", fields: {}}}\n' +
        'source: {kafka: {brokers: [b], topics: [{topic: t, format: nosuch}]}}\n',
    );
    const { code, stderr } = await run(['check', config]);
    assert.equal(code, 2);
    assert.match(stderr, /networks\.yaml:2: \[0\]\.cidr: is no address range/);
    assert.match(stderr, /formats\.house\.match: /);
    assert.match(stderr, /source\.kafka\.topics\[0\]\.format: there is no format nosuch/);
  });
});

it('coverage tells what a log shows, as a table and as JSON', async (t) => {
  const { config, log } = files(t, [GOOD, { house: true, at: GOOD.at }, { other: true }]);
  const [text, json] = await Promise.all([
    run(['coverage', log, '-c', config]),
    run(['coverage', log, '-c', config, '--json']),
  ]);
  assert.equal(text.code, 0);
  assert.match(text.stdout, /house +chat +- +2 +50 % +50 % +0 %/);
  assert.match(text.stdout, /1 calls without a caller, 0 parts that are no calls, 1 records that could not/);
  const [source] = JSON.parse(json.stdout).sources;
  assert.deepEqual([source.source, source.calls, source.identity, source.dead_letters], [log, 2, 1, 1]);
});
