/** The never-touch list: exact ids, globs at the end, owners; an entry that could never match is an error. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neverTouch } from '../../src/respond/never-touch.ts';
import { KEY, makeAlert } from './helpers.ts';

test('covers exact ids and globs of the same kind only', () => {
  const list = neverTouch([
    'principal:svc-*',
    'session:s:1',
    `credential:${KEY.toUpperCase().replace('SHA256', 'sha256')}`,
  ]);
  assert.equal(list.covers({ kind: 'principal', id: 'svc-payments' }), 'principal:svc-*');
  assert.equal(list.covers({ kind: 'principal', id: 'xsvc-payments' }), undefined);
  assert.equal(list.covers({ kind: 'agent', id: 'svc-payments' }), undefined);
  assert.equal(list.covers({ kind: 'session', id: 's:1' }), 'session:s:1');
  assert.equal(list.covers({ kind: 'session', id: 's:11' }), undefined);
  assert.ok(list.covers({ kind: 'credential', id: KEY }), 'hex digests are compared without case');
});

test('a glob over credentials takes a prefix of the hash, or all', () => {
  const key = { kind: 'credential', id: KEY } as const;
  assert.ok(neverTouch(['credential:sha256:abab*']).covers(key));
  assert.ok(!neverTouch(['credential:sha256:abac*']).covers(key));
  assert.ok(neverTouch(['credential:*']).covers(key));
});

test('cutting off a credential or a session touches its principal and agent', () => {
  const alert = makeAlert({ entities: { agent: 'billing' } });
  const list = neverTouch(['principal:user-07']);
  assert.equal(list.coversOwner({ kind: 'credential', id: KEY }, alert), 'principal:user-07');
  assert.equal(list.coversOwner({ kind: 'session', id: 's-1' }, alert), 'principal:user-07');
  assert.equal(list.coversOwner({ kind: 'tool', id: 'send_email' }, alert), undefined);
  assert.equal(neverTouch(['agent:billing']).coversOwner({ kind: 'credential', id: KEY }, alert), 'agent:billing');
});

test('an entry that could never match is a config error that names it', () => {
  for (const entry of [
    'user-07',
    'user:u',
    'principal:',
    'principal:a*b',
    'credential:sk-1234',
    '',
    ':x',
    'alert:al_1',
  ]) {
    assert.throws(
      () => neverTouch(['principal:fine', entry]),
      { code: 'NJ_CONFIG', message: new RegExp(`respond\\.neverTouch\\[1\\]: "${entry.replace('*', '\\*')}"`) },
      entry,
    );
  }
});
