/** Names in state: whoever writes the log chooses them, so each is kept in a form of bounded size. */
import { contentId } from '../../model/ids.ts';

/** Characters that JSON writes as one byte each. */
const PLAIN = /^[ !#-[\]-~]*$/;
/** Names that every object has. */
const EVERYWHERE: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));
const NOT_PLAIN = /[^ !#-[\]-~]/g;

/**
 * The name itself when its JSON has at most `bytes` bytes without the quotes; else its first characters and a hash, so that equal names
 * stay equal and different ones different. A name that every object has (`__proto__`, `constructor`) is never given back as it is: used
 * as a key of state it would reach into all objects.
 * @param bytes at least 32.
 * @example shortName('send_email', 80) // 'send_email'
 */
export function shortName(name: string, bytes: number): string {
  if (name.length <= bytes && !EVERYWHERE.has(name) && (PLAIN.test(name) || jsonBytes(name) <= bytes)) return name;
  const hash = contentId('n', [name]);
  const head = name.slice(0, bytes - hash.length - 3).replace(NOT_PLAIN, '');
  return `${head}…${hash}`;
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
