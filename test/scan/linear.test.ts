/** Hostile text: every pattern of the scan stage takes linear time, and one record never holds the loop. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Event, Message } from '../../src/model/event.ts';
import { findSecrets } from '../../src/scan/artefacts/find-secrets.ts';
import { findLinks } from '../../src/scan/artefacts/links.ts';
import { findPersonal } from '../../src/scan/artefacts/personal.ts';
import { findAtoms } from '../../src/scan/atoms.ts';
import { canaryBook } from '../../src/scan/canary.ts';
import { fingerprinter, PUBLIC_TEST_KEY } from '../../src/scan/fingerprint.ts';
import { unhide } from '../../src/scan/hidden.ts';
import { normalise } from '../../src/scan/normalise.ts';
import { findOrders } from '../../src/scan/orders.ts';
import { createScanner } from '../../src/scan/scan.ts';
import { keysIn } from '../../src/scan/secrets.ts';
import { findSignals } from '../../src/scan/signals.ts';
import { takesOver } from '../../src/scan/takeover.ts';
import { fold, stems } from '../../src/scan/words.ts';

const KIB = 1024;
/** Milliseconds of processor time for 64 KiB. */
const LIMIT = 50;
/** A shared machine may be several times slower than the one the limit is meant for. */
const NOISE = 4;

const PUMPS = [
  ...[
    'a',
    'A ',
    'A1b2',
    'aB',
    '1.',
    '0000-00-00',
    ' ',
    '\n',
    '\t',
    '\\n',
    '"',
    '", ',
    '{"a":',
    '((((',
    '[{',
    './',
    'C:\\',
  ],
  ...[
    '!',
    '![',
    '![a](http',
    '![a](https://aaaa?',
    '![a](https://aaaa?{',
    'http://a?{',
    '%7b',
    '?&=/',
    'https://',
    'www.',
  ],
  ...[
    '@',
    'a@',
    'a@a.',
    'x@y.',
    'send ',
    'send to ',
    'send to to to ',
    'send to a@',
    'send me to https://',
    'post to x@y ',
  ],
  ...[
    'send email to bob. ',
    'send a b c\n',
    'send. ',
    ': send a b ',
    '- send ',
    'you can ',
    'i want you to ',
    'the my ',
  ],
  ...[
    'ignore ',
    'ignore all ',
    'ignore all previous ',
    'forget your ',
    'override the above ',
    'before you ',
    '<system',
  ],
  ...[
    'show ',
    'show your ',
    'show all all ',
    'reveal the system ',
    'password show ',
    'customer show all ',
    'do not tell ',
  ],
  ...[
    'encode ',
    'print encode ',
    'base64 ',
    'unrestricted ',
    'important message ',
    'new new instruction ',
    'according to ',
  ],
  ...['QUJD', 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=', 'ABCD ', 'aaaa=', 'sk-', ' sk-aaaaaaaaaaaaaaaaaaaa', 'sk-a '],
  ...['\u200b', '\u{e0041}', 'é', 'İ', 'ſend ', 'а', 'аa', 'z\u0335', '\u{1f3f4}', '\u{1f3f4}\u{e0041}', '𝐛', 'ﬁ'],
  ...[
    '%41',
    '%',
    '&#65;',
    '&a',
    '&amp',
    '\\u0041',
    '\\x41',
    '\\u{',
    '0x41 ',
    '41 ',
    '65, ',
    '01000001 ',
    '.- ',
    '-...- / ',
    'a b ',
    'a.b.',
    'a   ',
  ],
  ...[
    'V',
    'gur ',
    'naq ',
    'dna uoy ',
    'svool ',
    'p4ss',
    '3a',
    'a3 ',
    'A1b2C3d4E5f6G7h8I9j0',
    'ZXlKaGJHY2lPaUpJVXpJMU5pSjk\n',
    '4a4b4c4d4e4f5051525354',
  ],
  ...[
    'password=',
    'password is ',
    'password: "',
    'my_token = "abc1',
    'token token ',
    'api_key="a1b2c3"',
    'secret:',
    'pass pass ',
    'apikey\n',
    'xToken string = "',
  ],
  ...[
    'AKIA',
    'ghp_',
    'eyJhbGciOiJ.',
    'eyJ',
    'xoxb-1-',
    'sk-ant-api03-',
    'SG.a.',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN ',
    'PuTTY-User-Key-File-2',
    '://a:b@',
    '://a:',
    'curl -u a:',
    '$6$a$',
    '$argon2id$v=1$',
  ],
  ...[
    '4111 ',
    '4111-',
    '+49 30 ',
    '(1',
    '1.1.',
    'DE89 3704 ',
    'DE89',
    'AAAAAA00A00A',
    'phone: ',
    'ssn 1',
    'https://a/?q=',
    'https://xn--',
    '<img src=',
    '1 2 3 4 ',
  ],
];
const CANARIES = canaryBook(PUBLIC_TEST_KEY, { place: 'prompt' });
const STEPS: Record<string, (text: string) => unknown> = {
  findSignals,
  findOrders,
  takesOver,
  findAtoms,
  stems,
  fold,
  unhide,
  keysIn,
  normalise,
  secrets: (text) => findSecrets(text, 32),
  personal: (text) => findPersonal(text, 128),
  links: (text) => findLinks(text, 32),
  canaries: (text) => CANARIES.find(text, 'default', 1),
  shingles: fingerprinter(PUBLIC_TEST_KEY).shingles,
};

/** Processor time of the quickest of up to three runs: others on the machine do not count. */
function cost(work: () => unknown, enough: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3 && best > enough; run++) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}

const event = (input: Message[], output: Message[]): Event => ({
  id: 'e',
  time: 1,
  operation: 'chat',
  format: 'sample',
  tenant: 'default',
  status: 'ok',
  input,
  output,
  tools: [],
});

describe('hostile text', () => {
  for (const [name, step] of Object.entries(STEPS)) {
    it(`${name}: 64 KiB of anything repeated`, () => {
      for (const pump of PUMPS) {
        const repeated = (bytes: number) => pump.repeat(Math.ceil(bytes / pump.length));
        const part = repeated(16 * KIB);
        // Even a cubic step that takes this little for a quarter stays under the limit for the whole.
        if (cost(() => step(part), 0) < (LIMIT * NOISE) / 64) continue;
        const text = repeated(64 * KIB);
        const spent = cost(() => step(text), LIMIT);
        assert.ok(spent < LIMIT * NOISE, `${JSON.stringify(pump)} took ${Math.round(spent)} ms`);
      }
    });
  }

  it('a record with 256 KiB in the prompt, a result, an answer and an argument is scanned within a second', () => {
    for (const pump of ['a', 'send email to bob. ', 'ignore all ', '![a](https://aaaa?', 'İ']) {
      const text = pump.repeat(Math.ceil((256 * KIB) / pump.length));
      const record = event(
        [
          { role: 'user', text },
          { role: 'tool', toolCallId: 'c', text },
        ],
        [
          {
            role: 'assistant',
            text,
            toolCalls: [{ id: 'c', name: 'send_email', arguments: JSON.stringify({ text }) }],
          },
        ],
      );
      const spent = cost(() => createScanner(PUBLIC_TEST_KEY).scan(record), 1_000);
      assert.ok(spent < 1_000 * NOISE, `${JSON.stringify(pump)} took ${Math.round(spent)} ms`);
    }
  });

  it('many calls after many results full of orders cost no product of the two', () => {
    const results = Array.from({ length: 400 }, (_, r): Message => {
      return { role: 'tool', text: Array.from({ length: 64 }, (_, i) => `send w${r}x${i} q${i} now`).join('.\n') };
    });
    const call = (c: number) => ({
      id: `c${c}`,
      name: 'send_it',
      arguments: JSON.stringify(
        Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`k${i}`, `z${c}q${i} y${i} a${c}`])),
      ),
    });
    const record = event(results, [
      { role: 'assistant', text: '', toolCalls: Array.from({ length: 64 }, (_, c) => call(c)) },
    ]);
    const spent = cost(() => createScanner(PUBLIC_TEST_KEY).scan(record), 1_500);
    assert.ok(spent < 1_500 * NOISE, `took ${Math.round(spent)} ms`);
  });
});
