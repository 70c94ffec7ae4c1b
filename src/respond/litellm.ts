/** The part of a LiteLLM proxy's management API that the key actions share. */
import { createHash } from 'node:crypto';
import { NightjarError } from '../errors.ts';
import type { Target } from '../model/response.ts';
import { GiveUp } from '../ports.ts';
import type { ActionContext } from './actions/kind.ts';
import { type Response, requireSuccess } from './http.ts';

/** `gone`: the proxy does not know the key (any more). */
export type KeyState = 'blocked' | 'open' | 'gone';

export interface LitellmKeys {
  state(target: Target): Promise<KeyState>;
  /** Resolves `gone` when the proxy does not know the key. */
  set(target: Target, blocked: boolean): Promise<'done' | 'gone'>;
}

/** Undefined when the configuration names no proxy. */
export async function litellmKeys({ config, send, secret, now }: ActionContext): Promise<LitellmKeys | undefined> {
  if (!config.litellm) return undefined;
  const base = new URL(config.litellm.url);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  const adminKey = await secret(config.litellm.keyFile);
  if (adminKey === '') throw new NightjarError('NJ_CONFIG', 'respond.litellm.keyFile: the file holds no key');
  const ownHash = createHash('sha256').update(adminKey).digest('hex');
  const who = `LiteLLM proxy ${base.host}`;
  const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' };

  const call = async (method: 'GET' | 'POST', url: URL, body?: object): Promise<Response | 'gone'> => {
    const request = { method, url, headers, reach: 'any' as const };
    const response = await send(body ? { ...request, body: JSON.stringify(body) } : request);
    if (response.status === 404) {
      if (isKeyNotFound(response.text)) return 'gone';
      // Taken for "the key is gone", a wrong path would pass for a revocation.
      throw new GiveUp(`${who} has no key management at ${url.pathname}: check respond.litellm.url`);
    }
    requireSuccess(response, who, now());
    return response;
  };
  const hashOf = (target: Target): string => {
    const hash = /^sha256:([0-9a-f]{64})$/i.exec(target.id)?.[1]?.toLowerCase();
    if (!hash) throw new GiveUp('the credential is not a LiteLLM key hash (sha256: and 64 hex digits)');
    if (hash === ownHash) throw new GiveUp('the credential is the key that Nightjar itself uses at the proxy');
    return hash;
  };

  return {
    async state(target) {
      const url = new URL('key/info', base);
      url.searchParams.set('key', hashOf(target));
      const response = await call('GET', url);
      if (response === 'gone') return 'gone';
      const { info } = json(response.text) as { info?: { blocked?: unknown } };
      if (typeof info !== 'object' || info === null) {
        throw new NightjarError('NJ_UNREACHABLE', `${who} answered /key/info without the key's info`);
      }
      return info.blocked === true ? 'blocked' : 'open';
    },
    async set(target, blocked) {
      const url = new URL(blocked ? 'key/block' : 'key/unblock', base);
      const response = await call('POST', url, { key: hashOf(target) });
      return response === 'gone' ? 'gone' : 'done';
    },
  };
}

/** The proxy's own 404 names the parameter, `{error: {param: "key", …}}`; that of a wrong path is `{detail: "Not Found"}`. */
function isKeyNotFound(text: string): boolean {
  const { error } = json(text) as { error?: { param?: unknown; type?: unknown } };
  return error?.param === 'key' || error?.type === 'not_found_error';
}

function json(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
