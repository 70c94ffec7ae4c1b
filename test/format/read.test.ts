/** Readers of single fields: times, identifiers, credentials, hosts, numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, credentialOf, hostOf, ident, pathOf } from '../../src/format/identity.ts';
import { bool, count, num } from '../../src/format/read.ts';
import { timeOf } from '../../src/format/time.ts';
import { sha } from './helpers.ts';

test('times in every unit and spelling', () => {
  const expected = 1_795_400_000_123;
  assert.equal(timeOf(1_795_400_000.123), expected);
  assert.equal(timeOf(expected), expected);
  assert.equal(timeOf(expected * 1000), expected);
  assert.equal(timeOf(`${expected}456789`), expected);
  assert.equal(timeOf('1795400000.123'), expected);
  assert.equal(timeOf(String(expected)), expected);
  const noon = Date.parse('2026-11-23T12:00:00.500Z');
  for (const text of [
    '2026-11-23T12:00:00.5Z',
    '2026-11-23 12:00:00.500000',
    '2026-11-23T13:00:00.5000000+01:00',
    '2026-11-23T13:00:00.5+0100',
  ]) {
    assert.equal(timeOf(text), noon, text);
  }
  assert.equal(timeOf('2026-11-23T12:00Z'), noon - 500);
  for (const bad of [
    0,
    -1,
    1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e30,
    '',
    'now',
    '2026-13-40T00:00:00Z',
    '99999999999999999999999999',
    null,
    {},
    [],
    true,
  ]) {
    assert.equal(timeOf(bad), undefined, String(bad));
  }
});

test('identifiers are bounded and clean', () => {
  assert.equal(ident('  a b '), 'a b');
  assert.equal(ident(7), '7');
  assert.equal(ident('a\u0000b\ud800\n'), 'ab');
  assert.equal(ident('Zoë'), 'Zoë');
  assert.match(ident('x'.repeat(300)) ?? '', /^sha256:[0-9a-f]{64}$/);
  for (const none of ['', '  ', '\u0000', null, undefined, {}, [], true, Number.NaN])
    assert.equal(ident(none), undefined);
});

test('credentials are hashed without their scheme, blanked ones are none', () => {
  assert.equal(credentialOf('Bearer abc'), sha('abc'));
  assert.equal(credentialOf('abc'), sha('abc'));
  for (const none of ['REDACTED', 'Bearer ***', '[REDACTED]', '', 'Bearer ', null, 5])
    assert.equal(credentialOf(none), undefined);
});

test('hosts, paths, addresses', () => {
  assert.equal(hostOf('https://user:pw@API.example.com:8443/v1?key=x'), 'api.example.com');
  assert.equal(hostOf('llm.example.com:443'), 'llm.example.com');
  assert.equal(hostOf('http://[2001:db8::1]:80/'), '[2001:db8::1]');
  for (const none of ['', 'not a host', '/path', null, 'x'.repeat(5000)]) assert.equal(hostOf(none), undefined);
  assert.equal(pathOf('https://example.com/a/b?token=secret#x'), '/a/b');
  assert.equal(pathOf('/a?b'), '/a');
  assert.equal(pathOf('a'), undefined);
  assert.equal(addressOf('192.0.2.1:80'), '192.0.2.1');
  assert.equal(addressOf('[2001:db8::1]:80'), '2001:db8::1');
  assert.equal(addressOf('2001:db8::1'), '2001:db8::1');
});

test('numbers and booleans, also as text', () => {
  assert.equal(num('1.5e3'), 1500);
  assert.equal(count('12'), 12);
  for (const none of [-1, 'x', '', '0x', null, {}, 2 ** 60, Number.NaN])
    assert.equal(count(none), undefined, String(none));
  assert.equal(bool('true'), true);
  assert.equal(bool(0), false);
  assert.equal(bool('yes'), undefined);
});
