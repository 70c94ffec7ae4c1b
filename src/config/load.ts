/** Loads the configuration: a YAML file over the defaults; every fault is one line with the path of the field. */
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { NightjarError } from '../errors.ts';
import { type Config, configSchema } from './schema.ts';

/** The defaults alone. */
export function defaultConfig(): Config {
  return configSchema.parse({});
}

/**
 * Reads a YAML or JSON file. Relative paths in it are relative to the file.
 * Throws NJ_CONFIG with `file:line: field: what is wrong`, first fault first.
 */
export function loadConfig(file: string): Config {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new NightjarError(
      'NJ_CONFIG',
      `cannot read the configuration ${file}: ${(error as NodeJS.ErrnoException).code}`,
      {
        hint: 'name an existing file with --config',
        cause: error,
      },
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const fault = document.errors[0];
  if (fault)
    throw new NightjarError(
      'NJ_CONFIG',
      `${file}:${lines.linePos(fault.pos[0]).line}: ${fault.message.split('\n')[0]}`,
    );
  const result = configSchema.safeParse(document.toJS() ?? {});
  if (!result.success) {
    const faults = result.error.issues.flatMap((issue) => {
      if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }];
      return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'is no known setting' }));
    });
    const text = faults.map(
      ({ path, message }) => `${file}${lineOf(document, path, lines)}: ${path.join('.')}: ${message}`,
    );
    throw new NightjarError('NJ_CONFIG', text.join('\n'));
  }
  return withAbsolutePaths(result.data, dirname(resolve(file)));
}

function lineOf(document: ReturnType<typeof parseDocument>, path: PropertyKey[], lines: LineCounter): string {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true) as { range?: [number, number, number] } | undefined;
    if (node?.range) return `:${lines.linePos(node.range[0]).line}`;
  }
  return '';
}

/** Settings that name a file or folder; their names end so throughout the schema. */
const PATH_NAME = /File$|^(?:data|playbooks)$/;

function withAbsolutePaths(config: Config, base: string): Config {
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk);
    if (node === null || typeof node !== 'object') return node;
    return Object.fromEntries(
      Object.entries(node).map(([name, value]) => [
        name,
        typeof value === 'string' && PATH_NAME.test(name) && !isAbsolute(value) ? resolve(base, value) : walk(value),
      ]),
    );
  };
  return walk(config) as Config;
}

/** Reads a secret's file; a trailing newline is not part of it. Throws NJ_CONFIG naming the setting and the file. */
export function readSecret(file: string, setting: string): string {
  let secret: string;
  try {
    secret = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new NightjarError('NJ_CONFIG', `${setting}: cannot read ${file}: ${(error as NodeJS.ErrnoException).code}`, {
      cause: error,
    });
  }
  if (secret === '') throw new NightjarError('NJ_CONFIG', `${setting}: ${file} is empty`);
  return secret;
}
