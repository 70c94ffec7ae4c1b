/** A YAML or JSON file that a person wrote, checked against a schema: every fault is one line, `file:line: field: what is wrong`. */
import { readFileSync, statSync } from 'node:fs';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { NightjarError } from '../errors.ts';

/** Larger files would hold the process while they are read. */
const MAX_BYTES = 8 * 1024 * 1024;

export interface YamlFile {
  value: unknown;
  /** `file:line: field: message`, at the line of the field or of the nearest part of it that is there. */
  fault(path: PropertyKey[], message: string): string;
}

/**
 * Reads a file of at most 8 MB. JSON is read many times faster than YAML of the same size.
 * @param what names it in the error when it cannot be read, for example `the configuration`
 * @param hint what to do then
 * @throws NightjarError NJ_CONFIG
 */
export function readYamlFile(file: string, what: string, hint: string): YamlFile {
  const text = readText(file, what, hint);
  const lines = new LineCounter();
  let parsed: Document | undefined;
  const document = () => {
    parsed ??= parseDocument(text, { lineCounter: lines, prettyErrors: false });
    return parsed;
  };
  const lineAt = (offset: number) => lines.linePos(offset).line || 1;
  const fault = (path: PropertyKey[], message: string) => {
    const field = fieldName(path);
    return `${file}:${lineAt(offsetOf(document(), path))}: ${field === '' ? '' : `${field}: `}${message}`;
  };
  const json = jsonOf(text);
  if (json !== undefined) return { value: json, fault };
  const { errors } = document();
  if (errors.length > 0)
    throw new NightjarError(
      'NJ_CONFIG',
      errors.map(({ pos, message }) => `${file}:${lineAt(pos[0])}: ${message}`).join('\n'),
    );
  return { value: contentOf(document(), file), fault };
}

function jsonOf(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value in the schema's form. Throws NJ_CONFIG with one line per fault. */
export function checkYaml<S extends z.ZodType>(read: YamlFile, schema: S): z.infer<S> {
  const result = schema.safeParse(read.value);
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [read.fault(issue.path, issue.message)];
    return issue.keys.map((key) => read.fault([...issue.path, key], 'is no known setting'));
  });
  throw new NightjarError('NJ_CONFIG', faults.join('\n'));
}

function readText(file: string, what: string, hint: string): string {
  let size: number;
  let text: string;
  try {
    size = statSync(file).size;
    text = size > MAX_BYTES ? '' : readFileSync(file, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    throw new NightjarError('NJ_CONFIG', `cannot read ${what} ${file}: ${reason}`, { hint, cause: error });
  }
  if (size > MAX_BYTES) throw new NightjarError('NJ_CONFIG', `${file}: has ${size} bytes; the limit is ${MAX_BYTES}`);
  return text;
}

function contentOf(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // An expansion of aliases beyond the parser's limit shows only here.
    throw new NightjarError('NJ_CONFIG', `${file}:1: ${(error as Error).message}`, { cause: error });
  }
}

/** Offset of the key (in a map) or item (in a list) that the path names, else of the nearest part above it. */
function offsetOf(document: Document, path: PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const last = path[depth - 1];
    const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === last) : undefined;
    const node = pair ? pair.key : document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

/** `source.kafka.topics[0].format` */
function fieldName(path: PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}
