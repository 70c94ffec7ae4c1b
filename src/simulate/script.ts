/** What happens in a session, before times and wire format: a list of steps. */

/** One tool call that the model asks for, with the result that the tool gives. */
export interface ToolUse {
  /** Capability of the catalogue (`mail.send`); the agent's own dialect gives the tool its name. */
  capability: string;
  /** Name of the tool where it is not the capability's own. */
  name?: string;
  args: Record<string, unknown>;
  result: string;
}

/** A request that fails at the gateway or the provider. */
export interface Failure {
  code: number;
  errorClass: string;
  message: string;
  /** The caller gives up: trying again would not help. */
  final?: boolean;
}

/**
 * `user` adds a message of the user, said after `pause` seconds (default: a human pause) · `calls`, `answer` and `fail` are one record
 * each. `evil` marks the records of a campaign that hold the attack, `model`, `maxTokens` override the session's.
 */
export type Step =
  | { kind: 'user'; text: string; pause?: number }
  | { kind: 'calls'; uses: ToolUse[]; say?: string; evil?: boolean; pause?: number }
  | { kind: 'answer'; text: string; evil?: boolean; pause?: number; maxTokens?: number; completionTokens?: number }
  | { kind: 'fail'; failure: Failure; evil?: boolean; pause?: number; model?: string };

export const user = (text: string, pause?: number): Step =>
  pause === undefined ? { kind: 'user', text } : { kind: 'user', text, pause };
export const calls = (...uses: ToolUse[]): Step => ({ kind: 'calls', uses });
export const answer = (text: string): Step => ({ kind: 'answer', text });

/** The same step, marked as holding the attack. */
export function evil(step: Step): Step {
  return step.kind === 'user' ? step : { ...step, evil: true };
}
