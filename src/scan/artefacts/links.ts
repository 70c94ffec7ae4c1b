/** Links that carry data out, or lead to where data is dropped. */
import type { Artefact } from './artefact.ts';
import hosts from './outside-hosts.json' with { type: 'json' };
import { entropy } from './secret-value.ts';

const MAX_LINKS = 256;
const MAX_LINK = 2_048;
const LINK = /https?:\/\/([^\s/?#"'<>()\\]{1,255})([^\s"'<>)\\]{0,2048})/iy;
const RAW = /^(?:[^@]*@)?(?:\d{1,3}(?:\.\d{1,3}){3}|0x[0-9a-f]{8}|\d{8,10}|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
/** Addresses of one's own machine and network, and those kept for documentation. */
const OWN =
  /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|0\.0\.0\.0|\[::1?\]|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.)/;
/** Characters of a query or path part in which a record can be carried, and bits per character that coded data has. */
const LEAST_DATA = 64;
const LEAST_ENTROPY = 4;
/** In a picture's link nobody reads, less is enough. */
const LEAST_IMAGE_DATA = 32;

const DROPS = new Set(hosts.filter((host) => !host.includes('/')));
const DROP_PATHS = hosts.filter((host) => host.includes('/'));

/** In order, at most `limit`; each link once, for the worst that can be said of it. */
export function findLinks(text: string, limit: number): Artefact[] {
  const found: Artefact[] = [];
  let seen = 0;
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at + 3)) {
    const start =
      Math.max(0, at - 5) +
      text
        .slice(Math.max(0, at - 5), at)
        .toLowerCase()
        .indexOf('http');
    LINK.lastIndex = start;
    const match = LINK.exec(text);
    if (!match || match.index > at) continue;
    if (++seen > MAX_LINKS || found.length >= limit) break;
    const one = judge(text, start, match[1] as string, (match[2] as string).slice(0, MAX_LINK));
    if (one) found.push({ kind: 'link', ...one, start, end: start + match[0].length, value: match[0] });
  }
  return found;
}

function judge(
  text: string,
  start: number,
  authority: string,
  rest: string,
): { type: string; confidence: number } | undefined {
  const host = authority
    .toLowerCase()
    .replace(/^[^@]*@/, '')
    .replace(/:\d+$/, '');
  const data = longestPart(rest);
  const image = isImage(text, start);
  if (image && data.length >= LEAST_IMAGE_DATA && entropy(data) >= LEAST_ENTROPY - 0.5)
    return { type: 'image-data', confidence: 0.8 };
  if (isDrop(host, rest)) return { type: 'drop-host', confidence: 0.7 };
  if (RAW.test(host) && !OWN.test(host)) return { type: 'raw-address', confidence: 0.4 };
  if (/(?:^|\.)xn--/.test(host)) return { type: 'punycode', confidence: 0.4 };
  if (data.length >= LEAST_DATA && entropy(data) >= LEAST_ENTROPY) return { type: 'data-link', confidence: 0.5 };
  return undefined;
}

/** The longest value of the query, or part of the path. */
function longestPart(rest: string): string {
  let longest = '';
  for (const part of rest.split(/[/?&#=;]/)) if (part.length > longest.length) longest = part;
  return longest;
}

/** `![…](link)` or `<img src="link">`. */
function isImage(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - 120), start);
  return /!\[[^\]\n]{0,100}\]\(\s{0,4}<?$/.test(before) || /<img\b[^>]{0,100}\bsrc\s?=\s?["']?$/i.test(before);
}

/** Known paste, drop, tunnel and request-catching services, with what is under them. */
function isDrop(host: string, rest: string): boolean {
  for (let name = host; name.includes('.'); name = name.slice(name.indexOf('.') + 1)) if (DROPS.has(name)) return true;
  return DROP_PATHS.some((path) => `${host}${rest}`.startsWith(path));
}
