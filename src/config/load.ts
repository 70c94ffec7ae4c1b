/** Loads the configuration: a YAML file over the defaults; every fault is one line with the path of the field. */
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { NightjarError } from '../errors.ts';
import { type Config, configSchema } from './schema.ts';
import { checkYaml, readYamlFile } from './yaml-file.ts';

/** The defaults alone. */
export function defaultConfig(): Config {
  return configSchema.parse({});
}

/**
 * Reads a YAML or JSON file. Relative paths in it are relative to the file.
 * Throws NJ_CONFIG with `file:line: field: what is wrong`, one line per fault.
 */
export function loadConfig(file: string): Config {
  const read = readYamlFile(file, 'the configuration', 'name an existing file with --config');
  const config = checkYaml({ ...read, value: read.value ?? {} }, configSchema);
  return withAbsolutePaths(config, dirname(resolve(file)));
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
