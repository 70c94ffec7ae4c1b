/** Escapes inside a text, spelled out in place: `%41`, `&#65;`, `\u0041`, `\x41`, `=41`. */
import { decodeHTML } from 'entities/decode';
import { Edit, type Origin } from './edit.ts';

export interface Unescaped {
  text: string;
  origin: Origin;
  /** Which escapes there were: `percent`, `html`, `escape`. */
  steps: string[];
}

const PERCENT = /(?:%[0-9a-fA-F]{2}){1,400}/g;
const ENTITY = /&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});?/g;
const BACKSLASH = /\\(?:u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-3][0-7]{2})/g;
/** Fewer escapes than this stand in ordinary links and markup, and hide nothing. */
const LEAST = 3;

interface Escape {
  step: string;
  mark: string;
  pattern: RegExp;
  decode: (written: string) => string;
}

const ESCAPES: Escape[] = [
  { step: 'percent', mark: '%', pattern: PERCENT, decode: fromPercent },
  { step: 'html', mark: '&', pattern: ENTITY, decode: (written) => decodeHTML(written) },
  { step: 'escape', mark: '\\', pattern: BACKSLASH, decode: fromBackslash },
];

/** Undefined when there is nothing to spell out. Time is linear. */
export function spellOut(text: string): Unescaped | undefined {
  const found: { start: number; end: number; to: string }[] = [];
  const steps: string[] = [];
  for (const { step, mark, pattern, decode } of ESCAPES) {
    if (!text.includes(mark)) continue;
    let letters = 0;
    const before = found.length;
    for (const match of text.matchAll(pattern)) {
      const to = decode(match[0]);
      if (to === match[0] || to === '') continue;
      letters += to.length;
      found.push({ start: match.index, end: match.index + match[0].length, to });
    }
    if (letters < LEAST) found.length = before;
    else steps.push(step);
  }
  if (found.length === 0) return undefined;
  if (steps.length > 1) found.sort((a, b) => a.start - b.start);
  const edit = new Edit(text);
  let kept = 0;
  for (const { start, end, to } of found) {
    if (start < kept) continue;
    edit.keep(kept, start);
    edit.put(to, start, end);
    kept = end;
  }
  edit.keep(kept, text.length);
  return { ...edit.done(), steps };
}

function fromPercent(written: string): string {
  return Buffer.from(written.replaceAll('%', ''), 'hex').toString('utf8').replaceAll('\ufffd', '');
}

function fromBackslash(written: string): string {
  const kind = written[1] as string;
  const digits = kind === 'u' || kind === 'x' ? written.slice(2).replace(/[{}]/g, '') : written.slice(1);
  const code = Number.parseInt(digits, kind === 'u' || kind === 'x' ? 16 : 8);
  // Halves of a pair are put side by side and so make one character again.
  return code <= 0xffff ? String.fromCharCode(code) : code <= 0x10ffff ? String.fromCodePoint(code) : '';
}
