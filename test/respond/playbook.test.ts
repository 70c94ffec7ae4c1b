/** Which alerts call for which playbooks, and which jobs are one and the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectKey, matchPlaybooks, responseJobs, targetOf } from '../../src/respond/playbook.ts';
import { makeAlert, makePlaybook } from './helpers.ts';

const when = (over: object) => makePlaybook({ when: { detector: ['leaked-credential'], ...over } });
const matches = (over: object, alert = makeAlert()) => matchPlaybooks([when(over)], alert).length === 1;
const ids = (playbook = makePlaybook(), alert = makeAlert()) => responseJobs([playbook], alert).map(({ id }) => id);

test('each condition is a floor or an equality, and all must hold', () => {
  assert.ok(matches({}));
  assert.ok(!matches({ detector: ['canary'] }));
  assert.ok(matches({ detector: ['canary', 'leaked-credential'] }));
  assert.ok(matches({ severity: 'high' }) && matches({ severity: 'low' }) && !matches({ severity: 'critical' }));
  assert.ok(matches({ confidence: 0.95 }) && !matches({ confidence: 0.96 }));
  assert.ok(matches({ class: 'artifact' }) && !matches({ class: 'behaviour' }));
  assert.ok(matches({ maturity: 'incubating' }) && matches({ maturity: 'stable' }));
  assert.ok(!matches({ maturity: 'incubating' }, makeAlert({ maturity: 'experimental' })));
  assert.ok(matches({ entity: ['credential', 'session'] }) && !matches({ entity: ['credential', 'agent'] }));
  assert.ok(!matches({ severity: 'high', confidence: 0.99 }));
});

test('a step is aimed at the entity of the alert, or at nothing', () => {
  const alert = makeAlert();
  assert.deepEqual(targetOf({ action: 'cut', target: 'session' }, alert), { kind: 'session', id: 's-1' });
  assert.deepEqual(targetOf({ action: 'cut', target: 'alert' }, alert), { kind: 'alert', id: 'al_1' });
  assert.equal(targetOf({ action: 'cut', target: 'agent' }, alert), null);
});

test('further alerts of an incident with the same targets make no further job', () => {
  const first = ids();
  assert.match(first[0] ?? '', /^re_[0-9a-z]{20}$/);
  assert.deepEqual(ids(undefined, makeAlert({ id: 'al_2', event_ids: ['call-9'] })), first);
  assert.deepEqual(ids(undefined, makeAlert({ revision: 3, confidence: 0.99, final: true })), first);
});

test('a new incident, target, severity or firmer ground makes a new job', () => {
  const [first] = ids();
  const others = [
    makeAlert({ incident_id: 'in_2' }),
    makeAlert({ severity: 'critical' }),
    makeAlert({ untrusted_trigger: true }),
    makeAlert({ stage: 'learning' }),
    makeAlert({ entities: { credential: 'sha256:00' } }),
  ].flatMap((alert) => ids(undefined, alert));
  assert.equal(new Set([first, ...others]).size, 6);
  assert.notEqual(ids(makePlaybook({ id: 'other' }))[0], first);
});

test('an alert target stands for its incident: told once, and again when it gets worse', () => {
  const step = { action: 'tell', target: 'alert' } as const;
  const playbook = makePlaybook({ steps: [step] });
  assert.deepEqual(ids(playbook, makeAlert({ id: 'al_2' })), ids(playbook));
  assert.equal(effectKey(step, makeAlert({ id: 'al_2' })), effectKey(step, makeAlert()));
  assert.notEqual(effectKey(step, makeAlert({ severity: 'critical' })), effectKey(step, makeAlert()));
});

test('an effect is keyed by incident, action and target alone', () => {
  const step = { action: 'cut', target: 'credential' } as const;
  const key = effectKey(step, makeAlert());
  assert.equal(effectKey(step, makeAlert({ id: 'al_2', severity: 'critical', untrusted_trigger: true })), key);
  assert.notEqual(effectKey(step, makeAlert({ incident_id: 'in_2' })), key);
  assert.notEqual(effectKey({ ...step, action: 'open' }, makeAlert()), key);
  assert.notEqual(effectKey({ ...step, target: 'principal' }, makeAlert()), key);
});
