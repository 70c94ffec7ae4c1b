/** The step that tasks are made of: tool calls, sometimes with a word before them. */
import { preface } from '../content/replies.ts';
import type { Context } from '../context.ts';
import type { Step, ToolUse } from '../script.ts';

/** A call with what the agent says before it. */
export function act(context: Context, ...uses: ToolUse[]): Step {
  return { kind: 'calls', uses, say: preface(context) };
}
