/** The runner: one effect however often the job runs, whatever dies in between, and every ending on record. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NightjarError } from '../../src/errors.ts';
import { GiveUp, RetryLater } from '../../src/ports.ts';
import { Unsent } from '../../src/respond/http.ts';
import { effectKey, responseJobs } from '../../src/respond/playbook.ts';
import { bench, FakeAction, KEY, MemoryEffects, makeAlert, makePlaybook } from './helpers.ts';

const playbook = makePlaybook();
const [job] = responseJobs([playbook], makeAlert());
assert.ok(job);
const effect = effectKey({ action: 'cut', target: 'credential' }, makeAlert());
const outcomes = (records: { steps: { outcome: string }[] }[]) =>
  records.map(({ steps }) => steps.map((s) => s.outcome));

test('the effect happens once though the job runs three times, also for another alert of the incident', async () => {
  const action = new FakeAction();
  const { responder, records, audit } = bench([playbook], [action]);
  for (let i = 0; i < 3; i++) await responder.handle(job);
  const worse = responseJobs([playbook], makeAlert({ id: 'al_2', severity: 'critical' }));
  for (const another of worse) await responder.handle(another);
  assert.deepEqual(action.runs, [KEY]);
  assert.deepEqual(outcomes(records), [['done'], ['already'], ['already'], ['already']]);
  assert.deepEqual(records[0], {
    id: job.id,
    '@timestamp': '2026-11-23T10:00:00.000Z',
    playbook: 'revoke',
    alert_id: 'al_1',
    incident_id: 'in_1',
    mode: 'enforce',
    steps: [{ action: 'cut', target: { kind: 'credential', id: KEY }, outcome: 'done', reason: null, effect }],
  });
  assert.deepEqual(
    audit.map(({ what }) => what.event),
    ['begin', 'done', 'already', 'already', 'already'],
  );
  assert.equal(audit[1]?.who, 'playbook:revoke');
  assert.equal(audit[1]?.why.alert, 'al_1');
});

test('what cannot be looked up is done once all the same: the ledger knows', async () => {
  const tell = new FakeAction('tell', 'notify');
  const quiet = makePlaybook({ steps: [{ action: 'tell', target: 'alert' }] });
  const { responder, records } = bench([quiet], [tell]);
  for (const id of ['al_1', 'al_2', 'al_1']) {
    for (const one of responseJobs([quiet], makeAlert({ id }))) await responder.handle(one);
  }
  assert.deepEqual(tell.runs, ['al_1']);
  assert.deepEqual(outcomes(records), [['done'], ['already'], ['already']]);
});

test('death after the effect and before its completion: the next try looks, and does not repeat it', async () => {
  const action = new FakeAction();
  const effects = new MemoryEffects();
  const first = bench([playbook], [action], {}, { effects });
  effects.complete = async () => {
    throw new Error('died');
  };
  await assert.rejects(first.responder.handle(job), /died/);
  effects.complete = MemoryEffects.prototype.complete;
  assert.equal(effects.rows.get(effect)?.done, null, 'begun, not completed, not abandoned');
  const second = bench([playbook], [action], {}, { effects });
  await second.responder.handle(job);
  assert.deepEqual(action.runs, [KEY]);
  assert.deepEqual(outcomes(second.records), [['done']]);
  assert.match(second.records[0]?.steps[0]?.reason ?? '', /earlier try had begun/);
});

test('death before the effect: the next try finds it missing and runs it', async () => {
  const action = new FakeAction();
  const effects = new MemoryEffects();
  await effects.begin(effect, { action: 'cut', target: { kind: 'credential', id: KEY } });
  const { responder, records } = bench([playbook], [action], {}, { effects });
  await responder.handle(job);
  assert.deepEqual(action.checks, [KEY]);
  assert.deepEqual(action.runs, [KEY]);
  assert.deepEqual(outcomes(records), [['done']]);
});

test('a target that is in the wanted state already is left alone and remembered', async () => {
  const action = new FakeAction();
  action.cut.add(KEY);
  const { responder, records, effects } = bench([playbook], [action]);
  await responder.handle(job);
  assert.deepEqual(action.runs, []);
  assert.deepEqual(outcomes(records), [['already']]);
  assert.notEqual(effects.rows.get(effect)?.done, null);
});

for (const [name, failure] of [
  ['a request that never left', new Unsent('NJ_UNREACHABLE', 'no route')],
  ['a far side that asks to wait', new RetryLater(5_000, 'slow down')],
] as const) {
  test(`${name}: the claim is given back, the error rethrown, the next try is new`, async () => {
    const action = new FakeAction();
    action.failures.push(failure);
    const { responder, effects, records } = bench([playbook], [action]);
    await assert.rejects(responder.handle(job), failure);
    assert.equal(effects.rows.size, 0);
    await responder.handle(job);
    assert.deepEqual(action.runs, [KEY, KEY]);
    assert.deepEqual(outcomes(records), [['failed'], ['done']]);
  });
}

test('a lost answer leaves the effect unknown: the next try looks first', async () => {
  const action = new FakeAction();
  const lost = new NightjarError('NJ_TIMEOUT', 'no answer');
  action.afterEffect = () => {
    throw lost;
  };
  const { responder, effects, records } = bench([playbook], [action]);
  await assert.rejects(responder.handle(job), lost);
  assert.equal(effects.rows.get(effect)?.done, null);
  await responder.handle(job);
  assert.deepEqual(action.runs, [KEY]);
  assert.deepEqual(outcomes(records), [['failed'], ['done']]);
});

test('a refusal of the far side does not clear up what became of an earlier try', async () => {
  const action = new FakeAction();
  action.failures.push(new NightjarError('NJ_TIMEOUT', 'no answer'), new GiveUp('refused'));
  const { responder, effects } = bench([playbook], [action]);
  await assert.rejects(responder.handle(job), { code: 'NJ_TIMEOUT' });
  await assert.rejects(responder.handle(job), GiveUp);
  assert.equal(effects.rows.get(effect)?.done, null);
});

test('a failure for good is recorded, stops the steps behind it, and fails the job', async () => {
  const action = new FakeAction();
  const tell = new FakeAction('tell', 'notify');
  action.failures.push(new GiveUp('the far side refused: 403'));
  const both = makePlaybook({
    steps: [
      { action: 'tell', target: 'session' },
      { action: 'cut', target: 'credential' },
      { action: 'tell', target: 'alert' },
    ],
  });
  const [twoSteps] = responseJobs([both], makeAlert());
  const { responder, effects, records, audit } = bench([both], [action, tell]);
  assert.ok(twoSteps);
  await assert.rejects(responder.handle(twoSteps), GiveUp);
  assert.deepEqual(outcomes(records), [['done', 'failed', 'refused']]);
  assert.equal(records[0]?.steps[1]?.reason, 'the far side refused: 403');
  assert.equal(records[0]?.steps[2]?.reason, 'not run: step 2 failed');
  assert.deepEqual(tell.runs, ['s-1']);
  assert.equal(effects.rows.has(effect), false);
  assert.ok(audit.some(({ what }) => what.event === 'failed'));
});

test('a refused step does not stop the ones behind it', async () => {
  const action = new FakeAction();
  const tell = new FakeAction('tell', 'notify');
  const both = makePlaybook({
    steps: [
      { action: 'cut', target: 'credential' },
      { action: 'tell', target: 'alert' },
    ],
  });
  const { responder, records } = bench([both], [action, tell], { neverTouch: [`credential:${KEY}`] });
  for (const one of responseJobs([both], makeAlert())) await responder.handle(one);
  assert.deepEqual(outcomes(records), [['refused', 'done']]);
  assert.deepEqual(action.runs, []);
  assert.deepEqual(action.checks, []);
});

test('no line in the audit log, no effect', async () => {
  const action = new FakeAction();
  const { responder, effects, audit } = bench([playbook], [action]);
  audit.push = () => {
    throw new Error('disk full');
  };
  await assert.rejects(responder.handle(job), /disk full/);
  assert.deepEqual(action.runs, []);
  assert.equal(effects.rows.size, 0);
});

test('a store that is away makes the record wait, without an attempt and without a second effect', async () => {
  const action = new FakeAction();
  const { responder, records, store } = bench([playbook], [action]);
  store.fails = true;
  await assert.rejects(responder.handle(job), RetryLater);
  store.fails = false;
  await responder.handle(job);
  assert.deepEqual(action.runs, [KEY]);
  assert.deepEqual(outcomes(records), [['already']]);
});

test('a job for a playbook that is not loaded fails for good', async () => {
  await assert.rejects(bench([], []).responder.handle(job), GiveUp);
});

test('the limit counts a redelivered job as done before, not as refused', async () => {
  const action = new FakeAction();
  const { responder, records } = bench([playbook], [action], { maxTargetsPerHour: 1 });
  await responder.handle(job);
  await responder.handle(job);
  assert.deepEqual(outcomes(records), [['done'], ['already']]);
});
