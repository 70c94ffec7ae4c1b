/** Streamed answers, put together again to the body that the same call would have returned unstreamed. */
import { arr, isObj, type Obj, obj, str } from './read.ts';

interface Call {
  id?: unknown;
  name?: unknown;
  arguments: string;
}

/** The body of a list of stream events of OpenAI, Anthropic, Bedrock or the Responses API; undefined when it is no such list. */
export function assemble(events: readonly unknown[]): Obj | undefined {
  for (const event of events) {
    if (!isObj(event)) continue;
    if (Array.isArray(event.choices)) return fromChatChunks(events);
    if (event.type === 'message_start' || event.type === 'content_block_start') return fromAnthropic(events);
    if (event.messageStart !== undefined || event.contentBlockDelta !== undefined) return fromConverse(events);
    if (typeof event.type === 'string' && event.type.startsWith('response.')) return fromResponses(events);
    if (typeof event.type !== 'string') return undefined;
  }
  return undefined;
}

function fromChatChunks(events: readonly unknown[]): Obj {
  const texts: string[] = [];
  const calls = new Map<number, Call>();
  const head: Record<string, unknown> = {};
  let finish: unknown;
  for (const event of events) {
    const chunk = obj(event);
    for (const key of ['id', 'model', 'created', 'usage', 'error']) head[key] = chunk[key] ?? head[key];
    for (const entry of arr(chunk.choices)) {
      const choice = obj(entry);
      finish = choice.finish_reason ?? finish;
      const delta = isObj(choice.delta) ? choice.delta : obj(choice.message);
      texts.push(str(delta.content) ?? str(choice.text) ?? '');
      for (const part of arr(delta.tool_calls)) addToCall(calls, obj(part));
    }
  }
  const message = { role: 'assistant', content: texts.join(''), tool_calls: listOf(calls) };
  return { ...head, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: finish }] };
}

function addToCall(calls: Map<number, Call>, part: Obj): void {
  const index = typeof part.index === 'number' ? part.index : calls.size;
  const call = calls.get(index) ?? { arguments: '' };
  const named = obj(part.function);
  call.id ??= part.id ?? undefined;
  call.name ??= named.name ?? undefined;
  call.arguments += str(named.arguments) ?? '';
  calls.set(index, call);
}

function listOf(calls: Map<number, Call>): unknown[] {
  return [...calls.values()].map(({ id, name, arguments: text }) => ({ id, function: { name, arguments: text } }));
}

function fromAnthropic(events: readonly unknown[]): Obj {
  let message: Obj = {};
  let usage: Record<string, unknown> = {};
  let stop: unknown;
  let guardrail: unknown;
  const blocks = new Map<unknown, { block: Obj; text: string[]; json: string[] }>();
  for (const entry of events) {
    const event = obj(entry);
    guardrail = event['amazon-bedrock-guardrailAction'] ?? guardrail;
    if (event.type === 'message_start') message = obj(event.message);
    else if (event.type === 'content_block_start') {
      const block = obj(event.content_block);
      blocks.set(event.index, { block, text: [str(block.text) ?? ''], json: [] });
    } else if (event.type === 'content_block_delta') {
      const delta = obj(event.delta);
      const open = blocks.get(event.index) ?? { block: { type: 'text' }, text: [], json: [] };
      blocks.set(event.index, open);
      open.text.push(str(delta.text) ?? '');
      open.json.push(str(delta.partial_json) ?? '');
    } else if (event.type === 'message_delta') {
      stop = obj(event.delta).stop_reason ?? stop;
      usage = { ...usage, ...obj(event.usage) };
    } else if (event.type === 'error') return event;
  }
  const content = [...blocks.values()].map(({ block, text, json }) =>
    block.type === 'text'
      ? { type: 'text', text: text.join('') }
      : { ...block, input: json.join('') === '' ? block.input : json.join('') },
  );
  return {
    ...message,
    type: 'message',
    content,
    stop_reason: stop,
    usage: { ...obj(message.usage), ...usage },
    'amazon-bedrock-guardrailAction': guardrail,
  };
}

function fromConverse(events: readonly unknown[]): Obj {
  const blocks = new Map<unknown, { text: string; use: Obj | undefined; input: string }>();
  let stop: unknown;
  let usage: unknown;
  for (const entry of events) {
    const event = obj(entry);
    const started = obj(event.contentBlockStart);
    const delta = obj(event.contentBlockDelta);
    const index = started.contentBlockIndex ?? delta.contentBlockIndex;
    if (event.contentBlockStart !== undefined || event.contentBlockDelta !== undefined) {
      const block = blocks.get(index) ?? { text: '', use: undefined, input: '' };
      blocks.set(index, block);
      const use = obj(started.start).toolUse;
      if (isObj(use)) block.use = use;
      block.text += str(obj(delta.delta).text) ?? '';
      block.input += str(obj(obj(delta.delta).toolUse).input) ?? '';
    }
    stop = obj(event.messageStop).stopReason ?? stop;
    usage = obj(event.metadata).usage ?? usage;
  }
  const content = [...blocks.values()].map(({ text, use, input }) =>
    use === undefined ? { text } : { toolUse: { ...use, input } },
  );
  return { output: { message: { role: 'assistant', content } }, stopReason: stop, usage };
}

/** The last event holds the whole response; a stream that was cut off still has its finished items. */
function fromResponses(events: readonly unknown[]): Obj {
  let head: Obj = {};
  const items: unknown[] = [];
  for (const entry of events) {
    const event = obj(entry);
    if (isObj(event.response)) head = event.response;
    if (event.type === 'response.output_item.done') items.push(event.item);
  }
  return arr(head.output).length > 0 ? head : { ...head, object: 'response', output: items };
}
