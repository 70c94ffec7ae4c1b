/** Weak findings about one principal, put together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fusion, fusionKey, signalName } from '../../src/correlate/fusion.ts';
import type { Likelihoods } from '../../src/correlate/likelihoods.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Changes } from '../../src/stream/cells.ts';

const HOUR = 3_600_000;
const T = Date.UTC(2026, 9, 5, 8);
const likelihoods: Likelihoods = {
  prior: 0.002,
  ratios: {
    'new-term/network': 30,
    'denied-burst/walk': 40,
    'llmjacking/slope': 25,
    'static-credential/age': 20,
    'x/y': 0.5,
  },
  groups: { llmjacking: 'credential', 'static-credential': 'credential' },
};

let number = 0;
function finding(name: string, over: Partial<Finding> = {}): Finding {
  const [detector = '', kind = ''] = name.split('/');
  const n = number++;
  return {
    id: `f${n}`,
    time: T + n * 60_000,
    detector,
    class: 'behaviour',
    maturity: 'incubating',
    key: { tenant: 'default', dimension: 'principal', id: 'ann' },
    about: 'a',
    title: `about ${detector}`,
    severity: 'low',
    confidence: 0.5,
    entities: {
      tenant: 'default',
      principal: 'ann',
      credential: null,
      session: 's1',
      agent: null,
      endpoint: null,
      tool: null,
      resource: null,
    },
    eventIds: [`e${n}`],
    evidence: [{ kind, observed: 'seen', usual: null, quiet_if: null }],
    techniques: [`T${n}`],
    untrustedTrigger: false,
    stage: 'own',
    ...over,
  };
}

function play(findings: Finding[], fusion = new Fusion(likelihoods)): Finding[] {
  const changes: Changes<Finding> = { added: [], changed: [], removed: [] };
  for (const one of findings) fusion.add(one, changes);
  return changes.added;
}

test('two strong signals of different causes are one finding, with both in the order in which they came', () => {
  const [fused, ...more] = play([finding('new-term/network', { signal: true }), finding('denied-burst/walk')]);
  assert.equal(more.length, 0);
  assert.equal(fused?.detector, 'fusion');
  assert.equal(fused?.severity, 'medium');
  // Odds 0.002 / 0.998 times 30 times 40.
  assert.ok(Math.abs((fused?.confidence ?? 0) - 0.706) < 0.001, String(fused?.confidence));
  assert.deepEqual(
    fused?.evidence.map(({ kind }) => kind),
    ['new-term/network', 'denied-burst/walk'],
  );
  assert.equal(fused?.eventIds.length, 2);
  assert.equal(fused?.techniques.length, 2);
});

test('one signal, however often, is no chain; nor are signals with one cause', () => {
  assert.deepEqual(play(Array.from({ length: 50 }, () => finding('denied-burst/walk'))), []);
  assert.deepEqual(play([finding('llmjacking/slope'), finding('static-credential/age')]), []);
});

test('a signal that was never measured, or says the opposite, adds nothing', () => {
  assert.deepEqual(play([finding('denied-burst/walk'), finding('of-our-own/kind'), finding('x/y')]), []);
});

test('a third cause raises it to high, once', () => {
  const all = play([
    finding('new-term/network'),
    finding('denied-burst/walk'),
    finding('llmjacking/slope'),
    finding('static-credential/age'),
  ]);
  assert.deepEqual(
    all.map(({ severity }) => severity),
    ['medium', 'high'],
  );
  assert.equal(new Set(all.map(({ id }) => id)).size, 2);
});

test('what a detector has told with high severity is not told again', () => {
  assert.deepEqual(play([finding('denied-burst/walk', { severity: 'high' }), finding('new-term/network')]), []);
  const signals = [finding('denied-burst/walk', { severity: 'high', signal: true }), finding('new-term/network')];
  assert.equal(play(signals).length, 1, 'a signal tells nobody');
});

test('signals of different principals, or a day apart, stay apart', () => {
  const bob = { ...finding('x/y').entities, principal: 'bob' };
  assert.deepEqual(play([finding('denied-burst/walk'), finding('new-term/network', { entities: bob })]), []);
  const late = finding('new-term/network', { time: T + 1_000 * HOUR });
  assert.deepEqual(play([finding('denied-burst/walk', { time: late.time - 24 * HOUR - 1 }), late]), []);
  assert.equal(play([finding('denied-burst/walk', { time: late.time - 24 * HOUR }), late]).length, 1);
});

test('without a principal the credential, then the session counts; without any there is no key', () => {
  const { entities } = finding('x/y');
  const of = (over: object) => fusionKey({ ...entities, principal: null, ...over });
  assert.equal(of({ credential: 'sha256:1' })?.dimension, 'credential');
  assert.equal(of({})?.dimension, 'session');
  assert.equal(of({ session: null }), undefined);
  assert.equal(signalName(finding('x/y', { evidence: [] })), 'x/none');
});

test('the same whatever the order of arrival, and across a restart', () => {
  const findings = [finding('new-term/network'), finding('denied-burst/walk'), finding('llmjacking/slope')];
  const straight = play(findings);
  const late = new Fusion(likelihoods);
  const changes: Changes<Finding> = { added: [], changed: [], removed: [] };
  for (const one of [...findings].reverse()) late.add(one, changes);
  const gone = new Set(changes.removed.map(({ id }) => id));
  assert.deepEqual(
    new Set(changes.added.filter(({ id }) => !gone.has(id)).map(({ id }) => id)),
    new Set(straight.map(({ id }) => id)),
  );
  const before = new Fusion(likelihoods);
  play(findings.slice(0, 2), before);
  const after = new Fusion(likelihoods);
  after.restore(JSON.parse(JSON.stringify(before.snapshot())));
  assert.deepEqual(play(findings.slice(2), after), straight.slice(1));
});
