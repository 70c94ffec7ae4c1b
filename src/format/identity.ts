/** Identities as a log gives them: bounded ids, hashed credentials, hosts, and what request headers tell. */
import { hash } from 'node:crypto';
import { isObj, NO_FIELDS, type Obj, str } from './read.ts';

/** Longest identifier that is kept as it is. */
export const MAX_IDENT = 256;

const UNFIT = /[\p{Cc}\p{Cs}]/u;
const UNFIT_ALL = /[\p{Cc}\p{Cs}]/gu;

export function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

/**
 * An identifier: trimmed text or a number as text, without control characters or lone surrogates. A longer one than 256 characters
 * becomes `sha256:` and hex, so that no log line can make a key of any size.
 */
export function ident(value: unknown): string | undefined {
  let text: string;
  if (typeof value === 'string') {
    if (isPlain(value)) return value;
    text = value.trim();
  } else if (typeof value === 'number' && Number.isFinite(value)) text = String(value);
  else return undefined;
  if (text.length > MAX_IDENT) return `sha256:${sha256(text)}`;
  if (UNFIT.test(text)) text = text.replace(UNFIT_ALL, '').trim();
  return text === '' ? undefined : text;
}

/** True for short printable ASCII without outer spaces: nearly every identifier, told apart without a regular expression. */
function isPlain(text: string): boolean {
  const last = text.length - 1;
  if (last < 0 || last >= MAX_IDENT || text.charCodeAt(0) === 32 || text.charCodeAt(last) === 32) return false;
  for (let i = 0; i <= last; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code > 126) return false;
  }
  return true;
}

/** The first value that is an identifier. */
export function firstIdent(...values: unknown[]): string | undefined {
  for (const value of values) {
    const id = ident(value);
    if (id !== undefined) return id;
  }
  return undefined;
}

const BLANKED = /^(redacted|\[[^\]]*redacted[^\]]*\]|<[^>]*>|\*+|x+|none|null)$/i;

/**
 * Credential of a raw key or authorization header value: `sha256:` and hex of the key without its scheme. Values that a gateway has
 * already blanked (`REDACTED`, `***`) are no credential.
 */
export function credentialOf(secret: unknown): string | undefined {
  const text = str(secret);
  if (text === undefined) return undefined;
  const key = text.replace(/^\s*(bearer|basic|apikey)\s+/i, '').trim();
  if (key === '' || (key.length <= 64 && BLANKED.test(key))) return undefined;
  return `sha256:${sha256(key)}`;
}

/** Credential of something that the log gives as sha256 hex already. */
export function credentialOfHash(hash: string): string {
  return `sha256:${hash.toLowerCase()}`;
}

/** Hosts of the addresses seen last: a log names few, again and again. Changes speed, never results. */
const hosts = new Map<string, string | undefined>();
const MAX_HOSTS = 256;

/** Host of a URL or of a bare `host[:port]`, lower case, without port. */
export function hostOf(value: unknown): string | undefined {
  const text = str(value);
  if (text === undefined || text.length > 2_048) return undefined;
  const known = hosts.get(text);
  if (known !== undefined || hosts.has(text)) return known;
  const host = readHost(text);
  if (hosts.size >= MAX_HOSTS) hosts.clear();
  hosts.set(text, host);
  return host;
}

function readHost(text: string): string | undefined {
  const match = /^\s*(?:[a-z][a-z0-9+.-]*:)?\/\/(?:[^/?#@]*@)?(\[[0-9a-f:.]+\]|[^/?#:@\s]+)/i.exec(text);
  if (match?.[1] !== undefined) return ident(match[1].toLowerCase());
  const bare = /^\s*([a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?::\d{1,5})?\s*$/i.exec(text);
  return bare?.[1] === undefined ? undefined : ident(bare[1].toLowerCase());
}

/** Path of a URL or of a request target, without query. */
export function pathOf(value: unknown): string | undefined {
  const text = str(value);
  if (text === undefined || text.length > 8_192) return undefined;
  const path = text.replace(/^\s*[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  return path.startsWith('/') ? ident(path) : path === '' && text.includes('://') ? '/' : undefined;
}

/** IP address of `address`, `address:port` or `[address]:port`. */
export function addressOf(value: unknown): string | undefined {
  const text = ident(value);
  if (text === undefined || (!text.includes(':') && !text.startsWith('['))) return text;
  const bracketed = /^\[([^\]]+)\]/.exec(text);
  if (bracketed) return bracketed[1];
  const v4 = /^(\d{1,3}(?:\.\d{1,3}){2}\.(?:\d{1,3}|\*+))(?::\d+)?$/.exec(text);
  return v4 ? v4[1] : text;
}

export interface HeaderFacts {
  credential?: string | undefined;
  userAgent?: string | undefined;
  session?: string | undefined;
  requestId?: string | undefined;
  /** `X-Forwarded-For` as it is, for `clientOf`. */
  forwarded?: unknown;
}

/** What request headers say, whatever the case of their names. Their values never reach the Event except as these four. */
export function headerFacts(headers: unknown): HeaderFacts {
  if (!isObj(headers)) return {};
  const wanted: Record<string, unknown> = {};
  let seen = 0;
  for (const name in headers) {
    if (++seen > 200) break;
    const lower = name.toLowerCase();
    if (HEADERS.has(lower)) {
      const value = headers[name];
      wanted[lower] = Array.isArray(value) && lower !== FORWARDED ? value[0] : value;
    }
  }
  return {
    credential:
      credentialOf(wanted.authorization) ??
      credentialOf(wanted['x-api-key']) ??
      credentialOf(wanted['api-key']) ??
      credentialOf(wanted.apikey) ??
      credentialOf(wanted['ocp-apim-subscription-key']),
    userAgent: ident(wanted['user-agent']),
    session: firstIdent(wanted['mcp-session-id'], wanted['x-session-id']),
    requestId: ident(wanted['x-request-id']),
    forwarded: wanted[FORWARDED],
  };
}

const FORWARDED = 'x-forwarded-for';
const HEADERS = new Set([
  FORWARDED,
  'authorization',
  'x-api-key',
  'api-key',
  'apikey',
  'ocp-apim-subscription-key',
  'user-agent',
  'mcp-session-id',
  'x-session-id',
  'x-request-id',
]);

/** Trace id and span id of a W3C `traceparent`. */
export function traceparent(value: unknown): { trace?: string; span?: string } {
  const match = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/.exec(str(value) ?? '');
  return match ? { trace: match[1] as string, span: match[2] as string } : {};
}

export interface Caller {
  session: string | undefined;
  agent: string | undefined;
  agentVersion: string | undefined;
  parent: string | undefined;
}

/** Fields of the client's own metadata that name a session, an agent and who delegated; earlier sources win. */
export function callerOf(...sources: Obj[]): Caller {
  const caller: Caller = { session: undefined, agent: undefined, agentVersion: undefined, parent: undefined };
  for (const source of sources) {
    if (source === NO_FIELDS) continue;
    caller.session ??= ident(source.session_id) ?? ident(source.sessionId) ?? ident(source.conversation_id);
    caller.agent ??= ident(source.agent) ?? ident(source.agent_name) ?? ident(source.agent_id);
    caller.agentVersion ??= ident(source.agent_version);
    caller.parent ??= ident(source.parent) ?? ident(source.parent_session_id) ?? ident(source.parent_id);
  }
  return caller;
}

/** An HTTP status code, also when written as text. */
export function httpStatus(value: unknown): number | undefined {
  const code =
    typeof value === 'number' ? value : typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : 0;
  return Number.isInteger(code) && code >= 100 && code <= 599 ? code : undefined;
}
