/** Databases of addresses: read in the spellings of those who make them, and never in the way of a record. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { loadGeo } from '../../src/enrich/geo.ts';
import { loadInventory } from '../../src/enrich/inventory.ts';
import { NightjarError } from '../../src/errors.ts';
import type { Event } from '../../src/model/event.ts';
import { PUBLIC_TEST_KEY } from '../../src/scan/fingerprint.ts';
import { createScanner } from '../../src/scan/scan.ts';
import { tempFolder } from '../support/nightjar.ts';
import { mmdb, v4 } from './mmdb.ts';

const event = (clientAddress: string): Event => ({
  id: 'e1',
  time: 1_788_775_200_000,
  operation: 'chat',
  format: 'test',
  tenant: 'default',
  status: 'ok',
  clientAddress,
  input: [],
  output: [],
  tools: [],
});

function write(t: { after(fn: () => void): void }, bytes: Buffer, name = 'geo.mmdb'): string {
  const file = join(tempFolder(t), name);
  writeFileSync(file, bytes);
  return file;
}

it('reads the spellings of GeoLite2, ip-location-db and IPinfo', (t) => {
  const file = write(
    t,
    mmdb(4, [
      [
        v4('198.51.100.0/24'),
        {
          country: { iso_code: 'DE', names: { en: 'Germany' } },
          location: { latitude: { double: 52.52 }, longitude: { double: 13.4 } },
        },
      ],
      [v4('203.0.113.0/25'), { country_code: 'US', autonomous_system_number: 64_500 }],
      [v4('203.0.113.128/25'), { country: 'FR', asn: 'AS64501', as_name: 'Example' }],
      [v4('192.0.2.0/24'), { city: 'nowhere' }],
    ]),
  );
  const { table, name } = loadGeo('inventory.geoFile', file);
  assert.equal(name, 'test of 2026-09-07');
  assert.deepEqual(table.find('198.51.100.7:5000'), { country: 'DE', at: [52.52, 13.4] });
  assert.deepEqual(table.find('203.0.113.5'), { country: 'US', asn: 64_500 });
  assert.deepEqual(table.find('::ffff:203.0.113.200'), { country: 'FR', asn: 64_501 });
  for (const unknown of ['192.0.2.1', '10.0.0.1', '2001:db8::1', 'not an address', ''])
    assert.equal(table.find(unknown), undefined, unknown);
});

it('finds IPv6 addresses', (t) => {
  const bits = `${'2001'}${'0db8'}`
    .split('')
    .map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0'))
    .join('');
  const { table } = loadGeo('inventory.geoFile', write(t, mmdb(6, [[bits, { country_code: 'NL' }]])));
  assert.deepEqual(table.find('[2001:db8:1::5]:443'), { country: 'NL' });
  assert.equal(table.find('2001:db9::1'), undefined);
});

it('puts both files together into the place of an observation', (t) => {
  const geoFile = write(t, mmdb(4, [[v4('198.51.100.0/24'), { country_code: 'DE' }]]));
  const asnFile = write(t, mmdb(4, [[v4('198.51.0.0/16'), { autonomous_system_number: 64_500 }]]));
  const inventory = loadInventory({ geoFile, asnFile });
  assert.deepEqual(inventory.sizes(), { geo: 1, asn: 1 });
  const enriched = inventory.enrich(event('198.51.100.7'));
  assert.deepEqual(enriched.place, { country: 'DE', asn: 64_500 });
  assert.deepEqual(createScanner(PUBLIC_TEST_KEY).scan(enriched).place, { country: 'DE', asn: 64_500 });
  assert.deepEqual(inventory.enrich(event('198.51.7.7')).place, { asn: 64_500 });
  const unknown = event('192.0.2.1');
  assert.equal(inventory.enrich(unknown), unknown);
});

it('refuses a file that is none, naming setting and file', (t) => {
  const file = write(t, Buffer.from('country,code\n'), 'geo.csv');
  for (const [config, name] of [
    [{ geoFile: file }, 'inventory.geoFile'],
    [{ asnFile: `${file}.gone` }, 'inventory.asnFile'],
  ] as const)
    assert.throws(
      () => loadInventory(config),
      (error) => error instanceof NightjarError && error.code === 'NJ_CONFIG' && error.message.includes(name),
    );
});

it('a damaged file loses addresses, not records', (t) => {
  const bytes = mmdb(4, [[v4('198.51.100.0/24'), { country_code: 'DE' }]]);
  bytes.fill(0xff, bytes.indexOf('country_code') - 2, bytes.indexOf('country_code') + 6);
  const { table } = loadGeo('inventory.geoFile', write(t, bytes));
  assert.equal(table.find('198.51.100.7'), undefined);
});
