/** Artefacts: secrets, personal data and links are found by what they are, and examples of them are not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import type { Event, Message } from '../../src/model/event.ts';
import { TextArtefacts } from '../../src/scan/artefacts/artefacts.ts';
import { findSecrets } from '../../src/scan/artefacts/find-secrets.ts';
import { findLinks } from '../../src/scan/artefacts/links.ts';
import { findPersonal } from '../../src/scan/artefacts/personal.ts';
import { canaryBook, canaryToken, weekOf } from '../../src/scan/canary.ts';
import { PUBLIC_TEST_KEY } from '../../src/scan/fingerprint.ts';
import { createScanner } from '../../src/scan/scan.ts';

/** The same every time, and like nothing that anybody issued. */
function random(
  length: number,
  alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  seed = 7,
): string {
  let state = seed;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    text += alphabet[(state >> 8) % alphabet.length];
  }
  return text;
}
const HEX = '0123456789abcdef';
const types = (text: string) => findSecrets(text, 16).map(({ type }) => type);
const personal = (text: string) => findPersonal(text, 16).map(({ type }) => type);
const links = (text: string) => findLinks(text, 16).map(({ type }) => type);

function base62(value: number): string {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  let text = '';
  for (let left = value; text.length < 6; left = Math.floor(left / 62)) text = digits[left % 62] + text;
  return text;
}

describe('secrets', () => {
  it('are known by their form, wherever they stand', () => {
    const forms: [string, string][] = [
      ['aws-access-key', `AKIA${random(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`],
      ['google-api-key', `AIza${random(35)}`],
      ['gitlab-token', `glpat-${random(20)}`],
      ['slack-token', `xoxb-${random(12, '0123456789')}-${random(24)}`],
      ['stripe-key', `sk_live_${random(24)}`],
      ['anthropic-key', `sk-ant-api03-${random(93)}`],
      ['llm-key', `sk-${random(40)}`],
      ['huggingface-token', `hf_${random(34, 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ')}`],
      ['sendgrid-key', `SG.${random(22)}.${random(43)}`],
      ['vault-token', `hvs.${random(90)}`],
      ['slack-webhook', `hooks.slack.com/services/T${random(10)}/B${random(10)}/${random(24)}`],
    ];
    for (const [type, key] of forms)
      for (const text of [key, `"${key}"`, `it is ${key}.`, `a\\n${key}\\n`, `x=${key}&y=1`, `<b>${key}</b>`])
        assert.deepEqual(types(text), [type], text);
  });

  it('are surer where the checksum fits', () => {
    const body = random(30);
    const [right, wrong] = [`ghp_${body}${base62(crc32(body))}`, `ghp_${body}${random(6)}`].map(
      (key) => findSecrets(key, 1)[0],
    );
    assert.ok((right?.confidence ?? 0) > 0.95 && (wrong?.confidence ?? 1) < 0.9);
  });

  it('are known by what names them', () => {
    const value = random(32);
    for (const text of [
      `api_key = "${value}"`,
      `"client_secret": "${value}"`,
      `export MY_SERVICE_TOKEN=${value}`,
      `accessToken := \`${value}\``,
      `<secretKey>${value}</secretKey>`,
      `System.setProperty("APP_SECRET", "${value}")`,
      `curl -H "Authorization: Bearer ${value}"`,
      `var serviceToken string = "${value}"`,
      'password: vK8#pLq2wZ',
      'The password is "vK8#pLq2wZ".',
      'DB_PASSWORD=vK8xpLq2wZ9',
      'postgres://app:vK8xpLq2wZ9@db.internal:5432/main',
      `-----BEGIN RSA PRIVATE KEY-----\n${random(64)}\n${random(64, undefined, 9)}\n-----END RSA PRIVATE KEY-----`,
      `root:$6$${random(8)}$${random(86)}:19000:0:99999:7:::`,
    ])
      assert.equal(types(text).length, 1, text);
  });

  it('are not examples, place-holders, names, hashes or code', () => {
    for (const text of [
      'AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      'password=<your-password> token: \u0024{TOKEN} secret = "changeme123"',
      'api_key = os.environ["API_KEY"]; const token = getToken(user.id);',
      'The password must have 12 characters. Token limit: 4096 tokens. Secret santa is on Monday.',
      `commit ${random(40, HEX)} and sha256:${random(64, HEX)}`,
      'id 123e4567-e89b-12d3-a456-426614174000 at node_modules/some-long-package-name/dist/index2.js',
      'public_key_path: "/etc/keys/service_public_key_2.pem"',
      'cache_key = "users:list:page:12:sorted"',
      'tok_1234567890abcdefghij sk-xxxxxxxxxxxxxxxxxxxxxxxx ghp_00000000000000000000000000000000000000',
      'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0.dozjgNryP4J3jVmNHl0w5N',
      '-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----',
      'https://user:password@example.com/ mysql://root:\u0024{PASS}@localhost',
    ])
      assert.deepEqual(types(text), [], text);
  });

  it('are found where they are encoded, with the span of the original', () => {
    const key = `glpat-${random(20)}`;
    const hidden = Buffer.from(`token ${key} end`).toString('base64');
    const text = `look: ${hidden}`;
    const [one] = new TextArtefacts(text).secrets;
    assert.deepEqual([one?.value, one?.decoded, text.slice(one?.start, one?.end)], [key, ['base64'], hidden]);
  });
});

describe('personal data', () => {
  it('is checked', () => {
    assert.deepEqual(personal('4556 7375 8689 9855, DE89 3704 0044 0532 0130 00, bob@acme-corp.io, +49 30 901820'), [
      'email',
      'card',
      'phone',
      'iban',
    ]);
    assert.deepEqual(personal('4556 7375 8689 9854, DE88 3704 0044 0532 0130 00, a@example.com, 1234567890123456'), []);
    assert.deepEqual(personal('CPF: 390.533.447-05; Aadhaar 2341 2341 2346; Steuer-ID 36574261809'), [
      'cpf-br',
      'aadhaar-in',
      'tax-id-de',
    ]);
    assert.deepEqual(personal('CPF: 390.533.447-06; order 39053344705; card 4111 1111 1111 1111; SSN 123-45-6789'), []);
  });
});

describe('links', () => {
  it('that carry data or lead to a drop are told from ordinary ones', () => {
    assert.deepEqual(links(`![x](https://a.example.net/i.png?d=${random(48)})`), ['image-data']);
    assert.deepEqual(
      links('https://webhook.site/abc http://45.77.1.2/x https://xn--pple-43d.com/ https://a.ngrok-free.app/'),
      ['drop-host', 'raw-address', 'punycode', 'drop-host'],
    );
    assert.deepEqual(
      links(
        'https://docs.example.org/guide?page=2&sort=asc ![logo](https://example.org/logo.png) http://127.0.0.1:80/',
      ),
      [],
    );
  });
});

describe('canaries', () => {
  const time = Date.UTC(2026, 8, 7);
  const book = canaryBook(PUBLIC_TEST_KEY, { 'hr/salaries': 'document' });
  const token = canaryToken(PUBLIC_TEST_KEY, 'default', 'hr/salaries', weekOf(time) - 52);

  it('are known for a year, by tenant, in any case, apart and backwards', () => {
    for (const text of [
      token,
      token.toUpperCase(),
      [...token].join(' '),
      [...token].reverse().join(''),
      `${token.slice(0, 9)}\n- ${token.slice(9)}`,
    ])
      assert.ok((book.find(text, 'default', time)[0]?.windows.length ?? 0) >= 15, text);
    assert.deepEqual(book.find(token, 'other', time), []);
    assert.deepEqual(book.find(token, 'default', time + 8 * 24 * 60 * 60 * 1_000), []);
    assert.notEqual(
      token,
      canaryToken(Buffer.from('another key of some length'), 'default', 'hr/salaries', weekOf(time) - 52),
    );
  });
});

describe('observations', () => {
  it('carry what and where, and nothing of the thing itself', () => {
    const key = `glpat-${random(20)}`;
    const input: Message[] = [
      { role: 'user', text: `Is ${key} mine?` },
      { role: 'assistant', text: '', toolCalls: [{ id: 'c1', name: 'read_file', arguments: '{}' }] },
      { role: 'tool', toolCallId: 'c1', text: `password = "vK8#pLq2wZ" card 4556737586899855` },
    ];
    const event: Event = {
      id: 'e',
      time: 1,
      operation: 'chat',
      format: 'sample',
      tenant: 'default',
      status: 'ok',
      input,
      output: [
        {
          role: 'assistant',
          text: `It is ${key}.`,
          toolCalls: [{ id: 'c2', name: 'send', arguments: JSON.stringify({ key }) }],
        },
      ],
      tools: [],
    };
    const observation = createScanner(PUBLIC_TEST_KEY).scan(event);
    assert.deepEqual(
      observation.artefacts?.map(({ kind, type, role, tool, argument }) => [kind, type, role, tool, argument]),
      [
        ['secret', 'password', 'tool', 'read_file', undefined],
        ['personal', 'card', 'tool', 'read_file', undefined],
        ['secret', 'gitlab-token', 'assistant', undefined, undefined],
        ['secret', 'gitlab-token', 'assistant', 'send', true],
      ],
    );
    const text = JSON.stringify(observation);
    for (const secret of [key, key.slice(6), 'vK8#pLq2wZ', '4556737586899855'])
      assert.ok(!text.includes(secret), secret);
  });
});
