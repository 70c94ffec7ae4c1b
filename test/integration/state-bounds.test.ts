/**
 * The state of one key after very many events, hostile and ordinary in turn: it stays under the bound that its detector declares.
 * 10,000 events by default, as many as NIGHTJAR_BOUND_EVENTS says: 1000000 takes more than an hour.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { NO_PEERS } from '../../src/detect/parts/peers.ts';
import { loadDetectors } from '../../src/detect/registry.ts';
import { decode } from '../../src/format/decode.ts';
import type { Dimension, Key } from '../../src/model/key.ts';
import { DIMENSIONS } from '../../src/model/key.ts';
import type { Observation } from '../../src/model/observation.ts';
import { DETECTORS } from '../../src/replay.ts';
import { PUBLIC_TEST_KEY } from '../../src/scan/fingerprint.ts';
import { createScanner } from '../../src/scan/scan.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { hostile, keyId, ofKey } from '../detect/hostile.ts';
import { START } from '../detect/observations.ts';

const EVENTS = Number(process.env.NIGHTJAR_BOUND_EVENTS ?? 10_000);
/** Times that each state is measured on the way. */
const LOOKS = 40;
const STEP_MS = 700;

const installed = await loadDetectors(DETECTORS);
const ordinary = simulatedCalls();

/** Calls of an ordinary day, played again and again under new ids. */
function simulatedCalls(): Observation[] {
  const scanner = createScanner(PUBLIC_TEST_KEY);
  const calls: Observation[] = [];
  for (const { record } of simulate({ seed: 3, days: 1, start: START, people: 12, agents: 5, scale: 0.2 }))
    for (const event of decode(Buffer.from(JSON.stringify(record)), { format: 'auto', tenant: 'default' }).events)
      calls.push(scanner.scan(event));
  return calls;
}

function eventOf(n: number, dimension: Dimension): Observation {
  if (n % 2 === 0) return hostile(n, dimension, false);
  const time = START + n * STEP_MS;
  const one = ordinary[(n * 7) % ordinary.length] as Observation;
  return { ...one, id: `ordinary-${n}`, time, ...(dimension === 'credential' && { credential: keyId }) };
}

it(`no state of one key outgrows its bound in ${EVENTS} events`, (t) => {
  const runs = installed.flatMap(({ detector, params }) =>
    detector.keys.map((dimension) => {
      const key: Key = { tenant: 'default', dimension, id: dimension === 'credential' ? keyId : 'one' };
      return { detector, params, key, state: detector.initial(), most: 0 };
    }),
  );
  for (let n = 1; n <= EVENTS; n++) {
    const events = new Map(DIMENSIONS.map((dimension) => [dimension, eventOf(n, dimension)]));
    for (const run of runs) {
      const { detector, params, key, state } = run;
      const one = ofKey(events.get(key.dimension) as Observation, key.dimension, detector.id);
      detector.observe(one, state, { params, key, peers: NO_PEERS });
      if (n % Math.ceil(EVENTS / LOOKS) === 0 || n === EVENTS)
        run.most = Math.max(run.most, Buffer.byteLength(JSON.stringify(state)));
    }
  }
  for (const { detector, key, most } of runs) {
    t.diagnostic(`${detector.id} ${key.dimension}: ${most} of ${detector.bound} bytes`);
    assert.ok(most <= detector.bound, `${detector.id} ${key.dimension}: ${most} of ${detector.bound} bytes`);
  }
});
