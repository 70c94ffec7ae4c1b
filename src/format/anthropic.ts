/**
 * Anthropic messages: `{request, response}` pairs and bare responses.
 *
 * Identity: principal is the request's `metadata.user_id` (unverified), the rest only where a wrapper gives it (see pair.ts). Id is the
 * message's id. The body has no time of its own, so the wrapper or the carrier must tell it. Input tokens include cached ones.
 */
import type { Format } from './contract.ts';
import { bareEvent, isPair, pairEvent } from './pair.ts';
import { isObj, type Obj } from './read.ts';

function isMessage(body: Obj): boolean {
  return (
    body.type === 'message' && body.role === 'assistant' && body.content !== undefined && body.schemaType === undefined
  );
}

function isError(body: Obj): boolean {
  return body.type === 'error' && isObj(body.error) && typeof body.error.type === 'string';
}

export const anthropic: Format = {
  id: 'anthropic',
  kind: 'json',
  recognise: (unit) => isMessage(unit) || isPair(unit, (body) => isMessage(body) || isError(body)),
  toEvents: (unit, context) => [
    isMessage(unit) ? bareEvent('anthropic', undefined, unit, context) : pairEvent('anthropic', unit, context),
  ],
};
