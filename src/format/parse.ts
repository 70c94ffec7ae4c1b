/** Bytes to JSON, safely: fatal UTF-8, limits on size, depth and number of nodes, no prototype keys. All reasons are NJ_RECORD. */
import { isAscii, isUtf8 } from 'node:buffer';
import { NightjarError } from '../errors.ts';

export const MAX_BYTES = 5 * 1024 * 1024;
export const MAX_DEPTH = 64;
export const MAX_NODES = 200_000;

/**
 * Up to this size JSON.parse is bounded well enough (some 20 ms for nothing but brackets) to look at depth afterwards, which is cheaper;
 * beyond it the text is scanned first.
 */
const SCAN_FIRST = 256 * 1024;

/** Why a record cannot be evaluated. */
export function reject(reason: string): never {
  throw new NightjarError('NJ_RECORD', reason);
}

export function checkSize(bytes: Uint8Array): void {
  if (bytes.byteLength > MAX_BYTES) reject(`record has ${bytes.byteLength} bytes; the limit is ${MAX_BYTES}`);
}

/** Text of the bytes; one byte order mark in front is dropped. */
export function textOf(bytes: Buffer): string {
  // One-byte strings parse and search faster than what a general decoder makes.
  if (isAscii(bytes)) return bytes.toString('latin1');
  if (!isUtf8(bytes)) reject('record is not UTF-8');
  const text = bytes.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** Nodes that may still be read from one record. */
export interface Budget {
  nodes: number;
}

export function newBudget(): Budget {
  return { nodes: MAX_NODES };
}

/**
 * The parsed value, or undefined for a text that is not JSON; NJ_RECORD when it breaks a limit or holds a forbidden key. What comes back is
 * at most 64 levels deep, so that recursion and JSON.stringify over it are safe.
 * @param what names the text in the reason, for example `record` or `body`
 */
export function tryJson(text: string, budget: Budget, what: string): unknown {
  if (text.length > SCAN_FIRST) scan(text, budget.nodes, what);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text: it must not travel.
    return undefined;
  }
  if (typeof value === 'object' && value !== null) {
    const fault = inspect(value, 1, budget);
    if (fault !== undefined) reject(`${what} ${fault}`);
  }
  return value;
}

/**
 * Depth, nodes and forbidden keys of a parsed value in one walk. Looking at parsed keys also finds those that were written with
 * escapes, and costs less than searching the text for them.
 */
function inspect(value: object, depth: number, budget: Budget): string | undefined {
  if (depth > MAX_DEPTH) return `is deeper than ${MAX_DEPTH} levels`;
  if (Array.isArray(value)) {
    budget.nodes -= value.length;
    if (budget.nodes < 0) return `has more than ${MAX_NODES} nodes`;
    for (let i = 0; i < value.length; i++) {
      const item = value[i];
      if (typeof item === 'object' && item !== null) {
        const fault = inspect(item, depth + 1, budget);
        if (fault !== undefined) return fault;
      }
    }
    return undefined;
  }
  const fields = value as Record<string, unknown>;
  let keys = 0;
  for (const key in fields) {
    keys++;
    if (key === '__proto__') return 'holds a __proto__ key';
    const item = fields[key];
    if (typeof item === 'object' && item !== null) {
      if (key === 'constructor' && Object.hasOwn(item, 'prototype')) return 'holds a constructor.prototype key';
      const fault = inspect(item, depth + 1, budget);
      if (fault !== undefined) return fault;
    }
  }
  budget.nodes -= keys;
  return budget.nodes < 0 ? `has more than ${MAX_NODES} nodes` : undefined;
}

const QUOTE = 34;
const BACKSLASH = 92;

/** One pass over the text without parsing it: depth, and a lower bound of the number of nodes. */
function scan(text: string, nodes: number, what: string): void {
  const open: string[] = [];
  let depth = 0;
  let separators = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      i = closingQuote(text, i);
      if (i < 0) return;
    } else if (code === 123 || code === 91) {
      if (depth >= 0) open[depth] = code === 123 ? '}' : ']';
      if (++depth > MAX_DEPTH) {
        if (isJsonSoFar(text.slice(0, i + 1), open)) reject(`${what} is deeper than ${MAX_DEPTH} levels`);
        return;
      }
    } else if (code === 125 || code === 93) depth--;
    else if (code === 44 && ++separators > nodes) reject(`${what} has more than ${MAX_NODES} nodes`);
  }
}

/** Plain text may hold any number of brackets: only what parses once its brackets are closed is deep JSON. */
function isJsonSoFar(head: string, open: readonly string[]): boolean {
  try {
    JSON.parse(head + open.toReversed().join(''));
    return true;
  } catch {
    return false;
  }
}

function closingQuote(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let back = at - 1;
    while (text.charCodeAt(back) === BACKSLASH) back--;
    if ((at - back) & 1) return at;
  }
  return -1;
}
