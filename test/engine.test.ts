/** The engine: the same log gives the same final alerts, byte for byte, in any batches, from any partitions, across restarts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { loadDetectors } from '../src/detect/registry.ts';
import { Engine, type EngineHooks, type Installed, type Raised } from '../src/engine.ts';
import { decode } from '../src/format/decode.ts';
import type { Alert } from '../src/model/finding.ts';
import type { Observation } from '../src/model/observation.ts';
import { DETECTORS } from '../src/replay.ts';
import { PUBLIC_TEST_KEY } from '../src/scan/fingerprint.ts';
import { createScanner } from '../src/scan/scan.ts';
import { simulate } from '../src/simulate/simulate.ts';
import { detector, draft, observation, START } from './detect/observations.ts';
import { playEngine, type Way } from './engine-play.ts';

const LATENESS = 120_000;

function run(installed: Installed[], log: Observation[], way: Way, hooks: EngineHooks = {}): Alert[] {
  return playEngine(installed, LATENESS, log, way, hooks);
}

const installed = await loadDetectors(DETECTORS);
const log: Observation[] = [];
const scanner = createScanner(PUBLIC_TEST_KEY);
for (const { record } of simulate({
  seed: 11,
  days: 1,
  start: START - (START % 86_400_000),
  people: 12,
  agents: 4,
  scale: 0.3,
})) {
  if (log.length >= 2_500) break;
  const { events } = decode(Buffer.from(JSON.stringify(record)), { format: 'auto', tenant: 'default' });
  for (const event of events) log.push(scanner.scan(event));
}

describe('final alerts of a simulated log', () => {
  const expected = JSON.stringify(run(installed, log, { batch: 1_000, partitions: 1 }));

  it('are there', () => assert.ok(JSON.parse(expected).length > 0, `none in ${log.length} observations`));

  for (const batch of [7, 1_000])
    for (const partitions of [1, 3])
      it(`are the same in batches of ${batch} from ${partitions} partitions`, () =>
        assert.equal(JSON.stringify(run(installed, log, { batch, partitions })), expected));

  it('are the same one by one', () => {
    const few = log.slice(0, 600);
    const whole = JSON.stringify(run(installed, few, { batch: 1_000, partitions: 1 }));
    assert.equal(JSON.stringify(run(installed, few, { batch: 1, partitions: 3 })), whole);
  });

  it('are the same after restarts from snapshots', () => {
    for (const restarts of [new Set([3, 4, 11]), new Set([0, 7, 19, 20])])
      assert.equal(JSON.stringify(run(installed, log, { batch: 101, partitions: 3, restarts })), expected);
  });

  it('come with a snapshot of a sane size', () => {
    const engine = new Engine(installed, LATENESS);
    engine.push('p', log, true);
    const bytes = engine.snapshot().length;
    const plain = JSON.stringify(log).length;
    assert.ok(bytes < plain / 2, `${bytes} bytes for a log of ${plain}`);
  });
});

/** Fires on every third of a session, about something that depends on what came before it. */
const thirds = detector('thirds', (one, n) =>
  n % 3 === 0 ? [draft(`turn-${one.turn}`, { severity: n % 2 ? 'low' : 'high' })] : [],
);
const small: Installed[] = [{ detector: thirds, params: {} }];

describe('arrival out of order', () => {
  it('within the lateness gives the final alerts of the order of time', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            gap: fc.nat(90_000),
            session: fc.constantFrom('a', 'b'),
            turn: fc.nat(3),
            late: fc.nat(LATENESS),
          }),
          { minLength: 1, maxLength: 60 },
        ),
        fc.constantFrom(1, 7, 1_000),
        fc.nat(40),
        (entries, batch, restart) => {
          let time = START;
          const all = entries.map(({ gap, session, turn, late }, n) => {
            time += gap;
            return { one: observation(`o${n}`, time, { session, turn }), arrives: time + late };
          });
          const inOrder = all.map(({ one }) => one);
          const arrived = [...all].sort((a, b) => a.arrives - b.arrives).map(({ one }) => one);
          assert.deepEqual(
            run(small, arrived, { batch, partitions: 1, restarts: new Set([restart]) }),
            run(small, inOrder, { batch: 1_000, partitions: 1 }),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it('sends a changed alert under the same id and a higher revision', () => {
    const last = detector('last', (one, n) => [
      draft('x', { confidence: n / 100, eventIds: [], title: `${one.turn} before ${n}` }),
    ]);
    const engine = new Engine([{ detector: last, params: {} }], LATENESS);
    const sent: Raised[] = [];
    const push = (id: string, time: number) =>
      sent.push(...engine.push('p', [observation(id, time, { session: 's' })], true));
    push('b', START + 1_000);
    assert.deepEqual(
      sent.map(({ alert }) => [alert.revision, alert.confidence]),
      [[1, 0.01]],
    );
    push('a', START);
    engine.finish();
    const [final] = engine.takeFinal();
    assert.deepEqual([final?.event_ids, final?.final, final?.revision], [['a'], true, 1]);
  });
});

describe('repeated and hostile input', () => {
  it('evaluates a record once, also across a restart', () => {
    const every = detector('every', () => [draft('x')]);
    const repeated: string[] = [];
    const found: string[] = [];
    const hooks = { repeated: (one: Observation) => repeated.push(one.id), found: () => found.push('f') };
    const one = observation('o', START, { session: 's' });
    const engine = new Engine([{ detector: every, params: {} }], LATENESS, hooks);
    engine.push('p', [one, { ...one }], true);
    const restored = new Engine([{ detector: every, params: {} }], LATENESS, hooks);
    restored.restore(engine.snapshot());
    restored.push('p', [{ ...one }], true);
    assert.deepEqual([repeated, found], [['o', 'o'], ['f']]);
  });

  it('goes on with the other detectors when one throws, wherever', () => {
    const failed: string[] = [];
    const boom = () => {
      throw new TypeError('boom');
    };
    const good = detector('good', () => [draft('x')]);
    const engine = new Engine(
      [
        { detector: detector('throws', boom), params: {} },
        { detector: { ...detector('unsure', () => []), concerns: boom }, params: {} },
        { detector: detector('junk', () => [{ about: 'x', confidence: 7, evidence: [] }]), params: {} },
        { detector: detector('promise', (() => Promise.resolve([])) as never), params: {} },
        { detector: good, params: {} },
      ],
      LATENESS,
      { failed: (id) => failed.push(id) },
    );
    const raised = engine.push('p', [observation('o', START, { session: 's' })], true);
    assert.deepEqual(
      raised.map(({ alert }) => alert.detector),
      ['good'],
    );
    assert.deepEqual(failed.sort(), ['junk', 'promise', 'throws', 'unsure']);
  });

  it('drops the state of a detector of another version, and keeps the rest', () => {
    const counting = (id: string, version: number): Installed => ({
      detector: { ...detector(id, (_, n) => (n === 2 ? [draft('second')] : [])), stateVersion: version },
      params: {},
    });
    const engine = new Engine([counting('old', 1), counting('same', 1)], LATENESS);
    engine.push('p', [observation('a', START, { session: 's' })], true);
    const restored = new Engine([counting('old', 2), counting('same', 1)], LATENESS);
    restored.restore(engine.snapshot());
    const raised = restored.push('p', [observation('b', START + 1, { session: 's' })], true);
    assert.deepEqual(
      raised.map(({ alert }) => alert.detector),
      ['same'],
    );
  });
});
