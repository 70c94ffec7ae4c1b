/** Conversations to Messages, whatever the vendor: history in order, tool results as messages of their own, tool names filled in. */
import type { Message, Role, ToolCall } from '../model/event.ts';
import { firstIdent, ident } from './identity.ts';
import { addContent, listedCall, newParts, type ToolResult, toolCall, toolResult } from './parts.ts';
import { arr, isObj, jsonText, type Obj, str } from './read.ts';

const ROLES: Readonly<Record<string, Role>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  human: 'user',
  assistant: 'assistant',
  model: 'assistant',
  ai: 'assistant',
  tool: 'tool',
  function: 'tool',
  ipython: 'tool',
};

function roleOf(value: unknown, otherwise: Role): Role {
  if (typeof value !== 'string' || !Object.hasOwn(ROLES, value)) {
    return typeof value === 'string' && Object.hasOwn(ROLES, value.toLowerCase())
      ? (ROLES[value.toLowerCase()] as Role)
      : otherwise;
  }
  return ROLES[value] as Role;
}

/** Builds a list of Messages; remembers which call had which name, also from one list to the next. */
export class Thread {
  private readonly names: { map: Map<string, string> | undefined };
  messages: Message[] = [];

  /** @param earlier the history whose tool calls this thread answers */
  constructor(earlier?: Thread) {
    this.names = earlier === undefined ? { map: undefined } : earlier.names;
  }

  /** Adds text, one message, or a list of messages or items. */
  add(value: unknown, role: Role): this {
    if (typeof value === 'string') {
      if (value !== '') this.messages.push({ role, text: value });
    } else if (Array.isArray(value)) {
      // A list of bare parts is one message.
      if (value.length > 0 && value.every(isBarePart)) this.addMessage(role, { content: value });
      else for (const item of value) this.addItem(item, role);
    } else if (isObj(value)) this.addItem(value, role);
    return this;
  }

  /** System text in front of everything, from text or parts. */
  addSystem(value: unknown): this {
    const parts = newParts();
    addContent(value, parts);
    if (parts.texts.length > 0) this.messages.unshift({ role: 'system', text: parts.texts.join('\n') });
    return this;
  }

  addResult(result: ToolResult): void {
    const message: Message = { role: 'tool', text: result.text };
    this.label(message, result.callId, result.name);
    if (result.attachments > 0) message.attachments = result.attachments;
    if (result.error) message.error = true;
    this.messages.push(message);
  }

  addCalls(calls: ToolCall[], text = ''): void {
    this.messages.push({ role: 'assistant', text, toolCalls: calls });
    this.remember(calls);
  }

  private label(message: Message, callId: string | undefined, name: string | undefined): void {
    if (callId !== undefined) message.toolCallId = callId;
    const known = name ?? (callId === undefined ? undefined : this.names.map?.get(callId));
    if (known !== undefined) message.toolName = known;
  }

  private remember(calls: ToolCall[]): void {
    for (const call of calls) {
      if (call.id === '' || call.name === '') continue;
      this.names.map ??= new Map();
      this.names.map.set(call.id, call.name);
    }
  }

  private addItem(item: unknown, role: Role): void {
    if (typeof item === 'string') {
      if (item !== '') this.messages.push({ role, text: item });
      return;
    }
    if (!isObj(item)) return;
    const type = item.type;
    if (typeof type === 'string' && type !== 'message' && item.role === undefined && this.addTypedItem(type, item))
      return;
    // LangChain and some loggers wrap: {message: {role, content}}.
    const inner = item.role === undefined && item.content === undefined && isObj(item.message) ? item.message : item;
    this.addMessage(roleOf(inner.role, role), inner);
  }

  /** Items of the OpenAI Responses API; false when the item is a message or a part. */
  private addTypedItem(type: string, item: Obj): boolean {
    if (type === 'reasoning' || type === 'item_reference' || type === 'compaction' || type === 'mcp_list_tools')
      return true;
    if (type.endsWith('_call_output')) {
      this.addResult(toolResult(item.call_id ?? item.id, item.name, item.output));
      return true;
    }
    if (!type.endsWith('_call') || type === 'tool_call' || type === 'server_tool_call') return false;
    const named = item.name ?? type.slice(0, -'_call'.length);
    const args =
      item.arguments ??
      item.input ??
      item.action ??
      item.queries ??
      item.query ??
      item.code ??
      item.prompt ??
      undefined;
    const call = toolCall(item.call_id ?? item.id, named, args, item.server_label);
    const last = this.messages.at(-1);
    if (last?.role === 'assistant') {
      last.toolCalls = last.toolCalls ?? [];
      last.toolCalls.push(call);
      this.remember([call]);
    } else this.addCalls([call]);
    const output = item.output ?? item.results ?? item.outputs;
    if (output !== undefined && output !== null) this.addResult(toolResult(call.id, call.name, output));
    else if (isObj(item.error) || typeof item.error === 'string') {
      this.addResult(toolResult(call.id, call.name, jsonText(item.error), true));
    }
    return true;
  }

  private addMessage(role: Role, item: Obj): void {
    const content = item.content ?? item.parts;
    if (typeof content === 'string' && item.tool_calls == null && item.function_call == null) {
      const message: Message = { role, text: content };
      if (role === 'tool') this.label(message, firstIdent(item.tool_call_id, item.call_id), ident(item.name));
      this.messages.push(message);
      return;
    }
    const parts = newParts();
    // A message that is itself a part: {text: …} or {type: 'text', …}.
    if (content === undefined) {
      if (typeof item.type === 'string' || typeof item.text === 'string')
        addContent({ ...item, role: undefined }, parts);
    } else addContent(content, parts);
    for (const entry of arr(item.tool_calls ?? item.toolCalls)) {
      const call = listedCall(entry);
      if (call !== undefined) parts.calls.push(call);
    }
    if (isObj(item.function_call))
      parts.calls.push(toolCall('', item.function_call.name, item.function_call.arguments));
    const refusal = str(item.refusal);
    if (refusal !== undefined && parts.texts.length === 0) parts.texts.push(refusal);
    for (const result of parts.results) this.addResult(result);
    const empty = parts.texts.length === 0 && parts.calls.length === 0 && parts.attachments === 0;
    if (empty && parts.results.length > 0) return;
    const message: Message = {
      role,
      text: parts.texts.length === 1 ? (parts.texts[0] as string) : parts.texts.join('\n'),
    };
    if (parts.calls.length > 0) {
      message.toolCalls = parts.calls;
      this.remember(parts.calls);
    }
    if (role === 'tool') this.label(message, firstIdent(item.tool_call_id, item.call_id), ident(item.name));
    if (parts.attachments > 0) message.attachments = parts.attachments;
    this.messages.push(message);
  }
}

function isBarePart(value: unknown): boolean {
  return (
    isObj(value) &&
    value.role === undefined &&
    value.message === undefined &&
    (typeof value.type === 'string' ? PART_TYPES.has(value.type) : typeof value.text === 'string')
  );
}

const PART_TYPES = new Set([
  'text',
  'input_text',
  'output_text',
  'image_url',
  'input_image',
  'image',
  'document',
  'tool_use',
  'tool_result',
  'tool_call',
  'thinking',
]);
