/** Slack: posts an alert to a channel with `chat.postMessage`. At least once: Slack has no idempotency key, so a message may repeat. */
import { NightjarError } from '../errors.ts';
import { type Alert, atLeast, type Incident, type Severity } from '../model/finding.ts';
import { GiveUp, type Notifier, RetryLater } from '../ports.ts';
import { postJson, retryAfterMs } from './http.ts';
import { slackMessage } from './slack-message.ts';
import { shownSeverity } from './summary.ts';

export interface SlackOptions {
  /** Channel id or name. */
  channel: string;
  /** Bot token with the scope `chat:write`. */
  token: string;
  /** Base of the API with a trailing slash, for example `https://slack.com/api/`. */
  apiUrl: string;
  /** Milder alerts are not sent. */
  minSeverity: Severity;
  /** Time limit of one request; default 10,000 ms. */
  timeoutMs?: number;
}

const DEFAULT_WAIT_MS = 30_000;
/** Trouble of Slack or of something on the way: worth another try. Every other refusal lasts until someone changes something. */
const PASSING = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
  'unreadable_answer',
]);

const HINTS: Record<string, string> = {
  invalid_auth: 'put a valid bot token into the token file',
  not_authed: 'put a bot token into the token file',
  token_revoked: 'put a new bot token into the token file',
  token_expired: 'put a new bot token into the token file',
  account_inactive: 'put the token of an active app into the token file',
  missing_scope: 'give the app the scope chat:write',
  channel_not_found: 'check the channel, and invite the app to it',
  not_in_channel: 'invite the app to the channel',
  is_archived: 'choose a channel that is not archived',
};

/**
 * The notifier. `notify` returns without sending below `minSeverity`; throws `RetryLater` on 429, `GiveUp` on a lasting refusal (bad
 * token, unknown channel), NightjarError (NJ_UNREACHABLE, NJ_TIMEOUT) when another try can help.
 */
export function slackNotifier(options: SlackOptions): Notifier {
  const url = new URL('chat.postMessage', options.apiUrl).href;
  return {
    name: 'slack',
    async notify(alert: Alert, incident: Incident): Promise<void> {
      if (!atLeast(shownSeverity(alert, incident), options.minSeverity)) return;
      const reply = await postJson('Slack', url, slackMessage(options.channel, alert, incident), {
        headers: { authorization: `Bearer ${options.token}` },
        timeoutMs: options.timeoutMs ?? 10_000,
      });
      if (reply.status === 429) throw later(retryAfterMs(reply.headers, DEFAULT_WAIT_MS));
      if (reply.status >= 500) throw unavailable(`status ${reply.status}`);
      const error = errorOf(reply.text);
      if (error === null) return;
      if (error === 'ratelimited' || error === 'rate_limited') {
        throw later(retryAfterMs(reply.headers, DEFAULT_WAIT_MS));
      }
      if (PASSING.has(error)) throw unavailable(error);
      throw new GiveUp(
        `Slack refused the message: ${error} (${HINTS[error] ?? 'see the list of errors of chat.postMessage'})`,
      );
    },
  };
}

function later(ms: number): RetryLater {
  return new RetryLater(ms, `Slack asks to wait ${Math.ceil(ms / 1_000)} s`);
}

function unavailable(what: string): NightjarError {
  return new NightjarError('NJ_TIMEOUT', `Slack could not take the message: ${what}`, { hint: 'it is tried again' });
}

/** Null when the message was posted, else Slack's error name. Anything that is not Slack's answer (a proxy's page) is `unreadable_answer`. */
function errorOf(text: string): string | null {
  try {
    const answer = JSON.parse(text) as { ok?: unknown; error?: unknown } | null;
    if (answer?.ok === true) return null;
    const error = answer?.error;
    return typeof error === 'string' && /^[a-z_]{1,64}$/.test(error) ? error : 'unreadable_answer';
  } catch {
    return 'unreadable_answer';
  }
}
