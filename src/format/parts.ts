/** Parts of one message, in every vocabulary that logs use: OpenAI, Anthropic, Bedrock Converse, Gemini, OpenTelemetry GenAI, MCP. */
import type { ToolCall } from '../model/event.ts';
import { ident } from './identity.ts';
import { arr, isObj, jsonText, type Obj, obj } from './read.ts';

export interface ToolResult {
  callId: string | undefined;
  name: string | undefined;
  text: string;
  attachments: number;
  /** The log marks it as a failure. */
  error?: boolean;
}

/** What the parts of a message add up to. */
export interface Parts {
  texts: string[];
  calls: ToolCall[];
  results: ToolResult[];
  attachments: number;
}

export function newParts(): Parts {
  return { texts: [], calls: [], results: [], attachments: 0 };
}

export function toolCall(id: unknown, name: unknown, args: unknown, server?: unknown): ToolCall {
  const call: ToolCall = { id: ident(id) ?? '', name: ident(name) ?? '', arguments: jsonText(args) };
  const from = ident(server);
  if (from !== undefined) call.server = from;
  return call;
}

/** Call of an OpenAI `tool_calls[]` entry (`function`, `custom`), also without the wrapper and with Gemini's or LangChain's names. */
export function listedCall(value: unknown): ToolCall | undefined {
  if (!isObj(value)) return undefined;
  const inner = isObj(value.function) ? value.function : isObj(value.custom) ? value.custom : value;
  return toolCall(
    value.id ?? value.call_id ?? value.tool_call_id,
    inner.name,
    inner.arguments ?? inner.input ?? inner.args,
    value.server_label,
  );
}

/** Reads content of any kind: text, one part or a list of parts. */
export function addContent(content: unknown, into: Parts): void {
  if (typeof content === 'string') {
    if (content !== '') into.texts.push(content);
  } else if (Array.isArray(content)) {
    for (const part of content) addPart(part, into);
  } else if (isObj(content)) addPart(content, into);
}

function addPart(part: unknown, into: Parts): void {
  if (typeof part === 'string') {
    if (part !== '') into.texts.push(part);
    return;
  }
  if (!isObj(part)) return;
  if (typeof part.type === 'string') addTyped(part.type, part, into);
  else addUntyped(part, into);
}

function addText(text: unknown, into: Parts): boolean {
  if (typeof text !== 'string') return false;
  if (text !== '') into.texts.push(text);
  return true;
}

function addTyped(type: string, part: Obj, into: Parts): void {
  switch (type) {
    case 'text':
    case 'input_text':
    case 'output_text':
      if (!addText(part.text, into)) addText(part.content ?? obj(part.text).value, into);
      return;
    case 'refusal':
      addText(part.refusal, into);
      return;
    case 'thinking':
    case 'redacted_thinking':
    case 'reasoning':
      return;
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use':
      into.calls.push(toolCall(part.id, part.name, part.input, part.server_name));
      return;
    case 'tool_call':
    case 'server_tool_call':
    case 'function_call':
      into.calls.push(genericCall(type, part));
      return;
    case 'tool_call_response':
      into.results.push(toolResult(part.id, part.name, part.response ?? part.result ?? part.content));
      return;
    case 'server_tool_call_response':
      into.results.push(toolResult(part.id, part.name, part.server_tool_call_response ?? part.response));
      return;
    case 'document':
      addDocument(part, into);
      return;
  }
  if (type.endsWith('tool_result')) {
    into.results.push(toolResult(part.tool_use_id ?? part.id, part.name, part.content, part.is_error === true));
  } else if (!addText(part.text, into) && !(type !== 'blob' && addText(part.content, into))) into.attachments++;
}

function genericCall(type: string, part: Obj): ToolCall {
  if (isObj(part.function)) return listedCall(part) as ToolCall;
  const inner = type === 'server_tool_call' ? obj(part.server_tool_call) : part;
  return toolCall(
    part.id ?? part.call_id,
    part.name ?? inner.name ?? inner.type,
    part.arguments ?? inner.arguments ?? (inner === part ? part.input : inner),
  );
}

/** A document given as text is content that somebody else wrote, so it is read; others are counted. */
function addDocument(part: Obj, into: Parts): void {
  const source = obj(part.source);
  if (source.type === 'text') addText(source.data, into);
  else if (source.type === 'content') addContent(source.content, into);
  else if (!addText(source.text, into)) into.attachments++;
}

function addUntyped(part: Obj, into: Parts): void {
  if (addText(part.text, into)) return;
  if (isObj(part.toolUse)) {
    const use = part.toolUse;
    into.calls.push(toolCall(use.toolUseId, use.name, use.input));
  } else if (isObj(part.toolResult)) {
    const { toolUseId, content, status } = part.toolResult;
    into.results.push(toolResult(toolUseId, undefined, content, status === 'error'));
  } else if (isObj(part.functionCall)) {
    into.calls.push(toolCall(part.functionCall.id, part.functionCall.name, part.functionCall.args));
  } else if (isObj(part.functionResponse)) {
    const answer = part.functionResponse;
    into.results.push(toolResult(answer.id, answer.name, answer.response));
  } else if (isObj(part.guardContent)) {
    addText(obj(part.guardContent.text).text, into);
  } else if (part.json !== undefined) {
    addText(jsonText(part.json), into);
  } else if (isObj(part.document)) addDocument(part.document, into);
  else if (part.reasoningContent !== undefined || part.cachePoint !== undefined) return;
  else if (!addText(part.content, into)) into.attachments++;
}

/** A tool's answer from content of any kind. */
export function toolResult(callId: unknown, name: unknown, content: unknown, error = false): ToolResult {
  const { text, attachments } = resultText(content);
  return { callId: ident(callId), name: ident(name), text, attachments, error };
}

/** Text of a tool's answer: its text parts joined, or the JSON text of a structured one. */
export function resultText(content: unknown): { text: string; attachments: number } {
  if (typeof content === 'string') return { text: content, attachments: 0 };
  const parts = newParts();
  if (Array.isArray(content) && content.every(isPart)) addContent(content, parts);
  else if (isObj(content) && isMcpResult(content)) {
    addContent(content.content, parts);
    const structured = content.structuredContent ?? content.structured_content;
    if (parts.texts.length === 0) addText(jsonText(structured), parts);
  } else if (isObj(content) && isPart(content)) addContent([content], parts);
  else return { text: jsonText(content), attachments: 0 };
  return { text: parts.texts.join('\n'), attachments: parts.attachments };
}

function isMcpResult(value: Obj): boolean {
  return Array.isArray(value.content) && arr(value.content).every(isPart);
}

const UNTYPED = ['text', 'json', 'image', 'document', 'video', 'audio', 'inlineData', 'fileData'];

function isPart(value: unknown): boolean {
  if (typeof value === 'string') return true;
  if (!isObj(value)) return false;
  if (typeof value.type === 'string') return true;
  const keys = Object.keys(value);
  return keys.length === 1 && UNTYPED.includes(keys[0] as string);
}
