/** What is Slack's own: its markup, its answers with status 200 that are failures. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { slackNotifier } from '../../src/deliver/slack.ts';
import { slackMessage } from '../../src/deliver/slack-message.ts';
import { NightjarError } from '../../src/errors.ts';
import { GiveUp, RetryLater } from '../../src/ports.ts';
import { type SlackStandIn, startSlackStandIn } from '../stand-ins/index.ts';
import { anyAlert, sampleAlert, sampleIncident } from './sample.ts';

let slack: SlackStandIn;
before(async () => {
  slack = await startSlackStandIn();
});
after(() => slack.close());
beforeEach(() => {
  slack.behave();
  slack.messages.length = 0;
});

const notify = (change: { channel?: string } = {}) => {
  const { channel, token, apiUrl } = slack;
  const options = { channel, token, apiUrl, minSeverity: 'low', timeoutMs: 5_000, ...change } as const;
  return slackNotifier(options).notify(sampleAlert(), sampleIncident());
};

test('hostile text mentions nobody, hides nothing and leaves no code span', () => {
  fc.assert(
    fc.property(anyAlert, (alert) => {
      const message = slackMessage('C0', alert, sampleIncident());
      const texts = [message.text, ...JSON.stringify(message.blocks).matchAll(/"text":"((?:[^"\\]|\\.)*)"/g)].map(
        (found) => (typeof found === 'string' ? found : (JSON.parse(`"${found[1]}"`) as string)),
      );
      assert.ok(texts.length > 5);
      for (const text of texts) {
        assert.doesNotMatch(text, /[<>]/);
        assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
      }
      for (const block of message.blocks) {
        const marked = block.type === 'context' ? block.elements : 'fields' in block ? (block.fields ?? []) : [];
        for (const { text } of marked) assert.equal((text.match(/`/g) ?? []).length % 2, 0, 'a code span is left open');
      }
    }),
    { numRuns: 60 },
  );
});

test('nothing unfurls, and bare text is not parsed for links and mentions', () => {
  const message = slackMessage('C0', sampleAlert(), sampleIncident());
  assert.deepEqual(
    [message.unfurl_links, message.unfurl_media, message.link_names, message.parse],
    [false, false, false, 'none'],
  );
});

test('evidence that does not fit is counted, not dropped in silence', () => {
  const reason = { kind: 'k', observed: 'o'.repeat(300), usual: 'u'.repeat(300), quiet_if: 'q'.repeat(300) };
  const message = slackMessage('C0', sampleAlert({ evidence: Array(40).fill(reason) }), sampleIncident());
  const shown = message.blocks.filter((block) => JSON.stringify(block).includes('seen:')).length;
  assert.ok(shown >= 8);
  assert.ok(JSON.stringify(message.blocks).includes(`and ${40 - shown} more`));
});

test('status 200 with a rate limit waits', async () => {
  for (const error of ['ratelimited', 'rate_limited']) {
    slack.refuse(error, 1);
    await assert.rejects(notify(), RetryLater);
  }
});

test('status 200 with an error of Slack itself is tried again; one about us gives up and says what to do', async () => {
  slack.refuse('internal_error', 1);
  await assert.rejects(notify(), (error) => error instanceof NightjarError && error.retriable);
  for (const [error, hint] of [
    ['token_revoked', 'new bot token'],
    ['not_in_channel', 'invite the app'],
    ['missing_scope', 'chat:write'],
    ['some_new_error', 'chat.postMessage'],
  ] as const) {
    slack.refuse(error, 1);
    await assert.rejects(notify(), (thrown) => {
      return thrown instanceof GiveUp && thrown.message.includes(error) && thrown.message.includes(hint);
    });
  }
  await assert.rejects(notify({ channel: 'C0GONE' }), /channel_not_found.*invite/);
});

test('an answer that is not from Slack is not taken for success', async () => {
  for (const body of ['<html>proxy login</html>', '{}', 'null', '{"ok":"true"}', '']) {
    slack.misbehave({ kind: 'answer', answer: { status: 200, body } }, 1);
    await assert.rejects(
      notify(),
      (error) => error instanceof NightjarError && /unreadable_answer/.test(error.message),
    );
  }
  assert.equal(slack.messages.length, 0);
});
