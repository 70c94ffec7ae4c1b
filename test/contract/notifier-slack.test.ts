/** The notifier suite on Slack. */
import { slackNotifier } from '../../src/deliver/slack.ts';
import { startSlackStandIn } from '../stand-ins/index.ts';
import { notifierSuite } from './notifier.ts';

notifierSuite('slack', async () => {
  const slack = await startSlackStandIn();
  const fixed = { channel: slack.channel, apiUrl: slack.apiUrl };
  return {
    server: slack,
    secret: slack.token,
    notifier: (options) => slackNotifier({ ...fixed, ...options, token: slack.token }),
    stranger: () => slackNotifier({ ...fixed, token: 'unknown-token', minSeverity: 'low', timeoutMs: 5_000 }),
    delivered: () => slack.messages.map((message) => JSON.stringify(message)),
  };
});
