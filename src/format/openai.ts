/**
 * OpenAI chat completions, text completions, embeddings and Responses: `{request, response}` pairs, bare responses, bare requests.
 *
 * Identity: principal is the body's `user` or `safety_identifier` (or the wrapper's `user`), session the Responses `conversation`; the rest
 * only where a wrapper gives it (see pair.ts). Id is the completion's or response's id.
 */
import type { Format } from './contract.ts';
import { bareEvent, isPair, pairEvent } from './pair.ts';
import { isObj, type Obj } from './read.ts';

const OBJECTS = new Set<unknown>(['chat.completion', 'text_completion', 'response']);

function isResponse(body: Obj): boolean {
  return (
    OBJECTS.has(body.object) || Array.isArray(body.choices) || (body.object === 'list' && Array.isArray(body.data))
  );
}

function isRequest(body: Obj): boolean {
  return (
    typeof body.model === 'string' &&
    body.role === undefined &&
    (Array.isArray(body.messages) || body.input !== undefined || body.prompt !== undefined)
  );
}

function isError(body: Obj): boolean {
  return isObj(body.error) && typeof body.error.message === 'string' && body.jsonrpc === undefined;
}

export const openai: Format = {
  id: 'openai',
  kind: 'json',
  recognise: (unit) =>
    unit.object === 'chat.completion.chunk'
      ? false
      : isResponse(unit) ||
        isPair(unit, (body) => isResponse(body) || isRequest(body) || isError(body)) ||
        isRequest(unit),
  toEvents: (unit, context) => [
    isResponse(unit)
      ? bareEvent('openai', 'openai', undefined, unit, context)
      : unit.request !== undefined || unit.response !== undefined
        ? pairEvent('openai', 'openai', unit, context)
        : bareEvent('openai', 'openai', unit, undefined, context),
  ],
};
