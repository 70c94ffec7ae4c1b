/** Argument atoms: the smallest parts of a call's arguments that can be copied from somewhere. */
import type { AtomKind } from '../model/observation.ts';
import { isSecretLike } from './secrets.ts';
import { fold } from './words.ts';

export interface Atom {
  path: string;
  kind: AtomKind;
  /** The atom as logged, at most 500 characters. */
  text: string;
  /** Lower-case, white space collapsed: what is looked for in the conversation. */
  folded: string;
}

/** Kinds too common or too long to prove by themselves that they were copied. */
const UNTRACED = new Set<AtomKind>(['text', 'code', 'amount', 'date']);

/** True for an atom whose kind can show where it came from. */
export function isTraced({ kind }: Atom): boolean {
  return !UNTRACED.has(kind);
}

const MAX_ATOMS = 64;
const MAX_LEAVES = 256;
const MAX_TEXT = 500;

const EMAIL = /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g;
const URL_LIKE = /\bhttps?:\/\/[^\s"'<>)\]]{3,500}|\bwww\.[\w-]{1,63}(?:\.[\w-]{1,63})+(?:\/[^\s"'<>)\]]{0,400})?/gi;
const HOST = /^(?:[a-z0-9-]{1,40}\.){1,6}[a-z]{2,24}$/;
const IP_ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5}|\/\d{1,2})?$/;
/** An address, or a range of them, inside a command or a text. */
const ADDRESS_IN_TEXT = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?(?![\d.]*\d)/g;
const MAX_ADDRESSES = 16;
const ACCOUNT = /^[A-Z]{2}\d{2}[A-Z0-9]{8,30}$/;
const AMOUNT = /^[-+]?[$€£]?\d{1,12}(?:[.,]\d{1,8})*\s?(?:%|usd|eur|gbp)?$/i;
const DATE =
  /^\d{4}-\d{1,2}-\d{1,2}(?:[t ]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:z|[+-]\d{2}:?\d{2})?)?$|^\d{1,2}[./]\d{1,2}[./]\d{2,4}$|^\d{1,2}:\d{2}(?::\d{2})?$/i;
const PATH = /^(?:[a-z]:)?[~.]{0,2}[\\/][\w.@\\/-]{1,300}$|^[\w-]{1,60}(?:[ _][\w-]{1,30}){0,3}\.[a-z][a-z0-9]{1,4}$/i;
const IDENTIFIER = /^[\w:.#-]{1,64}$/;
const CODE = /[{}();=<>|&$]|\b(?:select|insert|update|delete|import|def|function|curl|sudo|echo)\b/i;

/**
 * Atoms of a call's arguments, in document order, at most 64: each leaf, and each address or link inside a longer leaf.
 * @param args JSON text as logged; text that is not JSON counts as one leaf at path `$`.
 */
export function findAtoms(args: string): Atom[] {
  if (args.trim() === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(args);
  } catch {
    value = args;
  }
  const atoms: Atom[] = [];
  const seen = new Set<string>();
  const add = (path: string, kind: AtomKind, text: string) => {
    const folded = fold(text.slice(0, MAX_TEXT));
    if (folded.length < 1 || atoms.length >= MAX_ATOMS || seen.has(`${path}\0${folded}`)) return;
    seen.add(`${path}\0${folded}`);
    atoms.push({ path, kind, text: text.slice(0, MAX_TEXT), folded });
  };
  for (const [path, leaf] of leaves(value)) {
    const kind = kindOf(leaf);
    if (kind === 'text' || kind === 'code' || leaf.includes(' ')) {
      for (const match of leaf.slice(0, 20_000).matchAll(EMAIL)) add(path, 'email', match[0]);
      for (const match of leaf.slice(0, 20_000).matchAll(URL_LIKE))
        add(path, 'url', match[0].replace(/[.,;:!?]+$/, ''));
      let addresses = 0;
      for (const match of leaf.slice(0, 20_000).matchAll(ADDRESS_IN_TEXT)) {
        if (++addresses > MAX_ADDRESSES) break;
        add(path, 'address', match[0]);
      }
    }
    add(path, kind, leaf);
  }
  return atoms;
}

function kindOf(leaf: string): AtomKind {
  const text = leaf.trim();
  // What has the form of a secret is never taken for a host or a file, whose names are shown.
  if (isSecretLike(text)) return 'id';
  if (text.length > 120 || text.split(/\s+/, 13).length > 12) return CODE.test(text.slice(0, 2_000)) ? 'code' : 'text';
  if (/^\S+@\S+\.\S+$/.test(text) && text.match(EMAIL)?.[0] === text) return 'email';
  if (/^(?:https?:\/\/|www\.)\S+$/i.test(text)) return 'url';
  if (IP_ADDRESS.test(text)) return 'address';
  if (ACCOUNT.test(text.replaceAll(' ', ''))) return 'account';
  if (DATE.test(text)) return 'date';
  if (AMOUNT.test(text)) return 'amount';
  if (PATH.test(text)) return 'path';
  if (HOST.test(text)) return 'host';
  if (IDENTIFIER.test(text)) return /\d/.test(text) ? 'id' : 'name';
  return text.split(/\s+/).length > 4 ? 'text' : 'name';
}

/** Leaves of a JSON value as text with their path, breadth first, at most 256 and 8 deep. */
function leaves(value: unknown): [string, string][] {
  const found: [string, string][] = [];
  const queue: [string, unknown, number][] = [['', value, 0]];
  for (let i = 0; i < queue.length && found.length < MAX_LEAVES; i++) {
    const [path, node, depth] = queue[i] as [string, unknown, number];
    if (typeof node === 'string') found.push([path || '$', node]);
    else if (typeof node === 'number' || typeof node === 'boolean') found.push([path || '$', String(node)]);
    else if (node !== null && typeof node === 'object' && depth < 8 && queue.length < 4 * MAX_LEAVES) {
      if (Array.isArray(node)) for (const item of node.slice(0, MAX_LEAVES)) queue.push([`${path}[]`, item, depth + 1]);
      else
        for (const [name, item] of Object.entries(node).slice(0, MAX_LEAVES))
          queue.push([path ? `${path}.${name.slice(0, 60)}` : name.slice(0, 60), item, depth + 1]);
    }
  }
  return found;
}
