import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { globFits, ToolTable } from '../../src/enrich/tools.ts';

describe('globs', () => {
  const cases: [string, string, boolean][] = [
    ['crm_*', 'crm_export', true],
    ['crm_*', 'crm_', true],
    ['crm_*', 'xcrm_export', false],
    ['*', '', true],
    ['*_mail_*', 'send_mail_now', true],
    ['*mail', 'mail_mail', true],
    ['?end', 'send', true],
    ['?end', 'end', false],
    ['a.c', 'abc', false],
    ['send', 'sender', false],
  ];
  for (const [glob, text, fits] of cases)
    it(`${glob} ${fits ? 'fits' : 'does not fit'} ${text || 'nothing'}`, () =>
      assert.equal(globFits(glob, text), fits));

  it('is not slowed down by a name made for it', () => {
    const started = performance.now();
    assert.equal(globFits(`${'a*'.repeat(60)}b`, 'a'.repeat(5_000)), false);
    assert.ok(performance.now() - started < 200);
  });
});

describe('tools', () => {
  const tools = new ToolTable([
    { tool: '*', server: undefined, labels: ['read'] },
    { tool: 'crm_*', server: 'crm*', labels: ['source'] },
    { tool: 'crm_*', server: 'crm', labels: ['write'] },
    { tool: 'crm_export', server: undefined, labels: ['sink', 'read'] },
    { tool: 'crm_export', server: 'crm', labels: ['exec'] },
  ]);
  const cases: [string, string | undefined, object][] = [
    ['crm_export', 'crm', { exec: 1 }],
    ['crm_export', 'other', { sink: 1, read: 1 }],
    ['crm_export', undefined, { sink: 1, read: 1 }],
    ['crm_find', 'crm', { write: 1 }],
    ['crm_find', 'crm-eu', { source: 1 }],
    ['crm_find', undefined, { read: 1 }],
    ['anything', 'crm', { read: 1 }],
  ];
  for (const [tool, server, labels] of cases)
    it(`${tool} of ${server ?? 'an unknown server'} takes the closest entry`, () => {
      assert.deepEqual(tools.find(tool, server), labels);
      assert.deepEqual(tools.find(tool, server), labels, 'the same when asked again');
    });

  it('knows nothing of what no entry fits', () => {
    assert.equal(new ToolTable([]).find('crm_export', undefined), undefined);
    assert.equal(
      new ToolTable([{ tool: 'a', server: 's', labels: ['read'] }]).find('a', undefined),
      undefined,
      'an entry with a server says nothing of an unknown one',
    );
  });

  it('keeps the right labels however many names a log has', () => {
    for (let i = 0; i < 30_000; i++) tools.find(`tool-${i}`, undefined);
    assert.deepEqual(tools.find('crm_export', 'crm'), { exec: 1 });
  });
});
