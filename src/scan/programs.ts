/** Programs that a command starts, or an order names: they tell what an agent is doing, without keeping what it typed. */

const MAX_PROGRAMS = 16;
const MAX_COMMAND = 8_000;
/** Where a command begins: the start of a value, a separator of the shell, or a word that runs another command; and what may stand before its name. */
const COMMAND =
  /(?:^|[\n;|&(]|`(?=\S)|\b(?:xargs|exec|bash -c|sh -c)\b)\s*["']?(?:(?:sudo|nohup|time|timeout \d+s?|exec|env|xargs|proxychains4?|python3?|command)(?: -[\w-]+)*\s+|\w+=\S*\s+)*((?:[a-z]:)?(?:[\w~.-]*[/\\])*[a-z][\w.+-]{1,40})/gi;
/** "… with nmap": an order in words, as one agent gives it to another. Commands are written small. */
const NAMED = /\b(?:[Uu]sing|[Uu]se|[Vv]ia|[Ww]ith|[Rr]un|[Ee]xecute|[Ll]aunch)\s+[`'"]?([a-z][\w.+-]{2,40})/g;
/** A line of prose begins with a capital; a program only where it is a script or belongs to Windows. */
const PROSE = /^[A-Z](?!.*\.(?:exe|ps1|py|sh|pl|rb|bat|cmd)$)/;
const MAX_VALUES = 8;

/**
 * Lower-case names without path and without the ending of a script, each once, at most 16.
 * @param args JSON text of a call's arguments; text that is no JSON counts as a command itself.
 */
export function programsIn(args: string): string[] {
  const found = new Set<string>();
  for (const value of values(args)) {
    const command = value.slice(0, MAX_COMMAND);
    for (const pattern of [COMMAND, NAMED]) {
      for (const match of command.matchAll(pattern)) {
        const written = (match[1] as string)
          .split(/[/\\]/)
          .at(-1)
          ?.replace(/[.+-]+$/, '') as string;
        const name = written.toLowerCase().replace(/\.(?:py|sh|exe|pl|rb)$/, '');
        if (name && !PROSE.test(written) && !NO_PROGRAMS.has(name)) found.add(name);
        if (found.size === MAX_PROGRAMS) return [...found];
      }
    }
  }
  return [...found];
}

function values(args: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(args);
  } catch {
    return [args];
  }
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value)
    .flat()
    .filter((one) => typeof one === 'string')
    .slice(0, MAX_VALUES);
}

/** Words that start other programs, or stand where a program's name could. */
const NO_PROGRAMS = new Set([
  'sudo',
  'nohup',
  'time',
  'timeout',
  'exec',
  'xargs',
  'env',
  'command',
  'proxychains',
  'proxychains4',
  ...'the this that these those all any each every another your our their its his her one two some only both default initial'.split(
    ' ',
  ),
]);
