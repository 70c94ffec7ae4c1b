/** A model's answer in the shape of any provider, as the call's output, usage and outcome. */
import type { Message } from '../model/event.ts';
import { firstIdent, httpStatus, ident } from './identity.ts';
import { Thread } from './messages.ts';
import { arr, count, first, isObj, type Obj, obj } from './read.ts';

/** Output messages of a response body. The thread keeps the names of tool calls made so far. */
export function readOutput(response: unknown, history: Thread): Message[] {
  const thread = new Thread(history);
  if (typeof response === 'string') return thread.add(response, 'assistant').messages;
  if (Array.isArray(response)) return thread.add(response, 'assistant').messages;
  if (!isObj(response)) return [];
  if (Array.isArray(response.choices)) {
    for (const choice of response.choices) {
      if (!isObj(choice)) continue;
      if (isObj(choice.message)) thread.add(choice.message, 'assistant');
      else if (isObj(choice.delta)) thread.add(choice.delta, 'assistant');
      else thread.add(choice.text, 'assistant');
    }
  } else if (Array.isArray(response.output)) thread.add(response.output, 'assistant');
  else if (isObj(response.output) && isObj(response.output.message)) thread.add(response.output.message, 'assistant');
  else if (Array.isArray(response.candidates)) {
    for (const candidate of response.candidates) thread.add(obj(candidate).content, 'assistant');
  } else if (isObj(response.message)) thread.add(response.message, 'assistant');
  else if (response.content !== undefined) thread.add({ role: response.role, content: response.content }, 'assistant');
  else {
    // Ollama generate, Bedrock Titan, Llama and older completion bodies.
    const text = first(
      response.response,
      response.completion,
      response.generation,
      response.output_text,
      response.output,
    );
    if (text !== undefined) thread.add(text, 'assistant');
    for (const result of arr(response.results)) thread.add(obj(result).outputText, 'assistant');
  }
  return thread.messages;
}

export interface Usage {
  input: number | undefined;
  output: number | undefined;
}

/** Tokens of a response body or usage object. Anthropic counts cached input apart; it is added, as other providers include it. */
export function readUsage(holder: unknown): Usage {
  const body = obj(holder);
  const usage = isObj(body.usage) ? body.usage : isObj(body.usageMetadata) ? body.usageMetadata : body;
  const fresh = count(usage.input_tokens);
  const cached =
    fresh === undefined || usage.input_tokens_details !== undefined
      ? 0
      : (count(usage.cache_creation_input_tokens) ?? 0) + (count(usage.cache_read_input_tokens) ?? 0);
  return {
    input:
      count(usage.prompt_tokens) ??
      (fresh === undefined ? undefined : fresh + cached) ??
      count(usage.inputTokens) ??
      count(usage.promptTokenCount) ??
      count(body.prompt_eval_count),
    output:
      count(usage.completion_tokens) ??
      count(usage.output_tokens) ??
      count(usage.outputTokens) ??
      count(usage.candidatesTokenCount) ??
      count(body.eval_count),
  };
}

export interface Failure {
  type: string | undefined;
  status: number | undefined;
  denied: boolean;
  guardrail: 'flagged' | 'blocked' | undefined;
}

/** The error that a response body carries, or undefined. */
export function readFailure(response: unknown): Failure | undefined {
  const body = obj(response);
  const error = body.error ?? (body.type === 'error' ? body : undefined);
  if (error === undefined || error === null || error === '' || error === false) return undefined;
  const detail: Obj = obj(error);
  const type = firstIdent(
    obj(detail.innererror).code,
    detail.code,
    detail.type,
    typeof error === 'string' ? 'error' : undefined,
  );
  const status = httpStatus(detail.code) ?? httpStatus(detail.status) ?? httpStatus(body.status);
  const blocked = /content_?filter|ResponsibleAIPolicy|guardrail/i.test(`${ident(detail.code) ?? ''} ${type ?? ''}`);
  const denied =
    blocked ||
    status === 401 ||
    status === 403 ||
    /auth|permission|invalid_api_key|forbidden|unauthorized|access_?denied/i.test(type ?? '');
  return { type: type ?? 'error', status, denied, guardrail: blocked ? 'blocked' : undefined };
}

/** Guardrail verdict that a successful response carries: Azure and Bedrock mark it, OpenAI gives it as finish reason. */
export function guardrailOf(response: unknown): 'flagged' | 'blocked' | undefined {
  const body = obj(response);
  if (body['amazon-bedrock-guardrailAction'] === 'INTERVENED' || body.stopReason === 'guardrail_intervened')
    return 'blocked';
  for (const choice of arr(body.choices)) if (obj(choice).finish_reason === 'content_filter') return 'blocked';
  return undefined;
}

/** `denied` for a refusal of rights, `error` for any other code from 400, else `ok`. */
export function statusOf(code: number | undefined): 'ok' | 'error' | 'denied' {
  if (code === undefined || code < 400) return 'ok';
  return code === 401 || code === 403 ? 'denied' : 'error';
}
