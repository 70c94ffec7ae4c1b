/** Action `litellm-block-key`: a LiteLLM proxy refuses the key from now on. */
import { litellmKeys } from '../litellm.ts';
import type { ActionKind } from './kind.ts';

export const litellmBlockKey: ActionKind = {
  facts: {
    id: 'litellm-block-key',
    targets: ['credential'],
    strength: 'contain',
    inverse: 'litellm-unblock-key',
    describe:
      'Blocks a virtual key at the LiteLLM proxy. A key that is gone counts as blocked. Other replicas of the proxy follow when their key cache expires.',
    permissions: ['a LiteLLM key with role proxy_admin: POST /key/block, GET /key/info'],
  },

  async create(context) {
    const keys = await litellmKeys(context);
    if (!keys) return undefined;
    return {
      ...litellmBlockKey.facts,
      holds: async (target) => (await keys.state(target)) !== 'open',
      async run(target) {
        await keys.set(target, true);
      },
    };
  },
};
