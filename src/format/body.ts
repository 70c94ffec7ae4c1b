/** Bodies that a log holds as text: JSON, server-sent events, or plain. */
import { type Budget, tryJson } from './parse.ts';
import { assemble } from './stream.ts';

/**
 * A request or response body: parsed when it is JSON text, put together when it is a stream (SSE text or a list of stream events), else as
 * it is. Text that was cut off stays text, so that it can still be scanned.
 */
export function readBody(value: unknown, budget: Budget): unknown {
  if (Array.isArray(value)) return assemble(value) ?? value;
  if (typeof value !== 'string') return value;
  const text = value.trimStart();
  const start = text.charCodeAt(0);
  if (start === 123 || start === 91) {
    const parsed = tryJson(text, budget, 'body');
    if (parsed !== undefined) return Array.isArray(parsed) ? (assemble(parsed) ?? parsed) : parsed;
  }
  if (/^(?:event|data|id|:)/.test(text)) {
    const events = serverSentEvents(text, budget);
    if (events.length > 0) return assemble(events) ?? value;
  }
  return value;
}

/** JSON values of the `data:` lines. */
function serverSentEvents(text: string, budget: Budget): unknown[] {
  const events: unknown[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith('data:')) continue;
    const data = line.slice(5).trim();
    if (data === '' || data === '[DONE]') continue;
    const event = tryJson(data, budget, 'stream event');
    if (event !== undefined) events.push(event);
  }
  return events;
}
