/** The notifier suite on PagerDuty. */
import { pagerdutyNotifier } from '../../src/deliver/pagerduty.ts';
import { startPagerDutyStandIn } from '../stand-ins/index.ts';
import { notifierSuite } from './notifier.ts';

notifierSuite('pagerduty', async () => {
  const pagerduty = await startPagerDutyStandIn();
  const url = pagerduty.enqueueUrl;
  return {
    server: pagerduty,
    secret: pagerduty.routingKey,
    notifier: (options) => pagerdutyNotifier({ url, ...options, routingKey: pagerduty.routingKey }),
    stranger: () => pagerdutyNotifier({ url, routingKey: 'b'.repeat(32), minSeverity: 'low', timeoutMs: 5_000 }),
    delivered: () => pagerduty.events.map((event) => JSON.stringify(event)),
  };
});
