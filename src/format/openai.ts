/**
 * OpenAI chat completions, text completions, embeddings and Responses: `{request, response}` pairs, bare responses, bare requests.
 *
 * Identity: principal is the body's `user` or `safety_identifier` (or the wrapper's `user`), session the Responses `conversation`; the rest
 * only where a wrapper gives it (see pair.ts). Id is the completion's or response's id. Many servers speak these APIs, so the provider is absent
 * unless the wrapper names it. Gemini and Ollama bodies in the same wrapper are read too.
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

/** Bodies of other APIs in the same wrapper: Gemini, Ollama. */
function isOther(body: Obj): boolean {
  return Array.isArray(body.contents) || Array.isArray(body.candidates) || isObj(body.message);
}

function isBody(body: Obj): boolean {
  return isResponse(body) || isRequest(body) || isError(body) || isOther(body);
}

export const openai: Format = {
  id: 'openai',
  kind: 'json',
  recognise: (unit) =>
    unit.object !== 'chat.completion.chunk' && (isResponse(unit) || isPair(unit, isBody) || isRequest(unit)),
  toEvents: (unit, context) => {
    if (isResponse(unit)) return [bareEvent('openai', undefined, unit, context)];
    if (isPair(unit, isBody)) return [pairEvent('openai', unit, context)];
    return [bareEvent('openai', unit, undefined, context)];
  },
};
