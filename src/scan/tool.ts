/** What the name of a tool says, worked out once for each name. */
import { type Intent, intents } from './intents.ts';
import { handsOver, type Labels, labelTool } from './labels.ts';
import { stems } from './words.ts';

export interface NamedTool {
  /** Shared by all calls of the tool: never change them. */
  labels: Labels;
  /** Stems of the words of its name, each once. */
  words: readonly string[];
  /** Kinds of act; looking something up is left out when the tool also does something else. */
  acts: ReadonlySet<Intent>;
  handsOver: boolean;
}

/** Names that are remembered before all are forgotten: a log may hold made-up ones. */
const MAX_NAMES = 4_096;
const MAX_LENGTH = 256;

const known = new Map<string, NamedTool>();

export function toolOf(name: string): NamedTool {
  const found = known.get(name);
  if (found) return found;
  const words = [...new Set(stems(name))];
  const acts = intents(words);
  if (acts.size > 1) acts.delete('read');
  const tool = { labels: labelTool(name), words, acts, handsOver: handsOver(name) };
  if (name.length > MAX_LENGTH) return tool;
  if (known.size === MAX_NAMES) known.clear();
  known.set(name, tool);
  return tool;
}
