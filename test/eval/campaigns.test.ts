/** Campaigns: found in time, by record or own entity; false alerts; precision; oddities. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CampaignTruth, entityNames, lineTime, millis, TruthCheck } from '../../src/eval/campaign-truth.ts';
import { evaluateCampaigns, scoreCampaigns } from '../../src/eval/campaigns.ts';
import { CAMPAIGNS } from '../../src/simulate/campaigns/index.ts';
import { writeSimulation } from '../../src/simulate/write.ts';
import { alert, collect } from './helpers.ts';

const at = (clock: string): string => `2026-01-05T${clock}:00.000Z`;

const TRUTH: CampaignTruth = {
  campaigns: [
    {
      id: 'c1',
      type: 'fan',
      difficulty: 'easy',
      start: at('10:00'),
      end: at('11:00'),
      first_detectable_at: at('10:10'),
      entities: { session: ['s1'], principal: ['u1'] },
      record_ids: ['r1', 'r2'],
    },
    {
      id: 'c2',
      type: 'fan',
      difficulty: 'slow',
      start: at('12:00'),
      end: at('13:00'),
      first_detectable_at: at('12:00'),
      entities: ['session:s2', 'principal:u1'],
      record_ids: ['r3'],
    },
    { id: 'c3', type: 'walk', start: Date.parse(at('14:00')), end: Date.parse(at('15:00')) / 1000, record_ids: ['r4'] },
  ],
  benign_odd: [{ id: 'o1', type: 'deploy', entities: { agent: 'bot' }, record_ids: ['b1'] }],
};

test("found inside the time, by a malicious record or an entity that is the campaign's alone", () => {
  const { rows } = scoreCampaigns(
    TRUTH,
    [
      alert({ event_ids: ['r2'], '@timestamp': at('10:20') }),
      alert({ event_ids: ['r1'], '@timestamp': at('10:15'), detector: 'second' }),
      // Shared by two campaigns, so it tells nothing.
      alert({ entities: { principal: 'u1' }, '@timestamp': at('12:30') }),
      alert({ event_ids: ['r3'], severity: 'low', '@timestamp': at('12:30') }),
      alert({ event_ids: ['r4'], '@timestamp': at('15:01') }),
    ],
    1,
  );
  const by = Object.fromEntries(rows.map((r) => [r.group, r]));
  assert.deepEqual([by['campaign fan']?.n, by['campaign fan']?.flagged], [2, 1]);
  assert.equal(by['campaign fan / easy']?.flagged, 1);
  assert.equal(by['campaign fan / slow']?.flagged, 0);
  assert.equal(by['campaign walk']?.flagged, 0);
  assert.deepEqual(by['campaign fan']?.detectors, { second: 1, 'toxic-flow': 1 });
  assert.deepEqual(by['campaign fan']?.seconds_to_find, { median: 300, most: 300 });
  assert.equal(by['campaign walk']?.seconds_to_find, undefined);
});

test('its own session finds it; the first revision tells when', () => {
  const { rows } = scoreCampaigns(
    TRUTH,
    [
      alert({ id: 'a', entities: { session: 's2' }, '@timestamp': at('12:02') }),
      alert({ id: 'a', revision: 2, entities: { session: 's2' }, '@timestamp': at('12:50') }),
      alert({ event_ids: ['r4'], '@timestamp': at('15:00') }),
    ],
    1,
  );
  assert.equal(rows.find((r) => r.group === 'campaign fan')?.seconds_to_find?.median, 120);
  assert.equal(rows.find((r) => r.group === 'campaign walk')?.flagged, 1);
});

test('false alerts, precision, and the oddity that caused them', () => {
  const score = scoreCampaigns(
    TRUTH,
    [
      alert({ event_ids: ['r1'], '@timestamp': at('10:20') }),
      alert({ event_ids: ['r4'], '@timestamp': at('20:00') }),
      alert({ event_ids: ['b1'], entities: { agent: 'bot' }, detector: 'new-term' }),
      alert({ event_ids: ['zz'] }),
      alert({ event_ids: ['zz'], severity: 'low' }),
    ],
    4,
  );
  assert.equal(score.falsePerDay, 0.5);
  assert.equal(score.precision, 0.5);
  assert.deepEqual(score.rows.find((r) => r.group === 'benign deploy')?.detectors, { 'new-term': 1 });
  assert.deepEqual(
    score.worst.map((w) => `${w.kind} ${w.id}`),
    ['missed c2', 'missed c3', 'false-alarm o1'],
  );
});

test('false alerts are counted by detector and oddity, pages by incident', () => {
  const odd = {
    ...TRUTH,
    benign_odd: [
      { id: 'o1', type: 'deploy', record_ids: ['b1', 'b2'] },
      { id: 'o2', type: 'deploy', record_ids: ['b3'] },
    ],
  };
  const score = scoreCampaigns(
    odd,
    [
      alert({ event_ids: ['b1'], detector: 'new-term', incident_id: 'in_a' }),
      alert({ event_ids: ['b2'], detector: 'new-term', incident_id: 'in_a' }),
      alert({ event_ids: ['b2'], detector: 'tool-fan-out', incident_id: 'in_b' }),
      alert({ event_ids: ['zz'], detector: 'new-term', incident_id: 'in_c' }),
    ],
    2,
  );
  assert.deepEqual(score.falseByDetector, { 'new-term': 1.5, 'tool-fan-out': 0.5 });
  assert.deepEqual(score.falseByOddity, { deploy: 1.5 });
  assert.deepEqual(score.rows.find((r) => r.group === 'benign deploy')?.pages, { mean: 1, most: 2 });
});

test('all campaigns, and all of one difficulty, have rows of their own', () => {
  const { rows } = scoreCampaigns(TRUTH, [alert({ event_ids: ['r1'], '@timestamp': at('10:20') })], 1);
  const by = Object.fromEntries(rows.map((r) => [r.group, [r.n, r.flagged]]));
  assert.deepEqual(by['all campaigns'], [3, 1]);
  assert.deepEqual(by['all campaigns / easy'], [1, 1]);
  assert.deepEqual(by['all campaigns / slow'], [1, 0]);
});

test('a truth that does not agree with its log is told', () => {
  const check = new TruthCheck({
    campaigns: [
      {
        id: 'c1',
        type: 'x',
        start: at('10:00'),
        end: at('11:00'),
        first_detectable_at: at('10:30'),
        entities: { mail: ['m'] },
        record_ids: ['r1', 'gone'],
      },
      {
        id: 'c2',
        type: 'x',
        start: at('10:00'),
        end: at('11:00'),
        first_detectable_at: at('12:00'),
        entities: { mail: ['m'] },
        record_ids: ['r1'],
      },
    ],
    benign_odd: [{ id: 'o1', type: 'deploy', record_ids: ['r1', 'lost'] }],
  });
  check.line(`{"id":"r1","endTime":${Date.parse(at('10:05')) / 1000}}`);
  assert.deepEqual(check.problems(), [
    'c1: 1 of 2 records are not in the log, such as gone',
    'c1: first_detectable_at is not the time of its first record',
    'c2: shares the record r1 with c1',
    'c2: first_detectable_at lies outside its time',
    'c2: first_detectable_at is not the time of its first record',
    'o1: 1 of its records belong to c2',
    'o1: 1 records are not in the log, such as lost',
    'c1: does not own mail:m',
    'c2: does not own mail:m',
  ]);
});

test('times and entities in the forms that data uses', () => {
  assert.equal(millis('2026-01-05T10:00:00Z'), Date.UTC(2026, 0, 5, 10));
  assert.equal(millis(1_767_607_200), 1_767_607_200_000);
  assert.equal(millis(1_767_607_200_000), 1_767_607_200_000);
  assert.throws(() => millis('soon'), /not a time/);
  assert.deepEqual(entityNames({ session: ['a', 'b'], agent: 'c' }), ['session:a', 'session:b', 'agent:c']);
  assert.deepEqual(entityNames(undefined), []);
  assert.equal(lineTime('{"id":1,"startTime":1767607200.5,"endTime":1767607201}'), 1_767_607_200_500);
  assert.equal(lineTime('{"endTimeUnixNano":"1767607200500000000"}'), 1_767_607_200_500);
  assert.equal(lineTime('{"timestamp":"2026-01-05T10:00:00Z"}'), Date.UTC(2026, 0, 5, 10));
  assert.equal(lineTime('{"content":"said \\"timestamp\\": 5"}'), undefined);
});

test('a simulation is read back: a pipeline that knows all finds all, one that knows nothing finds nothing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'nightjar-camp-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const start = Date.UTC(2026, 8, 8);
  const written = await writeSimulation(folder, { seed: 2, days: 1, start, people: 10, agents: 6, scale: 0.2 });
  const { campaigns } = JSON.parse(await readFile(written.truth, 'utf8')) as CampaignTruth;
  const evil = new Set(campaigns.flatMap((c) => c.record_ids));
  const idOf = (r: Record<string, unknown>): string =>
    String(r.id ?? (r.request as { headers: Record<string, string> }).headers['x-request-id']);
  const endOf = (r: Record<string, unknown>): string =>
    typeof r.endTime === 'number'
      ? new Date(r.endTime * 1000).toISOString()
      : typeof r.start_time === 'number'
        ? new Date(r.start_time + (r.latency as number)).toISOString()
        : new Date(String(r.updated_at)).toISOString();
  const oracle = await evaluateCampaigns(folder, async (records) => {
    const all = await collect(records);
    assert.equal(all.length, written.records);
    return all.filter((r) => evil.has(idOf(r))).map((r) => alert({ event_ids: [idOf(r)], '@timestamp': endOf(r) }));
  });
  const types = oracle.rows.filter((r) => r.group.startsWith('campaign ') && !r.group.includes('/'));
  assert.equal(types.length, Object.keys(CAMPAIGNS).length);
  for (const r of types) {
    assert.equal(r.flagged, r.n);
    assert.equal(r.seconds_to_find?.median, 0);
  }
  assert.deepEqual([oracle.false_per_day, oracle.precision], [0, 1]);
  assert.deepEqual(oracle.truth_problems, []);
  const blind = await evaluateCampaigns(folder, async (records) => {
    await collect(records);
    return [alert({ event_ids: ['nothing'] })];
  });
  assert.ok(blind.rows.every((r) => r.flagged === 0));
  assert.ok(blind.worst.length >= Object.keys(CAMPAIGNS).length && blind.worst.every((m) => (m.path?.length ?? 0) > 0));
  assert.match((blind.notes ?? []).join('\n'), /missed runaway-agent-1 \((easy|medium|slow)\)\n {4}\d\d-\d\dT/);
  assert.ok((blind.false_per_day as number) > 0.8 && (blind.false_per_day as number) < 2);
});

test('what is missing is one clear line', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'nightjar-camp-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const none = async () => [];
  await assert.rejects(evaluateCampaigns(folder, none), /cannot read .*truth\.json/);
  await writeFile(join(folder, 'truth.json'), '{');
  await assert.rejects(evaluateCampaigns(folder, none), /not JSON/);
  await writeFile(join(folder, 'truth.json'), '{}');
  await assert.rejects(evaluateCampaigns(folder, none), /no list "campaigns"/);
  await writeFile(join(folder, 'truth.json'), '{"campaigns":[]}');
  await assert.rejects(
    evaluateCampaigns(folder, async (records) => {
      await collect(records);
      return [];
    }),
    /no logs\.jsonl\.gz/,
  );
});
