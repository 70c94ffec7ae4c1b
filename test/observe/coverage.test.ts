import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coverageText } from '../../src/commands/coverage.ts';
import { CoverageLedger, withoutIds } from '../../src/observe/coverage.ts';
import { serveHealth } from '../../src/observe/health.ts';
import { createMetrics } from '../../src/observe/metrics.ts';

const call = (
  route: string | undefined,
  coverage: Partial<Record<'content' | 'identity' | 'tools', boolean>> = {},
) => ({
  format: 'litellm',
  operation: 'chat' as const,
  ...(route === undefined ? {} : { route }),
  coverage: { content: false, identity: false, tools: false, ...coverage },
});

describe('coverage ledger', () => {
  it('counts per source, and per format, operation and route', () => {
    const ledger = new CoverageLedger((partition) => partition.replace(/\/\d+$/, ''));
    ledger.observed('calls/0', call('/v1/chat', { content: true, identity: true, tools: true }));
    ledger.observed('calls/1', call('/v1/chat', { content: true }));
    ledger.observed('calls/1', call(undefined, { identity: true }));
    ledger.notCalls('calls/1', 3);
    ledger.notCalls('silent/0', 0);
    ledger.deadLetter('calls/0');
    ledger.deadLetter('broken/0');
    const shape = { format: 'litellm', operation: 'chat' };
    assert.deepEqual(ledger.report().sources, [
      {
        ...{ source: 'calls', calls: 3, content: 2, identity: 2, tools: 1 },
        ...{ unattributed: 1, not_calls: 3, dead_letters: 1 },
        shapes: [
          { ...shape, route: '/v1/chat', calls: 2, content: 2, identity: 1, tools: 1 },
          { ...shape, route: null, calls: 1, content: 0, identity: 1, tools: 0 },
        ],
      },
      {
        ...{ source: 'broken', calls: 0, content: 0, identity: 0, tools: 0 },
        ...{ unattributed: 0, not_calls: 0, dead_letters: 1, shapes: [] },
      },
    ]);
  });

  it('stays bounded whatever a log says, and loses no call', () => {
    const ledger = new CoverageLedger();
    for (let i = 0; i < 5_000; i++)
      ledger.observed(
        `source-${i % 300}`,
        call(`/${[...String(i)].map((digit) => 'abcdefghij'[Number(digit)]).join('')}`),
      );
    const { sources } = ledger.report();
    const shapes = sources.flatMap((source) => source.shapes);
    assert.equal(sources.length, 100);
    assert.ok(sources.some(({ source }) => source === '(others)'));
    assert.ok(shapes.length <= 500 + sources.length, String(shapes.length));
    assert.ok(shapes.some(({ format }) => format === '(others)'));
    for (const list of [sources, shapes])
      assert.equal(
        list.reduce((sum, { calls }) => sum + calls, 0),
        5_000,
      );
  });

  it('gives a copy: what is counted later does not change a report', () => {
    const ledger = new CoverageLedger();
    ledger.observed('a', call('/x'));
    const { sources } = ledger.report();
    ledger.observed('a', call('/x'));
    assert.equal(sources[0]?.shapes[0]?.calls, 1);
  });

  const routes: [string, string][] = [
    ['/v1/chat/completions', '/v1/chat/completions'],
    ['/v1beta/models', '/v1beta/models'],
    ['/v1/threads/thread_abc123/runs', '/v1/threads/{id}/runs'],
    ['/users/42', '/users/{id}'],
    [`/files/${'x'.repeat(33)}`, '/files/{id}'],
    ['/a/b/c/d/e/f/g/h', '/a/b/c/d/e'],
    ['/', '/'],
  ];
  for (const [path, route] of routes) it(`${path} is ${route}`, () => assert.equal(withoutIds(path), route));

  it('is a table for people', () => {
    const ledger = new CoverageLedger();
    ledger.observed('day.jsonl', call('/v1/chat', { content: true, identity: true }));
    ledger.observed('day.jsonl', call(undefined, { content: true }));
    ledger.deadLetter('day.jsonl');
    assert.equal(
      coverageText(ledger.report()),
      [
        'day.jsonl',
        '  format   operation  route     calls  content  identity  tools',
        '  litellm  chat       /v1/chat      1    100 %     100 %    0 %',
        '  litellm  chat       -             1    100 %       0 %    0 %',
        '  all                               2    100 %      50 %    0 %',
        '1 calls without a caller, 0 parts that are no calls, 1 records that could not be evaluated',
        '',
      ].join('\n'),
    );
    assert.equal(coverageText({ sources: [] }), 'no records\n');
  });
});

describe('the running service', () => {
  it('answers its coverage as JSON to this machine', async (t) => {
    const ledger = new CoverageLedger();
    ledger.observed('intake', call('/v1/chat'));
    const health = await serveHealth(
      { host: '127.0.0.1', port: 0 },
      () => ({ alive: true, ready: true, parts: {} }),
      createMetrics(),
      async () => undefined,
      () => ledger.report(),
    );
    t.after(() => health.close());
    const answer = await fetch(`${health.url}/coverage`);
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), ledger.report());
    assert.equal((await fetch(`${health.url}/coverage`, { method: 'POST' })).status, 405);
    const metrics = await (await fetch(`${health.url}/metrics`)).text();
    assert.match(metrics, /nightjar_unattributed_events_total/);
    assert.match(metrics, /nightjar_covered_events_total/);
  });
});
