/** What people are shown of an argument: enough to recognise, nothing to steal. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { findAtoms } from '../../src/scan/atoms.ts';
import { safePath, shown } from '../../src/scan/redact.ts';

const SECRETS = [
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcdEFGHijklMNOP0123',
  'xoxb-1234567890-abcdEFGH.efgh',
  'sk-abcdEFGH1234ijklMNOP5678',
  'ghp_abcdEFGH1234ijklMNOP5678abcdEFGH',
  'AKIAIOSFODNN7EXAMPLE',
];

for (const secret of SECRETS) {
  it(`shows nothing of ${secret.slice(0, 6)}…, alone or in a path`, () => {
    for (const atom of findAtoms(JSON.stringify({ a: secret, b: `/hooks/${secret}`, c: `/v1/${secret}/x.json` })))
      assert.ok(
        !shown(atom.kind, atom.text).includes(secret.slice(-8)),
        `${atom.kind}: ${shown(atom.kind, atom.text)}`,
      );
    assert.ok(!safePath(`/hooks/${secret}`).includes(secret.slice(-8)));
  });
}

it('takes no sentence for a file', () => {
  const [atom] = findAtoms(JSON.stringify({ note: 'My password is hunter2 and the pin is 4711.ok' }));
  assert.equal(atom?.kind, 'text');
});

it('keeps what names a file or a host', () => {
  assert.equal(safePath('/etc/hosts'), '/etc/hosts');
  assert.equal(shown('host', 'mail.example.com'), 'mail.example.com');
  assert.deepEqual(
    findAtoms(JSON.stringify({ f: 'bill-december-2023.txt', h: 'mail.example.com', p: '/srv/data/report.pdf' })).map(
      ({ kind }) => kind,
    ),
    ['path', 'host', 'path'],
  );
});
