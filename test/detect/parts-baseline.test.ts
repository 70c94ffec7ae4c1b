import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shrunk, usualOf } from '../../src/detect/parts/baseline.ts';
import { distanceKm } from '../../src/detect/parts/distance.ts';
import { templateOf } from '../../src/detect/parts/template.ts';

describe('shrunk', () => {
  const own = { median: 10, spread: 2, n: 8 };
  const peers = { median: 2, spread: 1, n: 100 };

  it('is the peers for a key without hours, half and half after 50, and the key itself in the end', () => {
    assert.deepEqual(shrunk(own, 0, peers), { median: 2, spread: 1, n: 8 });
    assert.deepEqual(shrunk(own, 50, peers), { median: 6, spread: 1.5, n: 8 });
    const old = shrunk(own, 5_000, peers);
    assert.ok(old && old.median > 9.9 && old.median < 10);
  });

  it('is whichever there is', () => {
    assert.equal(shrunk(own, 3, null), own);
    assert.equal(shrunk(null, 3, peers), peers);
    assert.equal(shrunk(null, 3, null), null);
    assert.equal(usualOf([]), null);
  });
});

it('distances are those of the globe', () => {
  assert.ok(Math.abs(distanceKm([52.52, 13.405], [40.7128, -74.006]) - 6_385) < 15, 'Berlin, New York');
  assert.equal(distanceKm([10, 20], [10, 20]), 0);
  assert.ok(Math.abs(distanceKm([0, 179.5], [0, -179.5]) - 111.2) < 1, 'over the date line');
});

it('templates leave out what is random and keep what is a name or a version', () => {
  const cases: Record<string, string> = {
    'job-7f3a91c2': 'job-*',
    search_8f3a2c91: 'search_*',
    'gpt-4o-2024-08-06': 'gpt-4o-*',
    'claude-sonnet-4-5-20250929': 'claude-sonnet-4-5-*',
    'o3-pro': 'o3-pro',
    'gemini-2.5-pro': 'gemini-2.5-pro',
    send_email_v2: 'send_email_v2',
    deadbeef: 'deadbeef',
    '/v1/files/file-00a1b2c3': '/v1/files/file-*',
    'task-0b6a1f0e-1b1b-4f0e-9c51-1a2b3c4d5e6f': 'task-*',
  };
  for (const [name, template] of Object.entries(cases)) assert.equal(templateOf(name), template, name);
});
