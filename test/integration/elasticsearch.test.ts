/** The Elasticsearch store on a real server: what is written is found, hostile documents are taken, nothing is written twice. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { openElasticsearchStore } from '../../src/deliver/elasticsearch/store.ts';
import type { Alert } from '../../src/model/finding.ts';
import { GiveUp, RetryLater, type Store } from '../../src/ports.ts';
import { anyAlert, sampleAlert, sampleIncident } from '../deliver/sample.ts';
import { need } from '../services/index.ts';
import { type ElasticsearchBench, openBench } from './elasticsearch-bench.ts';

/** The bench with its templates installed, closed and emptied after the test. */
async function open(t: TestContext): Promise<ElasticsearchBench | undefined> {
  const bench = await openBench(t);
  if (!bench) return undefined;
  t.after(async () => {
    await bench.store.close();
    await bench.end();
  });
  await bench.store.setup();
  return bench;
}

test('setup says what it changes, and changes nothing the second time', async (t) => {
  const servers = need(t, 'elasticsearch');
  if (!servers) return;
  const lines: string[] = [];
  const config = { node: servers.elasticsearch, namespace: 'unused' };
  const store = openElasticsearchStore(config, { notice: (line) => lines.push(line) });
  await store.setup();
  lines.length = 0;
  await store.setup();
  await store.close();
  assert.deepEqual(lines, []);
});

test('an alert comes back exactly, from the index of its month, and is searchable by ECS names', async (t) => {
  const bench = await open(t);
  if (!bench) return;
  const alert = sampleAlert();
  await bench.store.putAlert(alert);
  assert.deepEqual(await bench.store.getAlert(alert.id), alert);
  const query = {
    bool: {
      filter: [
        { term: { 'event.kind': 'alert' } },
        { term: { 'threat.technique.id': 'AML.T0086' } },
        { term: { tags: 'T1567' } },
        { term: { 'user.id': 'user-07' } },
        { term: { 'gen_ai.tool.name': 'send_email' } },
        { term: { 'server.address': 'llm.example.com' } },
        { term: { 'organization.id': 'default' } },
        { term: { 'rule.id': 'toxic-flow' } },
        { term: { 'nightjar.alert.evidence.kind': 'copied-destination' } },
        { range: { '@timestamp': { gte: '2026-11-23', lt: '2026-11-24' } } },
        { range: { 'event.risk_score': { gt: 60 } } },
        { match: { message: 'untrusted document' } },
      ],
    },
  };
  const found = await bench.client.search({ index: `nightjar-alerts-${bench.namespace}-2026.11`, query });
  assert.equal(found.hits.hits.length, 1);
  assert.equal(found.hits.hits[0]!._id, `${alert.id}.r1`);
  // The original is kept for rebuilding, and adds nothing to the index.
  assert.equal(
    (await bench.client.search({ query: { exists: { field: 'nightjar.alert_json' } } })).hits.hits.length,
    0,
  );
});

test('writing a revision again has no effect; the newest revision is what is found', async (t) => {
  const bench = await open(t);
  if (!bench) return;
  const first = sampleAlert({ severity: 'medium' });
  const second = sampleAlert({ severity: 'high', revision: 2, '@timestamp': '2026-12-01T00:00:00.000Z' });
  await bench.store.putAlert(second);
  await bench.store.putAlert(first);
  await bench.store.putAlert({ ...first, title: 'changed behind its back' });
  assert.deepEqual(await bench.store.getAlert(first.id), second);
  assert.deepEqual(await bench.store.findAlerts({}), [second]);
  assert.deepEqual(await bench.store.findAlerts({ severity: 'medium' }), []);
  assert.deepEqual(await bench.store.findAlerts({ severity: 'high', entity: 'principal:user-07' }), [second]);
  assert.deepEqual(await bench.store.findAlerts({ detector: 'other' }), []);
  const moved = sampleAlert({ revision: 3, entities: { ...first.entities, principal: 'user-08' } });
  await bench.store.putAlert(moved);
  assert.deepEqual(await bench.store.findAlerts({ entity: 'user-07' }), []);
  const all = await bench.client.search({ index: `nightjar-alerts-${bench.namespace}-*` });
  assert.equal(all.hits.hits.length, 3);
  assert.ok(!JSON.stringify(all).includes('changed behind its back'));
});

test('the newest come first, and no more than asked for', async (t) => {
  const bench = await open(t);
  if (!bench) return;
  const times = [3, 1, 5, 2, 4];
  await Promise.all(
    times.map((day) =>
      bench.store.putAlert(sampleAlert({ id: `al_${day}`, '@timestamp': `2026-11-0${day}T00:00:00.000Z` })),
    ),
  );
  const found = await bench.store.findAlerts({ limit: 3 });
  assert.deepEqual(
    found.map((alert) => alert.id),
    ['al_5', 'al_4', 'al_3'],
  );
});

test('before anything is written nothing is found and nothing fails', async (t) => {
  const bench = await open(t);
  if (!bench) return;
  assert.deepEqual(await bench.store.findAlerts({}), []);
  assert.equal(await bench.store.getAlert('al_none'), undefined);
  assert.equal(await bench.store.getIncident('in_none'), undefined);
});

test('an older version of an incident never replaces a newer one', async (t) => {
  const bench = await open(t);
  if (!bench) return;
  const version = (n: number) => sampleIncident({ version: n, alerts: n });
  await Promise.all([3, 1, 2].map((n) => bench.store.putIncident(version(n))));
  await bench.store.putIncident(version(2));
  assert.deepEqual(await bench.store.getIncident(version(1).id), version(3));
});

test('a repeated response record replaces its earlier form', async (t) => {
  const bench = await open(t);
  if (!bench) return;
  const step = { action: 'webhook', target: { kind: 'session', id: 's-1' } as const, reason: null, effect: 'e-1' };
  const record = {
    id: 'rs_1',
    '@timestamp': '2026-11-23T10:15:02.120Z',
    playbook: 'contain',
    alert_id: 'al_1',
    incident_id: 'in_1',
    mode: 'enforce' as const,
  };
  await bench.store.putResponse({ ...record, steps: [{ ...step, outcome: 'failed' }] });
  await bench.store.putResponse({ ...record, steps: [{ ...step, outcome: 'done' }] });
  const found = await bench.client.get({ index: `nightjar-responses-${bench.namespace}`, id: 'rs_1' });
  const { nightjar } = found._source as { nightjar: { response: { outcomes: string[]; targets: string[] } } };
  assert.deepEqual(nightjar.response.outcomes, ['done']);
  assert.deepEqual(nightjar.response.targets, ['session:s-1']);
});

test('no alert is too odd to be stored and to come back as it was', async (t) => {
  const bench = await open(t);
  if (!bench) return;
  let number = 0;
  await fc.assert(
    fc.asyncProperty(anyAlert, async (odd) => {
      const alert = { ...odd, id: `al_odd${number++}` };
      await bench.store.putAlert(alert);
      assert.deepEqual(await bench.store.getAlert(alert.id), alert);
    }),
    { numRuns: 30 },
  );
});

test('fields of the wrong type and times out of range are stored, in one index for all forged times', async (t) => {
  const bench = await open(t);
  if (!bench) return;
  const odd = [
    { '@timestamp': 'yesterday' },
    { '@timestamp': '+275760-09-13T00:00:00.000Z' },
    { '@timestamp': '0001-01-01T00:00:00.000Z' },
    { '@timestamp': 1763892902120, title: { a: [1] }, confidence: 'high', revision: 1.5 },
    { severity: 7, event_ids: 'one', evidence: 'none', techniques: [null, { x: 1 }], entities: null },
    { evidence: [null, 'text', { kind: ['a'], observed: { deep: true } }], stage: 3, final: 'yes' },
  ];
  for (const [number, change] of odd.entries()) {
    await bench.store.putAlert({ ...sampleAlert(), id: `al_wrong${number}`, ...change } as never);
  }
  assert.equal((await bench.store.findAlerts({})).length, odd.length);
  const indices = Object.keys(await bench.client.indices.get({ index: `nightjar-alerts-${bench.namespace}-*` })).sort();
  assert.deepEqual(indices, [
    `nightjar-alerts-${bench.namespace}-2025.11`,
    `nightjar-alerts-${bench.namespace}-2026.11`,
    `nightjar-alerts-${bench.namespace}-out-of-range`,
  ]);
});

/** Writes 300 alerts at once, of which one cannot be stored: that one gives up, and takes no other with it. */
async function oneOfMany(store: Store, change: (n: number) => Partial<Alert>, bad: number): Promise<void> {
  const writes = Array.from({ length: 300 }, (_, n) =>
    store.putAlert(sampleAlert({ id: `al_many${n}`, ...change(n) })),
  );
  const settled = await Promise.allSettled(writes);
  const failed = settled.flatMap((one, n) => (one.status === 'rejected' ? [{ n, reason: one.reason }] : []));
  assert.deepEqual(
    failed.map(({ n }) => n),
    [bad],
  );
  assert.ok(failed[0]!.reason instanceof GiveUp);
  assert.equal((await store.findAlerts({ limit: 1_000 })).length, 299);
}

test('one document that conflicts with a foreign mapping gives up alone', async (t) => {
  const bench = await open(t);
  if (!bench) return;
  const index = `nightjar-alerts-${bench.namespace}-2026.11`;
  const properties = { rule: { properties: { name: { type: 'long' as const } } } };
  await bench.client.indices.create({ index, mappings: { properties } });
  await oneOfMany(bench.store, (n) => ({ title: n === 77 ? 'no number' : '4' }), 77);
});

test('one document that makes the server refuse the whole request gives up alone', async (t) => {
  const bench = await open(t);
  if (!bench) return;
  await oneOfMany(bench.store, (n) => (n === 77 ? { id: 'x'.repeat(600) } : {}), 77);
});

test('a write block makes jobs wait, and they pass when it is lifted', async (t) => {
  const bench = await open(t);
  if (!bench) return;
  const index = `nightjar-alerts-${bench.namespace}-2026.11`;
  await bench.store.putAlert(sampleAlert());
  for (const block of ['read_only_allow_delete', 'write']) {
    await bench.client.indices.putSettings({ index, settings: { [`index.blocks.${block}`]: true } });
    await assert.rejects(bench.store.putAlert(sampleAlert({ revision: 2 })), (error) => {
      return error instanceof RetryLater && /blocks writes/.test(error.message);
    });
    await bench.client.indices.putSettings({ index, settings: { [`index.blocks.${block}`]: null } });
  }
  await bench.store.putAlert(sampleAlert({ revision: 2 }));
});
