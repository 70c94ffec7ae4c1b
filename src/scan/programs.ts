/** Programs that a shell command starts: their names tell what an agent at a shell is doing, without keeping what it typed. */

const MAX_PROGRAMS = 8;
const MAX_COMMAND = 8_000;
/** Where a command begins: the start of a value, a separator of the shell, or a word that runs another command. */
const COMMAND =
  /(?:^|[\n;|&(`]|\b(?:sudo|nohup|time|timeout \d+s?|exec|xargs|env|proxychains4?|python3?(?: -m)?|bash -c|sh -c|command)\b)\s*["']?(?:\w+=\S*\s+)*((?:[\w~.-]*\/)*[a-z][\w.+-]{1,40})/gi;
const MAX_VALUES = 8;

/**
 * Lower-case names without path and without the ending of a script, each once, at most 8.
 * @param args JSON text of a call's arguments; text that is no JSON counts as a command itself.
 */
export function programsIn(args: string): string[] {
  const found = new Set<string>();
  for (const command of values(args)) {
    for (const match of command.slice(0, MAX_COMMAND).matchAll(COMMAND)) {
      const name = (match[1] as string)
        .split('/')
        .at(-1)
        ?.toLowerCase()
        .replace(/\.(?:py|sh|exe|pl|rb)$/, '');
      if (name && !RUNNERS.has(name)) found.add(name);
      if (found.size === MAX_PROGRAMS) return [...found];
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

/** Start other programs, and are not what is looked for. */
const RUNNERS = new Set([
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
]);
