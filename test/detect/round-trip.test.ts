/** A state is what JSON makes of it: a detector that is restarted in the middle of its samples goes on as if it had not been. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import type { Detector } from '../../src/detect/contract.ts';
import { loadDetectors } from '../../src/detect/registry.ts';
import { DETECTORS } from '../../src/replay.ts';
import { play, readSamples } from '../../src/samples.ts';

/** Inputs between two looks at a state. */
const EVERY = 16;

/** The same detector; looks whether its states are plain JSON, undefined, infinite and negative zeros included. */
function watched(detector: Detector): { detector: Detector; look(): void } {
  const states = new Map<string, unknown>();
  const look = (state: unknown) => assert.deepStrictEqual(JSON.parse(JSON.stringify(state)), state);
  let n = 0;
  return {
    detector: {
      ...detector,
      observe(observation, state, context) {
        const drafts = detector.observe(observation, state, context);
        states.set(`${context.key.dimension} ${context.key.id}`, state);
        if (++n % EVERY === 0) look(state);
        return drafts;
      },
    },
    look: () => states.forEach(look),
  };
}

for (const { detector, params } of await loadDetectors(DETECTORS))
  it(`${detector.id}: its states are plain JSON after each sample`, () => {
    for (const sample of readSamples(join(DETECTORS, detector.id))) {
      const { detector: seen, look } = watched(detector);
      play(sample, { detector: seen, params });
      look();
    }
  });
