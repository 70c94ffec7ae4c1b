/** One call in the form of LiteLLM's StandardLoggingPayload: how labelled data is played. */
import { createHash } from 'node:crypto';
import { fraction } from './chance.ts';

export interface DataMessage {
  role: string;
  content: string;
  tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
  name?: string;
}

export interface CallData {
  id: string;
  session: string;
  user: string;
  /** Epoch milliseconds. */
  start: number;
  end: number;
  model: string;
  messages: DataMessage[];
  answer: DataMessage;
  tools: readonly string[];
}

const USERS = 40;

/** One of 40 users, `user-00` to `user-39`. */
export function userOf(key: string): string {
  return `user-${String(Math.floor(fraction(`user of ${key}`) * USERS)).padStart(2, '0')}`;
}

/** About four characters a token. */
function tokens(messages: readonly DataMessage[]): number {
  return Math.ceil(messages.reduce((sum, m) => sum + (m.content?.length ?? 0) + 16, 0) / 4);
}

/** The record. The key belongs to the user; no agent, team or system is invented. */
export function callRecord(call: CallData): Record<string, unknown> {
  const { user, answer } = call;
  const prompt = tokens(call.messages);
  const completion = tokens([answer]);
  const usage = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
  const address = `10.20.0.${10 + Number(user.slice(-2))}`;
  return {
    id: call.id,
    litellm_call_id: call.id,
    trace_id: call.session,
    session_id: call.session,
    call_type: 'acompletion',
    status: 'success',
    startTime: call.start / 1000,
    endTime: call.end / 1000,
    completionStartTime: call.end / 1000,
    response_time: (call.end - call.start) / 1000,
    model: call.model,
    model_group: call.model,
    custom_llm_provider: 'openai',
    api_base: 'https://llm.example.com/v1',
    ...usage,
    response_cost: 0,
    end_user: null,
    requester_ip_address: address,
    user_agent: 'OpenAI/Python 1.109.1',
    metadata: {
      user_api_key_hash: createHash('sha256').update(`key of ${user}`).digest('hex'),
      user_api_key_alias: `${user}-key`,
      user_api_key_user_id: user,
      user_api_key_request_route: '/v1/chat/completions',
      requester_ip_address: address,
    },
    messages: call.messages,
    response: {
      id: call.id,
      object: 'chat.completion',
      created: Math.floor(call.end / 1000),
      model: call.model,
      choices: [{ index: 0, finish_reason: answer.tool_calls ? 'tool_calls' : 'stop', message: answer }],
      usage,
    },
    model_parameters: {
      stream: false,
      ...(call.tools.length > 0 ? { tools: call.tools.map((name) => ({ type: 'function', function: { name } })) } : {}),
    },
    error_str: null,
    error_information: { error_code: '', error_class: '', llm_provider: '', traceback: '', error_message: '' },
  };
}

const encoder = new TextEncoder();

/** The record as bytes of one line, without its end. */
export function toBytes(record: Record<string, unknown>): Uint8Array {
  return encoder.encode(JSON.stringify(record));
}

/** The forms under which an alert may name this id: itself, and its hash where it is too long to be kept as it is. */
export function namesOf(id: string): string[] {
  return id.length > 200 ? [id, `sha256:${createHash('sha256').update(id).digest('hex')}`] : [id];
}
