/** What is PagerDuty's own: its fields, its severities, its size limit, its merging by dedup key. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pagerdutyNotifier, pagerdutyTrigger } from '../../src/deliver/pagerduty.ts';
import { NightjarError } from '../../src/errors.ts';
import { GiveUp } from '../../src/ports.ts';
import { startPagerDutyStandIn } from '../stand-ins/index.ts';
import { sampleAlert, sampleIncident } from './sample.ts';

const KEY = 'a'.repeat(32);

test('the incident is the dedup key, entities fill source, component and group', () => {
  const event = pagerdutyTrigger(KEY, sampleAlert(), sampleIncident());
  assert.equal(event.event_action, 'trigger');
  assert.equal(event.dedup_key, 'in_0123456789abcdefghjk');
  const { source, component, group, timestamp, summary, class: detector } = event.payload;
  assert.deepEqual(
    { source, component, group, timestamp, detector },
    {
      source: 'llm[.]example[.]com',
      component: 'send_email',
      group: 'default',
      timestamp: '2026-11-23T10:15:02.120Z',
      detector: 'toxic-flow',
    },
  );
  assert.match(summary, /^\[HIGH\] Recipient taken from an untrusted document, by user-07/);
});

test('severities are mapped to those PagerDuty knows', () => {
  const mapped = (['low', 'medium', 'high', 'critical'] as const).map(
    (severity) => pagerdutyTrigger(KEY, sampleAlert({ severity }), sampleIncident({ severity })).payload.severity,
  );
  assert.deepEqual(mapped, ['info', 'warning', 'error', 'critical']);
});

test('a time that cannot be read is left out', () => {
  const event = pagerdutyTrigger(KEY, sampleAlert({ '@timestamp': 'yesterday' }), sampleIncident());
  assert.equal(event.payload.timestamp, undefined);
});

test('an alert made of nothing but long foreign text stays under 512 KB', () => {
  const long = '漢'.repeat(100_000);
  const evidence = Array.from({ length: 500 }, () => ({ kind: long, observed: long, usual: long, quiet_if: long }));
  const event_ids = Array.from({ length: 5_000 }, () => long);
  const event = pagerdutyTrigger(KEY, sampleAlert({ evidence, event_ids, title: long }), sampleIncident());
  assert.ok(Buffer.byteLength(JSON.stringify(event)) < 512 * 1024);
});

test('a refusal is told with its reason and without the key', async (t) => {
  const pagerduty = await startPagerDutyStandIn();
  t.after(() => pagerduty.close());
  const body = { errors: [`'routing_key' ${KEY} is invalid`] };
  pagerduty.misbehave({ kind: 'answer', answer: { status: 400, body } }, 1);
  const notifier = pagerdutyNotifier({ routingKey: KEY, url: pagerduty.enqueueUrl, minSeverity: 'low' });
  await assert.rejects(notifier.notify(sampleAlert(), sampleIncident()), (error) => {
    return error instanceof GiveUp && error.message.includes("'routing_key'") && !error.message.includes(KEY);
  });
});

test('when the answer is lost, sending it again does not open a second incident', async (t) => {
  const pagerduty = await startPagerDutyStandIn();
  t.after(() => pagerduty.close());
  pagerduty.misbehave({ kind: 'lose-answer' }, 1);
  const notifier = pagerdutyNotifier({ routingKey: KEY, url: pagerduty.enqueueUrl, minSeverity: 'low' });
  await assert.rejects(notifier.notify(sampleAlert(), sampleIncident()), (error) => {
    return error instanceof NightjarError && error.code === 'NJ_UNREACHABLE';
  });
  await notifier.notify(sampleAlert(), sampleIncident());
  assert.deepEqual([...pagerduty.open], [['in_0123456789abcdefghjk', 2]]);
});
