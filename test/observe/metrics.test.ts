/** Metrics whose labels come from outside have few values all the same. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createMetrics, showLag } from '../../src/observe/metrics.ts';

const lagOf = async (metrics: ReturnType<typeof createMetrics>) =>
  new Map((await metrics.kafkaLag.get()).values.map(({ labels, value }) => [labels.topic, value]));

it('shows the lag of each topic, and forgets topics that are no longer ours', async () => {
  const metrics = createMetrics();
  showLag(
    metrics,
    new Map([
      ['a', 3],
      ['b', 0],
    ]),
  );
  assert.deepEqual(Object.fromEntries(await lagOf(metrics)), { a: 3, b: 0 });
  showLag(metrics, new Map([['b', 1]]));
  assert.deepEqual(Object.fromEntries(await lagOf(metrics)), { b: 1 });
});

it('of very many topics those with the most lag, and the sum of the others', async () => {
  const metrics = createMetrics();
  showLag(metrics, new Map(Array.from({ length: 5_000 }, (_, i) => [`topic-${i}`, i])));
  const shown = await lagOf(metrics);
  assert.equal(shown.size, 101);
  assert.equal(shown.get('topic-4999'), 4_999);
  assert.equal(shown.get('topic-4899'), undefined);
  assert.equal(shown.get('(others)'), (4_899 * 4_900) / 2);
});
