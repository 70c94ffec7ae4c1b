/** All detectors that ship, on days with a campaign of every kind: the final alerts depend on the log alone. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shippedClassifier } from '../src/classifier.ts';
import { loadDetectors } from '../src/detect/registry.ts';
import { decode } from '../src/format/decode.ts';
import type { Alert } from '../src/model/finding.ts';
import type { Observation } from '../src/model/observation.ts';
import { DETECTORS } from '../src/replay.ts';
import { PUBLIC_TEST_KEY } from '../src/scan/fingerprint.ts';
import { createScanner } from '../src/scan/scan.ts';
import { CAMPAIGNS } from '../src/simulate/campaigns/index.ts';
import { simulate } from '../src/simulate/simulate.ts';
import { playEngine, type Way } from './engine-play.ts';

const LATENESS = 5 * 60 * 1_000;
const START = Date.UTC(2026, 8, 7);

const installed = await loadDetectors(DETECTORS);
const log: Observation[] = [];
const campaigns = new Set<string>();
const underOtherKey: Observation[] = [];
const classifier = shippedClassifier();
const scanner = createScanner(PUBLIC_TEST_KEY, { classifier });
const otherKey = createScanner(Buffer.from('another key of some length, and another'), { classifier });
for (const { record, truth } of simulate({
  seed: 5,
  days: 3,
  start: START,
  people: 12,
  agents: 5,
  scale: 0.1,
  campaigns: 1,
})) {
  if (truth !== undefined) campaigns.add(truth.replace(/-\d+$/, ''));
  const { events } = decode(Buffer.from(JSON.stringify(record)), { format: 'auto', tenant: 'default' });
  for (const event of events) {
    log.push(scanner.scan(event));
    underOtherKey.push(otherKey.scan(event));
  }
}

/** Every fifth record comes late, by up to almost the lateness; which ones, the seed says. */
function arrival(seed: number): Observation[] {
  let state = seed;
  const chance = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return log
    .map((one) => ({ one, at: one.time + (chance() < 0.2 ? chance() * 0.98 * LATENESS : 0) }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

const play = (observations: readonly Observation[], way: Way): Alert[] =>
  playEngine(installed, LATENESS, observations, way);

describe('final alerts of days with campaigns of every kind', () => {
  const expected = play(log, { batch: 1_000, partitions: 1 });

  it('have the same ids under another fingerprint key', () => {
    const idsOf = (alerts: readonly Alert[]) => alerts.map(({ id, incident_id }) => `${id} ${incident_id}`).sort();
    assert.deepEqual(idsOf(play(underOtherKey, { batch: 1_000, partitions: 1 })), idsOf(expected));
  });

  it('are there, from many detectors', () => {
    assert.deepEqual([...campaigns].sort(), Object.keys(CAMPAIGNS).sort());
    const detectors = new Set(expected.map(({ detector }) => detector));
    assert.ok(detectors.size >= 10, [...detectors].join(', '));
  });

  const ways: [string, () => readonly Observation[], Way][] = [
    ['in batches of 7 from 3 partitions', () => log, { batch: 7, partitions: 3 }],
    ['one by one from one partition, arriving late', () => arrival(1), { batch: 1, partitions: 1 }],
    [
      'from 3 partitions, arriving late, with restarts',
      () => arrival(2),
      { batch: 50, partitions: 3, restarts: new Set([5, 6, 20, 31]) },
    ],
    [
      'in batches of 1,000, arriving late, with a restart',
      () => arrival(3),
      { batch: 1_000, partitions: 1, restarts: new Set([1]) },
    ],
  ];
  for (const [name, observations, way] of ways)
    it(`are the same ${name}`, () => assert.deepEqual(play(observations(), way), expected));
});
