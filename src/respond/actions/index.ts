/** All actions. A new one is one file, named here. */
import type { Action } from '../../ports.ts';
import type { ActionContext, ActionKind } from './kind.ts';
import { litellmBlockKey } from './litellm-block-key.ts';
import { litellmUnblockKey } from './litellm-unblock-key.ts';
import { webhook } from './webhook.ts';

const KINDS: readonly ActionKind[] = [webhook, litellmBlockKey, litellmUnblockKey];

/** Facts of every action, configured or not: for checking playbooks. */
export const ACTION_FACTS = KINDS.map(({ facts }) => facts);

/** The actions that this configuration provides for: none in observe mode, where no secret is even read. */
export async function createActions(context: ActionContext): Promise<Action[]> {
  if (context.config.mode !== 'enforce') return [];
  const actions = await Promise.all(KINDS.map((kind) => kind.create(context)));
  return actions.filter((action) => action !== undefined);
}
