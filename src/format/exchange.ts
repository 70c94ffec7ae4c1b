/** A request and its response, as the provider's API has them, to the part of an Event that they tell. */
import type { Event, Message, Operation, Status, ToolDefinition } from '../model/event.ts';
import { guardrailOf, readFailure, readOutput, readUsage } from './answer.ts';
import { readBody } from './body.ts';
import { firstIdent, ident } from './identity.ts';
import { Thread } from './messages.ts';
import type { Budget } from './parse.ts';
import { arr, isObj, type Obj, obj, streamed } from './read.ts';
import { timeOf } from './time.ts';
import { readTools } from './tools.ts';

/** What a pair of bodies tells about a call. */
export interface Exchange {
  operation: Operation;
  /** The provider's id of the answer. */
  id: string | undefined;
  time: number | undefined;
  model: string | undefined;
  principal: string | undefined;
  session: string | undefined;
  input: Message[];
  output: Message[];
  tools: ToolDefinition[];
  inputTokens: number | undefined;
  outputTokens: number | undefined;
  status: Status;
  errorType: string | undefined;
  httpStatus: number | undefined;
  guardrail: Event['guardrail'];
  stream: boolean | undefined;
}

/** History of a request body, whichever provider's. */
export function readInput(request: Obj): Thread {
  const thread = new Thread();
  if (request.messages !== undefined) thread.add(request.messages, 'user');
  else if (request.contents !== undefined) thread.add(request.contents, 'user');
  else if (request.input !== undefined) thread.add(request.input, 'user');
  else if (request.prompt !== undefined) thread.add(request.prompt, 'user');
  else if (request.inputText !== undefined) thread.add(request.inputText, 'user');
  else if (typeof request.message === 'string') thread.add(request.chat_history, 'user').add(request.message, 'user');
  const system =
    request.system ??
    request.instructions ??
    request.preamble ??
    request.systemInstruction ??
    request.system_instruction;
  if (system !== undefined && system !== null) thread.addSystem(isObj(system) ? (system.parts ?? system) : system);
  return thread;
}

/** @param request body as JSON value or text; undefined where the log has none. @param response likewise, streamed or whole */
export function readExchange(request: unknown, response: unknown, budget: Budget): Exchange {
  const asked = readBody(request, budget);
  const answered = readBody(response, budget);
  const ask = obj(asked);
  const answer = obj(answered);
  const history = isObj(asked) ? readInput(ask) : new Thread().add(asked, 'user');
  const failure = readFailure(answered);
  const usage = readUsage(answered);
  const guardrail = failure?.guardrail ?? guardrailOf(answered);
  const embeddings = isObj(arr(answer.data)[0]) && obj(arr(answer.data)[0]).embedding !== undefined;
  return {
    operation: embeddings ? 'embeddings' : 'chat',
    id: firstIdent(answer.id, answer.responseId),
    time: timeOf(answer.completed_at) ?? timeOf(answer.created) ?? timeOf(answer.created_at),
    model: firstIdent(answer.model, answer.modelVersion, ask.model, ask.modelId),
    principal: firstIdent(
      ask.user,
      ask.safety_identifier,
      answer.user,
      answer.safety_identifier,
      obj(ask.metadata).user_id,
    ),
    session: firstIdent(
      ident(ask.conversation) ?? obj(ask.conversation).id,
      ident(answer.conversation) ?? obj(answer.conversation).id,
    ),
    input: history.messages,
    output: embeddings ? [] : readOutput(answered, history),
    tools: readTools(ask.tools ?? ask.functions ?? obj(ask.toolConfig).tools),
    inputTokens: usage.input,
    outputTokens: usage.output,
    status: guardrail === 'blocked' || failure?.denied ? 'denied' : failure ? 'error' : 'ok',
    errorType: failure?.type ?? (guardrail === 'blocked' ? 'guardrail' : undefined),
    httpStatus: failure?.status,
    guardrail,
    stream: wasStream(response, answered) ? true : streamed(ask.stream),
  };
}

/** A list of stream events, or their text, that was put together to one body. */
function wasStream(response: unknown, answered: unknown): boolean {
  if (!isObj(answered)) return false;
  return Array.isArray(response) || (typeof response === 'string' && !/^\s*\{/.test(response));
}
