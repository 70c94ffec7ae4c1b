/** Encoded runs: base64, base32 and hexadecimal, where what they hold is text. */
import { backwards, rot13 } from './letters.ts';
import { longTokens } from './tokens.ts';

/** A part of a text that stands for another text. */
export interface Decoded {
  start: number;
  end: number;
  text: string;
  /** What was undone, outermost first. */
  step: string[];
}

const MAX_TOKENS = 4_096;
const MAX_RUN = 64 * 1024;
/** Lines of wrapped encodings are at least this long. */
const LEAST_LINE = 40;
const LEAST_RUN = 16;
const LEAST_BASE32 = 24;
/** Runs of at least this length are also tried backwards and in rot13. */
const LEAST_MIXED = 24;
const HEX = /^(?:0[xX])?(?:[0-9a-fA-F]{2})+$/;
const BASE32 = /^[A-Z2-7]+$/;
/** Controls other than tab and line ends, and what stands for bytes that are no UTF-8. */
const NOT_TEXT = /(?![\t\n\r])\p{Cc}|\ufffd/u;
const WORDLY = /[\p{L}\p{N}\s]/gu;
/** Share of letters, digits and white space that text has, and the least of it that is worth reading. */
const LEAST_WORDLY = 0.6;
const LEAST_TEXT = 8;

const TURNS: [step: string, turn: (run: string) => string][] = [
  ['rot13', rot13],
  ['reversed', backwards],
];

const SIXTETS = new Int8Array(128).fill(-1);
'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.split('').forEach((character, value) => {
  SIXTETS[character.charCodeAt(0)] = value;
});
SIXTETS['-'.charCodeAt(0)] = 62;
SIXTETS['_'.charCodeAt(0)] = 63;

/** In order, at most `limit`. Time is linear. */
export function decodeRuns(text: string, bytes: Uint8Array, limit: number): Decoded[] {
  const found: Decoded[] = [];
  const tokens = longTokens(bytes, MAX_TOKENS);
  for (let t = 0; t < tokens.length && found.length < limit; t++) {
    const [start, first] = tokens[t] as [number, number];
    if (!mayBeText(text, start, first)) {
      const turned =
        first - start >= LEAST_MIXED ? decodeTurned(text.slice(start, Math.min(first, start + MAX_RUN))) : undefined;
      if (turned) found.push({ start, end: first, ...turned });
      continue;
    }
    let end = first;
    while (text[end] === '=' && end - first < 2) end++;
    // Wrapped lines belong together; the last one may be too short to be a long token.
    while (end - start < MAX_RUN && end - (tokens[t]?.[0] ?? start) >= LEAST_LINE) {
      const line = text[end] === '\n' ? end + 1 : text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : -1;
      const next = tokens[t + 1];
      if (line < 0 || next?.[0] !== line) {
        if (line > 0) end = lastLine(text, line) ?? end;
        break;
      }
      t++;
      end = next[1];
    }
    const decoded = decode(text.slice(start, Math.min(end, start + MAX_RUN)).replace(/[\r\n]+/g, ''));
    if (decoded) found.push({ start, end, ...decoded });
  }
  return found;
}

/** Base64 that was written backwards or in rot13 after it was encoded. */
function decodeTurned(run: string): { text: string; step: string[] } | undefined {
  if (!/\d/.test(run) || !/[A-Z]/.test(run) || !/[a-z]/.test(run)) return undefined;
  for (const [step, turn] of TURNS) {
    const turned = turn(run);
    const decoded = mayBeText(turned, 0, turned.length) ? decode(turned) : undefined;
    if (decoded) return { text: decoded.text, step: [step, ...decoded.step] };
  }
  return undefined;
}

function lastLine(text: string, start: number): number | undefined {
  let end = start;
  while (end - start < LEAST_RUN && (SIXTETS[text.charCodeAt(end)] ?? -1) >= 0) end++;
  while (text[end] === '=' && end - start < LEAST_RUN + 2) end++;
  return end > start && (end === text.length || /\s/.test(text[end] as string)) ? end : undefined;
}

/** A look at the first characters, which rules out nearly every name and word without decoding it. */
function mayBeText(text: string, start: number, end: number): boolean {
  let hex = true;
  let base32 = end - start >= LEAST_BASE32;
  for (let i = start; i < start + LEAST_RUN; i++) {
    const code = text.charCodeAt(i);
    const digit = code >= 0x30 && code <= 0x39;
    if (!digit && !((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66) && !(code === 0x78 && i === start + 1)) hex = false;
    if (!(code >= 0x41 && code <= 0x5a) && !(code >= 0x32 && code <= 0x37)) base32 = false;
  }
  if (hex || base32) return true;
  let zeros = 0;
  for (let i = start; i < start + 8; i += 4) {
    const bits = (six(text, i) << 18) | (six(text, i + 1) << 12) | (six(text, i + 2) << 6) | six(text, i + 3);
    for (let shift = 16; shift >= 0; shift -= 8) {
      const byte = (bits >> shift) & 0xff;
      if (byte === 0) zeros++;
      else if ((byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13) || byte === 0x7f) return false;
      else if (byte >= 0x80 && !isUtf8Lead(bits, shift)) return false;
    }
  }
  return zeros === 0 || zeros === 3;
}

/** Bytes above ASCII come in twos and threes. */
function isUtf8Lead(bits: number, shift: number): boolean {
  const byte = (bits >> shift) & 0xff;
  const before = shift < 16 ? (bits >> (shift + 8)) & 0xff : 0x80;
  return byte >= 0xc2 ? byte <= 0xf4 : before >= 0x80;
}

function six(text: string, place: number): number {
  return Math.max(0, SIXTETS[text.charCodeAt(place)] ?? 0);
}

function decode(run: string): { text: string; step: string[] } | undefined {
  if (HEX.test(run)) {
    const text = asText(Buffer.from(run.replace(/^0[xX]/, ''), 'hex'));
    if (text !== undefined) return { text, step: ['hex'] };
  }
  const bare = run.replace(/=+$/, '');
  if (bare.length >= LEAST_BASE32 && BASE32.test(bare)) {
    const text = asText(fromBase32(bare));
    if (text !== undefined) return { text, step: ['base32'] };
  }
  const text = asText(Buffer.from(bare, 'base64'));
  return text === undefined ? undefined : { text, step: ['base64'] };
}

/** UTF-8 or UTF-16, when it reads as text. */
export function asText(bytes: Buffer): string | undefined {
  if (bytes.length < LEAST_TEXT) return undefined;
  const wide = bytes[1] === 0 && bytes[3] === 0 && bytes[0] !== 0;
  const text = bytes.toString(wide ? 'utf16le' : 'utf8');
  if (NOT_TEXT.test(text)) return undefined;
  const wordly = text.match(WORDLY)?.length ?? 0;
  return wordly >= LEAST_WORDLY * text.length ? text : undefined;
}

function fromBase32(text: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const character of text) {
    const code = character.charCodeAt(0);
    bits = ((bits << 5) | (code >= 0x41 ? code - 0x41 : code - 0x32 + 26)) & 0xfff;
    held += 5;
    if (held >= 8) {
      held -= 8;
      bytes.push((bits >> held) & 0xff);
    }
  }
  return Buffer.from(bytes);
}
