/** Whatever arrives, the state of one key of any installed detector stays under the bound that it declares. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { NO_PEERS } from '../../src/detect/parts/peers.ts';
import { loadDetectors } from '../../src/detect/registry.ts';
import type { Key } from '../../src/model/key.ts';
import { DETECTORS } from '../../src/replay.ts';
import { hostile, keyId, ofKey } from './hostile.ts';

const OBSERVATIONS = 1_500;

for (const { detector, params } of await loadDetectors(DETECTORS)) {
  for (const dimension of detector.keys) {
    it(`${detector.id}: state of one ${dimension} stays under ${detector.bound} bytes`, () => {
      const key: Key = { tenant: 'default', dimension, id: dimension === 'credential' ? keyId : 'one' };
      const state = detector.initial();
      let most = 0;
      for (let n = 1; n <= OBSERVATIONS; n++) {
        const one = ofKey(hostile(n, dimension), dimension, detector.id);
        detector.observe(one, state, { params, key, peers: NO_PEERS });
        if (n % 100 === 0) most = Math.max(most, Buffer.byteLength(JSON.stringify(state)));
      }
      assert.ok(most <= detector.bound, `${most} bytes`);
    });
  }
}
