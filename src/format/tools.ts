/** Tools offered to a model, in every vocabulary, as ToolDefinitions. */
import type { ToolDefinition } from '../model/event.ts';
import { firstIdent } from './identity.ts';
import { toolDefinition } from './known-tools.ts';
import { arr, isObj, type Obj, obj, str } from './read.ts';

/** @param value a request's `tools` (or `functions`, `toolConfig.tools`, a tools/list result); anything else offers nothing */
export function readTools(value: unknown): ToolDefinition[] {
  const tools: ToolDefinition[] = [];
  for (const entry of arr(value)) {
    if (!isObj(entry)) continue;
    const declared = entry.functionDeclarations ?? entry.function_declarations;
    if (Array.isArray(declared)) {
      for (const one of declared) if (isObj(one)) addTool(one, one, tools);
    } else
      addTool(entry, isObj(entry.function) ? entry.function : isObj(entry.toolSpec) ? entry.toolSpec : entry, tools);
  }
  return tools;
}

function addTool(entry: Obj, tool: Obj, into: ToolDefinition[]): void {
  // Built-in tools (web_search, computer, mcp) have a type or a server label instead of a name.
  const name = firstIdent(tool.name, entry.name, entry.server_label, entry.type);
  if (name === undefined) return;
  const schema = tool.parameters ?? tool.input_schema ?? obj(tool.inputSchema).json ?? tool.inputSchema;
  into.push(toolDefinition(name, str(tool.description), schema));
}
