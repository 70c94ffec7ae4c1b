/** Reads labelled data: JSON Lines, plain or gzip, one file or all of a folder, as a stream. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { NightjarError } from '../errors.ts';

const LINES = /\.jsonl(\.gz)?$/;

/** The data files of a path in order of name. Throws NJ_INPUT when there are none. */
export async function dataFiles(path: string): Promise<string[]> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new NightjarError('NJ_INPUT', `no such file or folder: ${path}`, { cause });
  });
  if (info.isFile()) return [path];
  const names = (await readdir(path)).filter((name) => LINES.test(name)).sort();
  if (names.length === 0) throw new NightjarError('NJ_INPUT', `no .jsonl or .jsonl.gz files in ${path}`);
  return names.map((name) => join(path, name));
}

/** Lines of one file that are not empty, without their ends. */
export async function* readLines(file: string): AsyncGenerator<string> {
  const bytes = createReadStream(file);
  const text = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  // An error of the file does not travel through a pipe by itself; without this the reader would wait for ever.
  if (text !== bytes) bytes.on('error', (error) => text.destroy(error));
  try {
    for await (const line of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line !== '') yield line;
    }
  } catch (cause) {
    throw new NightjarError('NJ_INPUT', `cannot read ${file}: ${(cause as Error).message}`, { cause });
  } finally {
    bytes.destroy();
  }
}

/** One line as an object that has these fields. Throws NJ_INPUT with file and line. */
export function parseLine<T>(line: string, file: string, number: number, fields: readonly (keyof T & string)[]): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new NightjarError('NJ_INPUT', `${basename(file)} line ${number}: not JSON`, { cause });
  }
  for (const field of fields) {
    if (typeof value !== 'object' || value === null || !(field in value)) {
      throw new NightjarError('NJ_INPUT', `${basename(file)} line ${number}: no field "${field}"`);
    }
  }
  return value as T;
}
