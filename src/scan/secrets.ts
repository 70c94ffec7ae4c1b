/** Keys of AI gateways and providers in a text, as the hash that logs know them by. */
import { createHash } from 'node:crypto';

/** `sk-…` as LiteLLM, OpenAI and Anthropic issue them. Long enough that no word or example has the form. */
const KEY = /(?<![\w-])sk-[A-Za-z0-9_-]{16,200}(?![\w-])/g;
const MAX_KEYS = 16;

/** `sha256:<hex>` of each key in the text, at most 16: the form of an Event's `credential`. */
export function keysIn(text: string): string[] {
  if (!text.includes('sk-')) return [];
  const found = new Set<string>();
  for (const match of text.matchAll(KEY)) {
    found.add(`sha256:${createHash('sha256').update(match[0]).digest('hex')}`);
    if (found.size === MAX_KEYS) break;
  }
  return [...found];
}
