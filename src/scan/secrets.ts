/** Keys of AI gateways and providers in a text, as the hash that logs know them by. */
import { createHash } from 'node:crypto';

/** `sk-…` as LiteLLM, OpenAI and Anthropic issue them. Long enough that no word or example has the form. */
const KEY = /(?<![\w-])sk-[A-Za-z0-9_-]{16,200}(?![\w-])/g;
const MAX_KEYS = 16;
/** Prefixes under which well-known services issue their keys and tokens. */
const ISSUED =
  /^(?:sk|pk|rk|xox[a-z]|gh[opsu]|github_pat|glpat|hf|npm|pypi|AKIA|ASIA|AIza|ya29|eyJ|whsec|shpat|SG)[-_.A-Za-z0-9]/;
/** A run of letters and digits mixed that no word, name or host has. */
const RANDOM = /(?=[A-Za-z0-9_-]*\d)(?=[A-Za-z0-9_-]*[A-Z])(?=[A-Za-z0-9_-]*[a-z])[A-Za-z0-9_-]{20,}/;

/** True for a single token that has the form of a key: then nobody is shown a part of it. */
export function isSecretLike(text: string): boolean {
  return (
    text.length >= 16 &&
    text.length <= 4_000 &&
    !/\s/.test(text) &&
    !text.includes('://') &&
    (ISSUED.test(text) || RANDOM.test(text))
  );
}

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
