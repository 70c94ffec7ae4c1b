import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseAddress, parseRange, type Range } from '../../src/enrich/address.ts';
import { NetworkTable } from '../../src/enrich/networks.ts';

const range = (text: string): Range => {
  const parsed = parseRange(text);
  assert.ok(typeof parsed !== 'string', `${text} ${parsed}`);
  return parsed;
};
const table = (...texts: string[]) =>
  new NetworkTable(texts.map((text) => ({ range: range(text), network: { name: text, kind: undefined } })));

describe('addresses', () => {
  const same: [string, string][] = [
    ['192.0.2.7', '192.0.2.7:4433'],
    ['192.0.2.7', '::ffff:192.0.2.7'],
    ['192.0.2.7', '::ffff:c000:207'],
    ['192.0.2.7', '[::ffff:192.0.2.7]:80'],
    ['2001:db8::1', '[2001:db8::1]:443'],
    ['2001:db8::1', '2001:0DB8:0:0:0:0:0:1'],
    ['fe80::1', 'fe80::1%eth0'],
    ['64:ff9b::c000:207', '64:ff9b::192.0.2.7'],
  ];
  for (const [plain, written] of same)
    it(`${written} is ${plain}`, () => assert.deepEqual(parseAddress(written), parseAddress(plain)));

  for (const text of ['', 'localhost', '192.0.2', '192.0.2.256', '192.0.2.***', '[', '[]', '::1::', '1'.repeat(10_000)])
    it(`${text.slice(0, 20) || 'nothing'} is none`, () => assert.equal(parseAddress(text), undefined));
});

describe('ranges', () => {
  const wrong: [string, RegExp][] = [
    ['192.0.2.1/24', /bits set behind/],
    ['192.0.2.0/33', /prefix length from 0 to 32/],
    ['192.0.2.0/', /prefix length/],
    ['192.0.2.0/-1', /prefix length/],
    ['2001:db8::/129', /prefix length from 0 to 128/],
    ['::ffff:192.0.2.0/24', /prefix length from 96 to 128/],
    ['192.0.2.0:80/24', /no address range/],
    ['office', /no address range/],
  ];
  for (const [text, reason] of wrong) it(`${text} is refused`, () => assert.match(String(parseRange(text)), reason));

  it('takes one address as a range of itself', () => assert.equal(range('192.0.2.9').prefix, 32));
  it('reads mapped ranges as IPv4', () => assert.deepEqual(range('::ffff:192.0.2.0/120'), range('192.0.2.0/24')));
});

describe('networks', () => {
  it('gives the narrowest range, up to both of its ends', () => {
    const networks = table('0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '10.1.2.3/32', '2001:db8::/32', '2001:db8:1::/48');
    const expected: [string, string | undefined][] = [
      ['9.255.255.255', '0.0.0.0/0'],
      ['10.0.0.0', '10.0.0.0/8'],
      ['10.255.255.255', '10.0.0.0/8'],
      ['10.1.0.0', '10.1.0.0/16'],
      ['10.1.255.255', '10.1.0.0/16'],
      ['10.1.2.3', '10.1.2.3/32'],
      ['255.255.255.255', '0.0.0.0/0'],
      ['2001:db8:1:ffff::', '2001:db8:1::/48'],
      ['2001:db8:2::', '2001:db8::/32'],
      ['2001:db9::', undefined],
    ];
    for (const [address, name] of expected) assert.equal(networks.find(address)?.name, name, address);
  });

  it('finds what a search through all ranges finds', () => {
    const v4 = fc.tuple(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 16, max: 32 })).map(([low, prefix]) => {
      const bits = (0xc0000000 + low) & (prefix === 0 ? 0 : -1 << (32 - prefix));
      return `${[24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.')}/${prefix}`;
    });
    fc.assert(
      fc.property(fc.uniqueArray(v4, { maxLength: 20 }), fc.integer({ min: 0, max: 0xffff }), (texts, low) => {
        const address = `192.0.${low >> 8}.${low & 255}`;
        const bits = BigInt(0xc0000000 + low);
        const holding = texts
          .map(range)
          .filter((one) => bits >> BigInt(32 - one.prefix) === one.bits >> BigInt(32 - one.prefix))
          .sort((a, b) => b.prefix - a.prefix);
        const name = table(...texts).find(address)?.name;
        assert.equal(name === undefined ? undefined : range(name).prefix, holding[0]?.prefix);
      }),
    );
  });
});
