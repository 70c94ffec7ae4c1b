/** Action `webhook`: posts the alert and the target to one URL, signed as the Standard Webhooks specification says. */
import { createHmac } from 'node:crypto';
import { NightjarError } from '../../errors.ts';
import type { Action } from '../../ports.ts';
import { isLoopbackHost } from '../address.ts';
import { requireSuccess } from '../http.ts';
import type { ActionKind } from './kind.ts';

const SECRET_PREFIX = 'whsec_';

/** Value of `webhook-signature`: HMAC-SHA256 over `id.timestamp.body`, base64, behind the scheme's version. */
export function sign(key: Buffer, id: string, timestamp: number, body: string): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/** Key bytes of a secret: base64 behind `whsec_`, any other text as it is. */
export function signingKey(secret: string): Buffer {
  const encoded = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : undefined;
  const key = Buffer.from(encoded ?? secret, encoded === undefined ? 'utf8' : 'base64');
  const broken = encoded !== undefined && !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded);
  if (key.length > 0 && !broken) return key;
  throw new NightjarError('NJ_CONFIG', 'respond.webhook.secretFile: the secret is empty or not base64 behind whsec_');
}

/**
 * `webhook-id` is the effect's key: the receiver drops an id that it has seen, since a request whose answer got lost is sent again.
 * Body: `{type: "nightjar.response", timestamp, data: {effect, target, alert}}`; the same bytes at every try.
 */
export const webhook: ActionKind = {
  facts: {
    id: 'webhook',
    targets: ['alert', 'session', 'tool', 'credential', 'principal', 'agent', 'endpoint'],
    strength: 'notify',
    inverse: null,
    describe: 'Posts the alert and the target to a URL, signed. A message cannot be unsent, so it has no inverse.',
    permissions: ['a signing secret shared with the receiver'],
  },

  async create({ config, send, secret, now }) {
    if (!config.webhook) return undefined;
    const url = new URL(config.webhook.url);
    const loopback = isLoopbackHost(url);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) {
      throw new NightjarError('NJ_CONFIG', `respond.webhook.url: ${url.origin} is not https`, {
        hint: 'use https; plain http is taken for a receiver on this machine only',
      });
    }
    const key = signingKey(await secret(config.webhook.secretFile));
    const action: Action = {
      ...webhook.facts,
      // Nobody can tell whether a message has arrived; sending it again is harmless.
      holds: async () => false,
      async run(target, alert, effect) {
        const data = { effect, target, alert };
        const body = JSON.stringify({ type: 'nightjar.response', timestamp: alert['@timestamp'], data });
        const timestamp = Math.floor(now() / 1000);
        const headers = {
          'content-type': 'application/json',
          'webhook-id': effect,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': sign(key, effect, timestamp, body),
        };
        const response = await send({ method: 'POST', url, headers, body, reach: loopback ? 'loopback' : 'public' });
        requireSuccess(response, `webhook ${url.host}`, now());
      },
    };
    return action;
  },
};
