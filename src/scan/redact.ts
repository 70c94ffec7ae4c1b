/** Short forms of values for people: enough to recognise one's own data, not enough to leak it. */
import type { AtomKind } from '../model/observation.ts';
import { isSecretLike } from './secrets.ts';

/** `e…@example.net`, `GB…02`, `https://example.net/…`, `24 characters`; at most 80 characters. */
export function shown(kind: AtomKind, text: string): string {
  const flat = text.trim();
  switch (kind) {
    case 'email': {
      const at = flat.lastIndexOf('@');
      return clip(`${flat.slice(0, 1)}…${flat.slice(at)}`);
    }
    case 'url':
      return clip(`${hostOf(flat) ?? 'link'}/…`);
    case 'host':
    case 'address':
      return clip(flat);
    case 'account':
      return `${flat.slice(0, 2)}…${flat.slice(-2)}`;
    case 'path':
      return safePath(flat);
    default:
      return `${flat.length} characters`;
  }
}

/** A path without what may be a secret or prose in it: segments that look like keys or sentences are left out. At most 80 characters. */
export function safePath(path: string): string {
  const segments = path.split(/[\\/]/).map((segment) => (/\s/.test(segment) || isSecretLike(segment) ? '…' : segment));
  const whole = segments.join('/');
  return whole.length <= 80 ? whole : `…${whole.slice(-60)}`;
}

/** Host of a link, also of `www.` forms without a scheme; undefined when there is none. */
export function hostOf(link: string): string | undefined {
  try {
    return new URL(/^[a-z][\w+.-]*:/i.test(link) ? link : `http://${link}`).hostname.toLowerCase() || undefined;
  } catch {
    return undefined;
  }
}

function clip(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
