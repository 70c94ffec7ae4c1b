/** Patterns that a configuration gives for names: matched in linear time, whatever they are, and only against the whole name. */
import { RE2JS } from 're2js';

/**
 * A test for names.
 * @param pattern a regular expression in RE2 syntax: no back-references, no lookaround
 * @throws Error that says what is wrong with the pattern
 */
export function namePattern(pattern: string): (name: string) => boolean {
  const compiled = RE2JS.compile(pattern);
  return (name) => compiled.matches(name);
}
