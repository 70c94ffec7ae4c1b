/** Blind spot over weeks: an endpoint that falls silent is seen; nights, weekends, holidays, moves, outages and small endpoints are not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import detector from '../../detectors/blind-spot/detector.ts';
import { NO_PEERS } from '../../src/detect/parts/peers.ts';
import { observation } from './observations.ts';

const context = {
  params: detector.params.parse({}),
  key: { tenant: 'default', dimension: 'tenant' as const, id: 'default' },
  peers: NO_PEERS,
};
const HOUR = 60 * 60 * 1_000;
/** A Monday. */
const MONDAY = Date.UTC(2026, 8, 7);

type Rate = (day: number, hour: number, endpoint: string) => number;

/** Alerts of so many days; the rate is calls an hour. */
function play(days: number, rate: Rate, status: (day: number, endpoint: string) => 'ok' | 'error' = () => 'ok') {
  const state = detector.initial();
  const found: { title: string | undefined; severity: string | undefined; day: number }[] = [];
  for (let day = 0; day < days; day++)
    for (let hour = 0; hour < 24; hour++)
      for (let n = 0; n < 240; n++)
        for (const endpoint of ['a.example.com', 'b.example.com']) {
          const calls = rate(day, hour, endpoint);
          if ((n * calls) % 240 >= calls) continue;
          const time = MONDAY + (day * 24 + hour) * HOUR + n * 15_000 + (endpoint.startsWith('b') ? 1 : 0);
          const one = observation(`${time}`, time, {
            endpoint,
            agent: `agent-${n % 5}`,
            client: 'openai-node',
            status: status(day, endpoint),
          });
          for (const { title, severity, signal } of detector.observe(one, state, context))
            if (!signal) found.push({ title, severity, day });
        }
  assert.ok(Buffer.byteLength(JSON.stringify(state)) < detector.bound);
  return found;
}

const office: Rate = (day, hour) => (day % 7 > 4 ? 2 : hour >= 8 && hour < 18 ? 80 : 4);

describe('blind spot: silence', () => {
  it('sees an endpoint that falls silent on a third Tuesday', () => {
    const found = play(17, (day, hour, endpoint) =>
      day === 15 && endpoint.startsWith('b') ? 0 : office(day, hour, endpoint),
    );
    assert.deepEqual(found, [{ title: 'Endpoint fell silent while others go on', severity: 'low', day: 15 }]);
  });

  const quiet: [string, Rate][] = [
    ['nights and weekends', office],
    ['a holiday', (day, hour, endpoint) => (day === 15 ? 1 : office(day, hour, endpoint))],
    ['a log that stops for a day', (day, hour, endpoint) => (day === 15 ? 0 : office(day, hour, endpoint))],
    [
      'a small endpoint',
      (day, hour, endpoint) =>
        endpoint.startsWith('b')
          ? day === 15
            ? 0
            : Math.min(20, office(day, hour, endpoint))
          : office(day, hour, endpoint),
    ],
    [
      'a move',
      (day, hour, endpoint) =>
        day < 15 ? office(day, hour, endpoint) : endpoint.startsWith('b') ? 0 : 2 * office(day, hour, endpoint),
    ],
    [
      'two silent hours',
      (day, hour, endpoint) =>
        day === 15 && (hour === 9 || hour === 10) && endpoint.startsWith('b') ? 0 : office(day, hour, endpoint),
    ],
    [
      'the second week',
      (day, hour, endpoint) => (day === 8 && endpoint.startsWith('b') ? 0 : office(day, hour, endpoint)),
    ],
  ];
  for (const [name, rate] of quiet) it(`says nothing of ${name}`, () => assert.deepEqual(play(17, rate), []));

  it('says nothing of an outage with failures in the log', () =>
    assert.deepEqual(
      play(17, office, (day, endpoint) => (day === 15 && endpoint.startsWith('b') ? 'error' : 'ok')),
      [],
    ));
});
