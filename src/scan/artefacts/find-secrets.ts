/** Secrets in a text: keys of known form, private keys, connection strings, and values that are named as secrets. */
import { lowBytes } from '../normalise/bytes.ts';
import { longTokens } from '../normalise/tokens.ts';
import type { Artefact } from './artefact.ts';
import { hasValidChecksum } from './checksums.ts';
import { FORMS, type Form } from './issued-forms.ts';
import { findNamedValues, nameBefore } from './named-values.ts';
import { entropy, isPassword, isPlaceholder, isRandom } from './secret-value.ts';

const MAX_TOKENS = 4_096;
/** Characters before a long token in which its form may begin: `hooks.slack.com/services/`. */
const LEAD = 40;
const MAX_SECRET = 4_096;
/** Beginnings of known forms that are tried in one token. */
const MAX_TRIES = 16;
/** Bits per character that keys of known form have at least. */
const LEAST_ENTROPY = 2.5;

const HEADS = new Uint8Array(65_536);
for (const head of FORMS.keys()) HEADS[(head.charCodeAt(0) << 8) | head.charCodeAt(1)] = 1;

/** In order of place, at most `limit`, none overlapping. Time is linear in the length. */
export function findSecrets(text: string, limit: number): Artefact[] {
  const found: Artefact[] = [];
  const bytes = lowBytes(text);
  let behind = 0;
  for (const [start, end] of longTokens(bytes, MAX_TOKENS)) {
    if (end <= behind) continue;
    const one =
      issued(text, bytes, Math.max(behind, start - LEAD), end) ??
      whole(text, bytes, start, end) ??
      named(text, bytes, start, end);
    if (!one) continue;
    found.push(one);
    behind = one.end;
    if (found.length === limit) break;
  }
  found.push(...findPrivateKeys(text), ...findUserInfo(text), ...findHashes(text), ...findNamedValues(text, limit));
  return distinct(found, limit);
}

function distinct(found: Artefact[], limit: number): Artefact[] {
  const kept: Artefact[] = [];
  // Of two that overlap, the surer one; then the first.
  for (const one of [...found].sort((a, b) => b.confidence - a.confidence || a.start - b.start)) {
    if (kept.some(({ start, end }) => one.start < end && start < one.end)) continue;
    kept.push(one);
    if (kept.length === limit) break;
  }
  return kept.sort((a, b) => a.start - b.start);
}

function isAlphanumeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a);
}

/** A key of known form that begins somewhere from `from` on, at the start of a word. */
function issued(text: string, bytes: Uint8Array, from: number, end: number): Artefact | undefined {
  let tries = 0;
  for (let at = from; at < end - 8; at++) {
    if (HEADS[((bytes[at] as number) << 8) | (bytes[at + 1] as number)] === 0) continue;
    if (at > 0 && isAlphanumeric(bytes[at - 1] as number) && !isEscape(text, at)) continue;
    if (++tries > MAX_TRIES) break;
    for (const form of FORMS.get(text.slice(at, at + 2)) ?? []) {
      const one = formAt(text, at, form);
      if (one) return one;
    }
    const jwt = text.startsWith('eyJ', at) ? jwtAt(text, at) : undefined;
    if (jwt) return jwt;
  }
  return undefined;
}

/** The letter of `\n`, `\t` and the like belongs to no word. */
function isEscape(text: string, at: number): boolean {
  return at > 1 && text[at - 2] === '\\' && 'nrt'.includes(text[at - 1] as string);
}

function formAt(text: string, at: number, form: Form): Artefact | undefined {
  if (!text.startsWith(form.prefix, at)) return undefined;
  form.rest.lastIndex = at + form.prefix.length;
  const rest = form.rest.exec(text)?.[0];
  if (rest === undefined || isPlaceholder(rest) || entropy(rest) < LEAST_ENTROPY) return undefined;
  // Words joined by hyphens have the form of a loose one: sk-learn-contrib-extensions.
  if (/^[a-z]+(?:[-_.][a-z]+)*$/.test(rest)) return undefined;
  const value = form.prefix + rest;
  if (isPlaceholder(value)) return undefined;
  const sound = hasValidChecksum(form.type, value);
  return secret(form.type, sound === undefined ? 0.95 : sound ? 0.99 : 0.85, at, value);
}

HEADS[(0x65 << 8) | 0x79] = 1;

/** Claims of the tokens that manuals show. */
const EXAMPLE_CLAIMS = /1234567890|John Doe|example\.(?:com|org)|joe"/;

/** A JSON Web Token: its header names an algorithm. The second part may be cut off, the first may not. */
function jwtAt(text: string, at: number): Artefact | undefined {
  const match = /^eyJ[\w-]{10,2000}\.(?:eyJ|[\w-])[\w-]{10,3000}(?:\.[\w-]{10,1000})?/.exec(
    text.slice(at, at + MAX_SECRET),
  );
  if (!match || isPlaceholder(match[0])) return undefined;
  const header = Buffer.from(match[0].slice(0, match[0].indexOf('.')), 'base64url').toString('latin1');
  const payload = Buffer.from(match[0].split('.')[1] as string, 'base64url').toString('latin1');
  return /"(?:alg|typ|kid)"/.test(header) && !EXAMPLE_CLAIMS.test(payload)
    ? secret('jwt', 0.9, at, match[0])
    : undefined;
}

/** Forms that are told by their whole rather than by how they begin. */
const WHOLE: [type: string, form: RegExp, before?: RegExp][] = [
  ['mailchimp-key', /^[0-9a-f]{32}-us\d{1,2}$/],
  ['maxmind-key', /^[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk$/],
  ['telegram-token', /^AA[\w-]{33}$/, /(?:^|\D)\d{8,10}:$/],
  ['terraform-token', /^[\w-]{60,70}$/, /(?:^|[^A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.$/],
  ['discord-token', /^[\w-]{27,40}$/, /(?:^|[^\w-])[MNO][\w-]{23,27}\.[\w-]{6}\.$/],
  ['azure-client-secret', /^[\w-]{31,34}$/, /(?:^|[^\w~.-])[\w~.-]{3}\dQ~$/],
];

function whole(text: string, bytes: Uint8Array, start: number, end: number): Artefact | undefined {
  const before = bytes[start - 1] ?? 0;
  const last = bytes[end - 1] as number;
  // Either what stands before tells them, or the suffix: `:`, `.`, `~`; `k` of mmk, a digit of us12.
  if (
    before !== 0x3a &&
    before !== 0x2e &&
    before !== 0x7e &&
    last !== 0x6b &&
    bytes[end - 4] !== 0x75 &&
    bytes[end - 3] !== 0x75
  )
    return undefined;
  const token = text.slice(start, Math.min(end, start + 80));
  for (const [type, form, before] of WHOLE) {
    if (!form.test(token)) continue;
    const lead = before
      ? before.exec(text.slice(Math.max(0, start - LEAD), start))?.[0].replace(/^[^A-Za-z0-9~.]/, '')
      : '';
    if (lead === undefined || isPlaceholder(token)) continue;
    return secret(type, 0.95, start - lead.length, lead + token);
  }
  return undefined;
}

const JOINS = new Uint8Array(256);
for (const character of '.~+/!@#$%^&*-=_') JOINS[character.charCodeAt(0)] = 1;
/** What may stand right before a value that is named. */
const OPENS = new Uint8Array(256);
for (const character of '=:"\'`>(, \n\t\\@') OPENS[character.charCodeAt(0)] = 1;

/** A long random value that the words before it call a secret. */
function named(text: string, bytes: Uint8Array, start: number, end: number): Artefact | undefined {
  if (!isMixed(bytes, start, end)) return undefined;
  let from = start;
  while (from > 0 && start - from < 24 && JOINS[bytes[from - 1] as number] === 1 && bytes[from - 1] !== 0x3d) from--;
  if (from > 0 && OPENS[bytes[from - 1] as number] === 0) return undefined;
  let to = end;
  while (
    to < bytes.length &&
    to - start < 400 &&
    (JOINS[bytes[to] as number] === 1 || isAlphanumeric(bytes[to] as number))
  )
    to++;
  const value = text.slice(from, to).replace(/[.]+$/, '');
  // What begins like a web token was judged as one; two slashes begin a link.
  if (value.startsWith('eyJ') || value.startsWith('//')) return undefined;
  if (nameBefore(text, from) === undefined || !isRandom(value)) return undefined;
  return secret('generic-secret', 0.85, from, value);
}

/** Has digits, or changes between small and capital letters as no name does. */
function isMixed(bytes: Uint8Array, start: number, end: number): boolean {
  let turns = 0;
  for (let i = start; i < end; i++) {
    const code = bytes[i] as number;
    if (code >= 0x30 && code <= 0x39) return true;
    if (i > start && ((code ^ (bytes[i - 1] as number)) & 0x20) !== 0) turns++;
  }
  return turns >= 0.3 * (end - start);
}

const PEM =
  /-----BEGIN[ A-Z0-9_-]{0,40}PRIVATE KEY(?: BLOCK)?-----((?:[\s\\]|[\\]?[nr]|[A-Za-z0-9+/=:,"'-]){40,8000})/g;
const PUTTY = /PuTTY-User-Key-File-\d[\s\S]{40,4000}?Private-Lines: \d+/g;

function findPrivateKeys(text: string): Artefact[] {
  const found: Artefact[] = [];
  if (text.includes('PRIVATE KEY'))
    for (const match of text.matchAll(PEM)) {
      const body = match[1] as string;
      const solid = body.replace(/\\[nr]|[\s\\"']/g, '');
      if (solid.length >= 40 && entropy(solid.slice(0, 400)) >= 3.5 && !/\.\.\.|xxxx/i.test(solid))
        found.push(secret('private-key', 0.97, match.index, match[0]));
    }
  if (text.includes('PuTTY-User'))
    for (const match of text.matchAll(PUTTY)) found.push(secret('private-key', 0.97, match.index, match[0]));
  return found;
}

const USER_INFO = /\/\/([^\s/@:"'<>]{0,80}):([^\s/@"'<>]{3,200})@[\w.[\]-]/y;
const CURL = /(?:-u|--user)[ =]{1,2}["']?([^\s:"']{1,80}):["']?([^\s"']{3,120})/g;

/** `scheme://user:password@host`, and the same for curl. */
function findUserInfo(text: string): Artefact[] {
  const found: Artefact[] = [];
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at + 3)) {
    USER_INFO.lastIndex = at + 1;
    const match = USER_INFO.exec(text);
    if (match && isUsed(match[2] as string)) {
      const start = at + 1 + match[0].lastIndexOf(`:${match[2]}`) + 1;
      found.push(secret('connection-string', 0.85, start, match[2] as string));
    }
  }
  if (text.includes('curl'))
    for (const match of text.matchAll(CURL))
      if (isUsed(match[2] as string))
        found.push(
          secret('password', 0.8, match.index + match[0].length - (match[2] as string).length, match[2] as string),
        );
  return found;
}

/** A password in a link may be short, but is no place-holder and does not say that it is one. */
function isUsed(password: string): boolean {
  return (
    !/^[$%{<[*]/.test(password) &&
    !isPlaceholder(password) &&
    !/^(?:pass(?:word|wd)?|pwd|secret|token|key|user(?:name)?|port|\d{1,5})$/i.test(password) &&
    (isPassword(password) || password.length >= 8)
  );
}

const HASH =
  /\$(?:2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|[156y]\$(?:rounds=\d{1,9}\$)?[./A-Za-z0-9]{1,24}\$[./A-Za-z0-9]{22,86}|argon2(?:id?|d)\$v=\d+\$[\w=,]{5,40}\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{32,128})/g;

/** Password hashes as systems keep them. */
function findHashes(text: string): Artefact[] {
  if (!text.includes('$')) return [];
  return [...text.matchAll(HASH)].map((match) => secret('password-hash', 0.9, match.index, match[0]));
}

function secret(type: string, confidence: number, start: number, value: string): Artefact {
  return { kind: 'secret', type, confidence, start, end: start + value.length, value };
}
