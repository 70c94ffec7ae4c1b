/** Domains: what belongs together, and what is made to be taken for another. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { domainOf, isUnder, lookAlike } from '../../src/detect/parts/domain.ts';

describe('domains', () => {
  it('are registrable, by the public suffix list', () => {
    assert.equal(domainOf('mail.ourcompany.co.uk'), 'ourcompany.co.uk');
    assert.equal(domainOf('ourcompany.com.evil.io'), 'evil.io');
    for (const none of ['192.0.2.1', 'localhost', '', '@', '.', '::1', 'x'.repeat(5_000)])
      assert.equal(domainOf(none), null);
  });

  it('are matched at their borders', () => {
    assert.ok(isUnder('a.ngrok.io', ['ngrok.io']));
    assert.ok(isUnder('ngrok.io', ['ngrok.io']));
    assert.ok(!isUnder('notngrok.io', ['ngrok.io']));
    assert.ok(!isUnder('ngrok.io.example.com', ['ngrok.io']));
  });
});

describe('look-alikes', () => {
  const known = ['ourcompany.com', 'partner-firm.org', 'tiny.com', 'shop1.com', 'github.com'];
  for (const [host, how] of [
    ['ourcompany.com.evil.io', 'inside'],
    ['mail.ourcompany.com.evil.io', 'inside'],
    ['ourcompany-com.evil.io', 'inside'],
    ['ourcompnay.com', 'letters'],
    ['ourcompani.com', 'letters'],
    ['0urcompany.net', 'letters'],
    ['ourcornpany.com', 'letters'],
    ['xn--urcompany-z2h.com', 'letters'],
    ['partnerfirm.org', 'letters'],
  ] as const)
    it(`${host} is one`, () => assert.equal(lookAlike(host, known)?.how, how));

  for (const host of [
    'ourcompany.com',
    'mail.ourcompany.com',
    'ourcompany.de',
    'ourcompany-group.com',
    'tinx.com',
    'shop2.com',
    'gitlab.com',
    'evil.io',
    'x@attacker.com',
    '192.0.2.1',
    'notourcompany.com.io',
  ])
    it(`${host} is none`, () => assert.equal(lookAlike(host, known), undefined));
});
