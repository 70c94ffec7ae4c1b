/** Peer tables: what they count, from when on it may be read, and that nothing depends on order, batches or restarts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { type Detector, defineDetector } from '../../src/detect/contract.ts';
import { begin, hashText } from '../../src/detect/peers/hash.ts';
import { PeerTables } from '../../src/detect/peers/peers.ts';
import { Engine } from '../../src/engine.ts';
import type { Observation } from '../../src/model/observation.ts';
import { observation } from './observations.ts';

const HOUR = 60 * 60 * 1_000;
const DAY = 24 * HOUR;
const MIDNIGHT = Date.UTC(2026, 8, 7);

const reporter = {
  id: 'test',
  peers: ({ principal, model, session, calls }: Observation) => [
    ...(principal !== undefined && model !== undefined ? [{ deed: `uses ${model}`, by: principal }] : []),
    ...calls.map(({ tool }) => ({ series: 'tools', group: session ?? '', item: tool })),
  ],
};

function use(n: number, time: number, more: Partial<Observation> = {}): Observation {
  return observation(`o${n}`, time, { principal: `p${n}`, model: 'm', ...more });
}

/** Doers of `uses m` as read at a time. */
function read(tables: PeerTables, time: number, team?: string, deed = 'uses m') {
  return tables.view(reporter, use(0, time, team === undefined ? {} : { team })).doers(deed);
}

it('a hash that was begun ends as the hash of the whole', () => {
  for (const [first, rest] of [
    ['', ''],
    ['a', ''],
    ['', 'b'],
    ['new-term ', 'agent tool x'],
  ] as const)
    assert.equal(hashText(rest, begin(first)), hashText(first + rest));
});

describe('peer tables', () => {
  it('count distinct doers, of the team and of the tenant', () => {
    const tables = new PeerTables([reporter]);
    for (let n = 0; n < 12; n++)
      for (const hour of [1, 9]) tables.observe(use(n, MIDNIGHT + hour * HOUR, { team: n < 5 ? 'red' : 'blue' }));
    tables.observe(use(99, MIDNIGHT + DAY + HOUR));
    const later = MIDNIGHT + DAY + 2 * HOUR;
    assert.deepEqual(read(tables, later, 'red'), { team: 5, tenant: 12 });
    assert.deepEqual(read(tables, later, 'blue'), { team: 7, tenant: 12 });
    assert.deepEqual(read(tables, later), { team: 0, tenant: 12 });
    assert.deepEqual(read(tables, later, 'red', 'uses other'), { team: 0, tenant: 0 });
  });

  it('a day is read from 01:00 of the next, and not a moment before', () => {
    const tables = new PeerTables([reporter]);
    tables.observe(use(1, MIDNIGHT + 23 * HOUR));
    tables.observe(use(2, MIDNIGHT + DAY + 5 * HOUR));
    assert.equal(read(tables, MIDNIGHT + DAY + HOUR - 1).tenant, 0);
    assert.equal(read(tables, MIDNIGHT + DAY + HOUR).tenant, 1);
    assert.equal(read(tables, MIDNIGHT + DAY + 6 * HOUR).tenant, 1, 'today does not count yet');
  });

  it('a record after that changes nothing that was read', () => {
    const tables = new PeerTables([reporter]);
    tables.observe(use(1, MIDNIGHT + 12 * HOUR));
    tables.observe(use(2, MIDNIGHT + DAY + HOUR));
    assert.equal(read(tables, MIDNIGHT + DAY + HOUR).tenant, 1);
    tables.observe(use(3, MIDNIGHT + 13 * HOUR));
    assert.equal(read(tables, MIDNIGHT + DAY + HOUR).tenant, 1);
  });

  it('forget what was last done more than 30 days ago', () => {
    const tables = new PeerTables([reporter]);
    tables.observe(use(1, MIDNIGHT));
    for (let day = 1; day < 35; day++) tables.observe(use(2, MIDNIGHT + day * DAY));
    assert.equal(read(tables, MIDNIGHT + 20 * DAY).tenant >= 1, true);
    assert.equal(read(tables, MIDNIGHT + 34 * DAY + 2 * HOUR).tenant, 1);
  });

  it('say how many distinct items the groups of peers have', () => {
    const tables = new PeerTables([reporter]);
    const call = (tool: string) => ({ tool }) as Observation['calls'][number];
    for (let n = 0; n < 25; n++)
      for (const tool of ['a', 'b', 'b', n === 0 ? 'c' : 'a'])
        tables.observe(use(n, MIDNIGHT + HOUR, { session: `s${n}`, calls: [call(tool)] }));
    tables.observe(use(99, MIDNIGHT + DAY + HOUR));
    const amounts = tables.view(reporter, use(0, MIDNIGHT + DAY + HOUR)).amounts('tools');
    assert.deepEqual(amounts.sort(), [...Array<number>(24).fill(2), 3]);
  });

  it('are the same whatever the order in which the records of a day come', () => {
    const day = Array.from({ length: 400 }, (_, n) =>
      use(n, MIDNIGHT + HOUR + n, { model: `m${n % 7}`, team: `t${n % 3}`, session: `s${n % 90}` }),
    );
    const snapshots = [day, [...day].reverse(), [...day].sort((a, b) => (a.id < b.id ? -1 : 1))].map((order) => {
      const tables = new PeerTables([reporter]);
      for (const one of order) tables.observe(one);
      tables.observe(use(0, MIDNIGHT + DAY + HOUR));
      return Array.from({ length: 7 }, (_, m) => read(tables, MIDNIGHT + DAY + HOUR, 't1', `uses m${m}`));
    });
    assert.deepEqual(snapshots[1], snapshots[0]);
    assert.deepEqual(snapshots[2], snapshots[0]);
  });

  it('estimate large counts within a third, and stay bounded under a flood by one', () => {
    const tables = new PeerTables([reporter]);
    for (let n = 0; n < 5_000; n++) tables.observe(use(n, MIDNIGHT + n));
    for (let n = 0; n < 50_000; n++) tables.observe(use(1, MIDNIGHT + n, { id: `f${n}`, model: `flood${n}` }));
    tables.observe(use(0, MIDNIGHT + DAY + HOUR));
    const { tenant } = read(tables, MIDNIGHT + DAY + HOUR);
    assert.ok(tenant > 3_300 && tenant < 6_700, String(tenant));
    assert.ok(JSON.stringify(tables.snapshot()).length < 4_000_000);
    assert.ok(read(tables, MIDNIGHT + DAY + HOUR, undefined, 'uses nothing').tenant <= 2, 'one doer adds one at most');
  });

  it('go on after a restart where they were', () => {
    const whole = new PeerTables([reporter]);
    let cut = new PeerTables([reporter]);
    for (let n = 0; n < 90; n++) {
      const one = use(n, MIDNIGHT + n * HOUR);
      whole.observe(one);
      cut.observe(one);
      const next = new PeerTables([reporter]);
      next.restore(JSON.parse(JSON.stringify(cut.snapshot())));
      cut = next;
    }
    assert.deepEqual(cut.snapshot(), whole.snapshot());
  });

  it('of tenants do not mix', () => {
    const tables = new PeerTables([reporter]);
    for (let n = 0; n < 9; n++) tables.observe(use(n, MIDNIGHT, { tenant: n < 3 ? 'a' : 'b' }));
    for (const tenant of ['a', 'b']) tables.observe(use(50, MIDNIGHT + DAY + HOUR, { tenant }));
    const of = (tenant: string) =>
      tables.view(reporter, use(0, MIDNIGHT + DAY + HOUR, { tenant })).doers('uses m').tenant;
    assert.deepEqual([of('a'), of('b')], [3, 6]);
  });

  it('what a detector says wrongly is its own loss', () => {
    const failed: string[] = [];
    const bad = {
      id: 'bad',
      peers: () => {
        throw new Error('no');
      },
    };
    const tables = new PeerTables([bad, reporter], (id) => failed.push(id));
    tables.observe(use(1, MIDNIGHT));
    tables.observe(use(2, MIDNIGHT + DAY + HOUR));
    assert.deepEqual(failed, ['bad', 'bad']);
    assert.equal(read(tables, MIDNIGHT + DAY + HOUR).tenant, 1);
  });
});

/** Says how many peers used the model, for every call. */
const curious = defineDetector<Record<string, never>, object>({
  id: 'curious',
  title: 'curious',
  class: 'behaviour',
  maturity: 'experimental',
  severity: 'low',
  techniques: ['T1078'],
  keys: ['principal'],
  params: z.strictObject({}),
  lookback: DAY,
  bound: 10,
  stateVersion: 1,
  initial: () => ({}),
  peers: reporter.peers,
  observe: (one, _state, { peers }) => [
    {
      about: one.id,
      confidence: 0.5,
      evidence: [
        { kind: 'peers', observed: String(peers.doers(`uses ${one.model}`).tenant), usual: null, quiet_if: null },
      ],
    },
  ],
}) as Detector;

it('an engine reads the same tables whatever the batches, the partitions, and restarts in between', () => {
  const log = Array.from({ length: 300 }, (_, n) =>
    use(n % 40, MIDNIGHT + n * 20 * 60_000, { id: `o${n}`, model: `m${n % 5}` }),
  );
  const run = (size: number, partitions: number, restart: boolean): string => {
    let engine = new Engine([{ detector: curious, params: {} }], 120_000);
    const final: unknown[] = [];
    const names = Array.from({ length: partitions }, (_, p) => `p${p}`);
    for (const name of names) engine.assign(name);
    for (let at = 0; at < log.length; at += size) {
      for (let p = 0; p < partitions; p++)
        engine.push(
          `p${p}`,
          log.slice(at, at + size).filter((_, n) => n % partitions === p),
          false,
        );
      final.push(...engine.takeFinal());
      if (!restart) continue;
      const next = new Engine([{ detector: curious, params: {} }], 120_000);
      for (const name of names) next.assign(name);
      next.restore(engine.snapshot());
      engine = next;
    }
    for (const name of names) engine.push(name, [], true);
    engine.finish();
    final.push(...engine.takeFinal());
    return JSON.stringify(
      (final as { event_ids: string[]; evidence: { observed: string }[] }[])
        .map((alert) => `${alert.event_ids.join()} ${alert.evidence[0]?.observed}`)
        .sort(),
    );
  };
  const once = run(300, 1, false);
  assert.match(once, /o299 8/);
  for (const [size, partitions, restart] of [
    [1, 1, false],
    [7, 1, true],
    [7, 3, false],
    [100, 3, true],
  ] as const)
    assert.equal(run(size, partitions, restart), once, `${size} ${partitions} ${restart}`);
});
