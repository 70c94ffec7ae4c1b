/** A small text grammar: `{a|b}` chooses one, may be nested and empty; `[slot]` is filled in. */
import type { Random } from './random.ts';

export type Slots = Record<string, string>;

/** Ends of the innermost-first alternatives of one `{…}` group starting behind `from`. */
function parseGroup(template: string, from: number): { options: string[]; end: number } {
  const options: string[] = [];
  let depth = 1;
  let start = from;
  for (let i = from; i < template.length; i++) {
    const c = template[i];
    if (c === '{') depth++;
    else if (c === '}') depth--;
    if (depth === 0) {
      options.push(template.slice(start, i));
      return { options, end: i + 1 };
    }
    if (c === '|' && depth === 1) {
      options.push(template.slice(start, i));
      start = i + 1;
    }
  }
  throw new SyntaxError(`unclosed { in template: ${template.slice(0, 60)}`);
}

/**
 * Chooses among the alternatives and fills the slots; a slot that is named twice gets one value.
 * @param slot gives the value of a slot that `given` does not hold.
 * @example expand('{Hi|Hello} [name],', random, () => '', { name: 'Ida' }) // "Hello Ida,"
 */
export function expand(template: string, random: Random, slot: (name: string) => string, given: Slots = {}): string {
  const known: Slots = { ...given };
  const walk = (text: string): string => {
    let out = '';
    for (let i = 0; i < text.length; ) {
      const c = text[i];
      if (c === '{') {
        const { options, end } = parseGroup(text, i + 1);
        out += walk(random.pick(options));
        i = end;
      } else if (c === '[') {
        const end = text.indexOf(']', i);
        const name = text.slice(i + 1, end);
        known[name] ??= slot(name);
        out += known[name];
        i = end + 1;
      } else {
        out += c;
        i++;
      }
    }
    return out;
  };
  return walk(template);
}
