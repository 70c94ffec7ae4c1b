/** Origins: who belongs to a key and who is a stranger. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { arrive, newOrigins, type Origins } from '../../src/detect/parts/origins.ts';

const DAY = 24 * 60 * 60 * 1_000;

function known(): Origins {
  const origins = newOrigins();
  for (let day = 0; day < 4; day++) arrive(origins, { time: day * DAY, network: 'home', client: 'chat' });
  return origins;
}

it('nobody is a stranger in the first three active days', () => {
  const origins = newOrigins();
  for (let day = 0; day < 3; day++)
    assert.deepEqual(arrive(origins, { time: day * DAY, network: `n${day}`, client: `c${day}` }), {
      network: false,
      client: false,
      early: day > 0,
    });
});

it('whoever comes after the first day with another program from another network is early, not yet a stranger', () => {
  const origins = newOrigins();
  arrive(origins, { time: 0, network: 'home', client: 'chat' });
  assert.equal(arrive(origins, { time: 1, network: 'away', client: 'script' }).early, false);
  assert.equal(arrive(origins, { time: DAY, network: 'cafe', client: 'chat' }).early, false);
  assert.equal(arrive(origins, { time: DAY, network: 'cafe', client: 'bot' }).early, true);
});

it('those of the first days belong, a newcomer does not', () => {
  const origins = known();
  assert.deepEqual(arrive(origins, { time: 4 * DAY, network: 'home', client: 'chat' }), {
    network: false,
    client: false,
    early: false,
  });
  assert.deepEqual(arrive(origins, { time: 4 * DAY, network: 'away', client: 'chat' }), {
    network: true,
    client: false,
    early: false,
  });
});

it('a stranger stays one until it has been there on three days, however often it calls', () => {
  const origins = known();
  for (let n = 0; n < 500; n++)
    assert.equal(arrive(origins, { time: 4 * DAY + n, network: 'away', client: 'chat' }).network, true);
  for (const day of [5, 6])
    assert.equal(arrive(origins, { time: day * DAY, network: 'away', client: 'chat' }).network, true);
  assert.equal(arrive(origins, { time: 7 * DAY, network: 'away', client: 'chat' }).network, false);
});

it('one visit in the first days is not enough to belong, two are', () => {
  const origins = newOrigins();
  arrive(origins, { time: 0, network: 'home' });
  arrive(origins, { time: DAY, network: 'once' });
  for (const day of [1, 2]) arrive(origins, { time: day * DAY, network: 'twice' });
  assert.equal(arrive(origins, { time: 3 * DAY, network: 'once' }).network, true);
  assert.equal(arrive(origins, { time: 3 * DAY, network: 'twice' }).network, false);
});

it('a name that finds no room counts as just met', () => {
  const origins = newOrigins();
  for (let n = 0; n < 100; n++) arrive(origins, { time: 10 * DAY + n, network: `n${n}` });
  assert.equal(arrive(origins, { time: 5 * DAY, network: 'late' }).network, false);
});

it('says nothing about what the log does not tell', () => {
  assert.deepEqual(arrive(known(), { time: 4 * DAY }), { network: false, client: false, early: false });
});

it('stays bounded and finds names that it must clip', () => {
  const origins = known();
  for (let n = 0; n < 10_000; n++)
    arrive(origins, { time: 4 * DAY + n, network: `n${n}`, client: 'y'.repeat(5_000) + n });
  assert.ok(JSON.stringify(origins).length < 16_384);
  const long = newOrigins();
  for (let day = 0; day < 5; day++)
    assert.equal(arrive(long, { time: day * DAY, network: 'z'.repeat(5_000) }).network, false);
});

it('is plain JSON', () => {
  const origins = known();
  assert.deepEqual(JSON.parse(JSON.stringify(origins)), origins);
});
