/** Which programs a command starts, or an order names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programsIn } from '../../src/scan/programs.ts';

const of = (command: string) => programsIn(JSON.stringify({ command }));

test('programs of a shell command, without path, ending and what runs them', () => {
  assert.deepEqual(
    of('sudo /usr/bin/nmap -sn 192.0.2.0/24 | tee out.txt; timeout 60s python3 ~/bin/secretsdump.py a@b'),
    ['nmap', 'tee', 'secretsdump'],
  );
  assert.deepEqual(of('A=1 curl -s https://example.com && (cd /tmp && ls)'), ['curl', 'cd', 'ls']);
});

test('an order in words names its program; the words around it are none', () => {
  const order =
    'Scan the subnet using fping.\n- Goal: live hosts\n- Save them\nCommand:\n```\narp-scan --localnet\n```';
  assert.deepEqual(of(order), ['arp-scan', 'fping']);
  assert.deepEqual(of('Use the results with your initial list, via any host'), []);
  assert.deepEqual(of('Then run `hydra` against it'), ['hydra']);
});

test('programs of Windows keep their names', () => {
  assert.deepEqual(of('C:/Tools/Rubeus.exe kerberoast'), ['rubeus']);
  assert.deepEqual(of('SharpHound.exe -c All'), ['sharphound']);
});

test('never more than sixteen, and no time for a hostile text', () => {
  assert.equal(
    of(Array.from({ length: 50 }, (_, i) => `tool${String.fromCharCode(97 + (i % 26))}${i}`).join('; ')).length,
    16,
  );
  const start = process.cpuUsage();
  for (const piece of ['a=a ', '/', 'sudo ', 'use ', '~.-', 'A=']) of(piece.repeat(200_000));
  const { user } = process.cpuUsage(start);
  assert.ok(user < 3_000_000, `${user} us`);
});
