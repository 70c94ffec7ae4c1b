/** The contract that every action file fulfils: what it is, and how it is made from the configuration. */
import type { Config } from '../../config/schema.ts';
import type { Action } from '../../ports.ts';
import type { ActionFacts } from '../guard.ts';
import type { Send } from '../http.ts';

export interface ActionContext {
  config: Config['respond'];
  send: Send;
  /** The secret in a file of the configuration, without its trailing newline. */
  secret: (path: string) => Promise<string>;
  /** Epoch milliseconds. */
  now: () => number;
}

export interface ActionKind {
  /** What holds for the action wherever it runs; playbooks are checked against it. */
  readonly facts: ActionFacts;
  /** The action itself, or undefined when the configuration does not name its far side. Rejects with `NJ_CONFIG`. */
  create(context: ActionContext): Promise<Action | undefined>;
}
