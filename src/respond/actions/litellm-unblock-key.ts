/** Action `litellm-unblock-key`: a LiteLLM proxy takes the key again. The inverse of `litellm-block-key`. */
import { GiveUp } from '../../ports.ts';
import { litellmKeys } from '../litellm.ts';
import type { ActionKind } from './kind.ts';

export const litellmUnblockKey: ActionKind = {
  facts: {
    id: 'litellm-unblock-key',
    targets: ['credential'],
    strength: 'contain',
    inverse: 'litellm-block-key',
    describe:
      'Unblocks a virtual key at the LiteLLM proxy. A key that is gone cannot be brought back: that is a failure.',
    permissions: ['a LiteLLM key with role proxy_admin: POST /key/unblock, GET /key/info'],
  },

  async create(context) {
    const keys = await litellmKeys(context);
    if (!keys) return undefined;
    return {
      ...litellmUnblockKey.facts,
      holds: async (target) => (await keys.state(target)) === 'open',
      async run(target) {
        if ((await keys.set(target, false)) === 'gone')
          throw new GiveUp('the LiteLLM proxy does not know the key any more');
      },
    };
  },
};
