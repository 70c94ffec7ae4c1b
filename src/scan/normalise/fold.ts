/** The plain form of a text: without hidden characters and piled-up marks, in ordinary letters. ASCII comes back as it is. */
import { classOf, HIDDEN, JOINER, LOOKALIKE, lookalike, MARK, PLAIN, rewritten } from './characters.ts';
import { Edit, type Origin, through, unchanged } from './edit.ts';

/** How much of a text was not what it looked like. */
export interface Marks {
  /** Hidden characters that no ordinary writing needs, and the offset of the first, or -1. */
  hidden: number;
  firstHidden: number;
  /** Of them, characters that turn the direction of text, and tag characters. */
  bidi: number;
  tags: number;
  /** Letters of another script in Latin words, letters in a styled form, and marks piled upon letters. */
  lookalikes: number;
  styled: number;
  piled: number;
}

/** What the hidden characters of a text are: their code points in order, at most 4,096, and where the first and the last stand. */
export interface Concealed {
  codes: number[];
  span: [start: number, end: number];
}

export interface Folded {
  text: string;
  origin: Origin;
  marks: Marks;
  concealed: Concealed;
}

const NOT_ASCII = /[^\0-\x7f]/g;
/** ASCII characters in a row after which the next other one is looked for in one go. */
const RUN = 16;
const MAX_CONCEALED = 4_096;
/** Letters on either side of one that are looked at as its word. */
const MAX_HALF_WORD = 32;

/** True when every character is ASCII: nothing to fold. */
export function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

/** Time is linear in the length; ASCII costs one count of bytes. */
export function foldCharacters(text: string): Folded {
  const marks: Marks = { hidden: 0, firstHidden: -1, bidi: 0, tags: 0, lookalikes: 0, styled: 0, piled: 0 };
  const concealed: Concealed = { codes: [], span: [0, 0] };
  if (isAscii(text)) return { text, origin: unchanged, marks, concealed };
  const shown = reveal(text, marks, concealed);
  const latin = shown.foreign ? toLatin(shown.text, marks) : { text: shown.text, origin: unchanged };
  return { text: latin.text, origin: through(latin.origin, shown.origin), marks, concealed };
}

interface Edited {
  text: string;
  origin: Origin;
}

/** `foreign` tells whether letters are left that look like those of another script. */
function reveal(text: string, marks: Marks, concealed: Concealed): Edited & { foreign: boolean } {
  const edit = new Edit(text);
  let kept = 0;
  let width = 1;
  let plain = 0;
  let foreign = false;
  for (let i = 0; i < text.length; i += width) {
    width = 1;
    let code = text.charCodeAt(i);
    if (code < 0x80) {
      if (++plain === RUN) {
        NOT_ASCII.lastIndex = i;
        width = Math.max(1, (NOT_ASCII.exec(text)?.index ?? text.length) - i);
        plain = 0;
      }
      continue;
    }
    plain = 0;
    if (code >= 0xd800 && code <= 0xdbff) code = text.codePointAt(i) as number;
    width = code > 0xffff ? 2 : 1;
    const kind = classOf(code);
    if (kind === PLAIN || kind === LOOKALIKE) {
      if (kind === LOOKALIKE) foreign = true;
      continue;
    }
    edit.keep(kept, i);
    kept = i + width;
    if (kind === JOINER) continue;
    if (kind === HIDDEN && isFlagTag(text, i, code)) continue;
    if (kind === HIDDEN) hide(code, i, width, marks, concealed);
    else if (kind === MARK) {
      const end = endOfMarks(text, i);
      // One accent on a letter is spelling; a pile of them is a disguise.
      if (end - i === 1) edit.keep(i, end);
      else marks.piled += end - i;
      width = end - i;
      kept = end;
    } else {
      const written = rewritten(String.fromCodePoint(code));
      if (!isAscii(written)) foreign = true;
      if (/[A-Za-z]/.test(written)) marks.styled++;
      edit.put(written, i, i + width);
    }
  }
  if (kept === 0) return { text, origin: unchanged, foreign };
  edit.keep(kept, text.length);
  return { ...edit.done(), foreign };
}

/** Flags of regions are spelled with up to six tags behind a black flag. */
function isFlagTag(text: string, place: number, code: number): boolean {
  if (code < 0xe0020 || code > 0xe007f) return false;
  return text.slice(Math.max(0, place - 14), place).includes('\u{1f3f4}');
}

function hide(code: number, place: number, width: number, marks: Marks, concealed: Concealed): void {
  if (marks.hidden++ === 0) {
    marks.firstHidden = place;
    concealed.span[0] = place;
  }
  concealed.span[1] = place + width;
  if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) marks.bidi++;
  if (code >= 0xe0000 && code <= 0xe007f) marks.tags++;
  if (concealed.codes.length < MAX_CONCEALED) concealed.codes.push(code);
}

function endOfMarks(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && text.charCodeAt(end) >= 0x300 && classOf(text.charCodeAt(end)) === MARK) end++;
  return end;
}

/** Letters of other scripts that stand in a Latin word, or make up a whole word of a Latin text, become what they look like. */
function toLatin(text: string, marks: Marks): Edited {
  if (isAscii(text)) return { text, origin: unchanged };
  const edit = new Edit(text);
  let kept = 0;
  let mostlyLatin: boolean | undefined;
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) < 0x80 || kindAt(text, i) !== LOOKALIKE) continue;
    const [start, end] = wordAround(text, i, kept);
    const word = text.slice(start, end);
    const only = foreignOnly(word);
    mostlyLatin ??= isMostlyLatin(text);
    if (/[A-Za-z]/.test(word) || (only && word.length > 1 && mostlyLatin)) {
      for (let at = i; at < end; at++) {
        const code = text.codePointAt(at) as number;
        const width = code > 0xffff ? 2 : 1;
        const target = code < 0x80 ? undefined : lookalike(String.fromCodePoint(code));
        if (target !== undefined) {
          edit.keep(kept, at);
          edit.put(target, at, at + width);
          kept = at + width;
          marks.lookalikes++;
        }
        at += width - 1;
      }
    }
    i = end - 1;
  }
  if (kept === 0) return { text, origin: unchanged };
  edit.keep(kept, text.length);
  return edit.done();
}

function kindAt(text: string, place: number): number {
  const code = text.codePointAt(place) as number;
  return code >= 0xdc00 && code <= 0xdfff ? PLAIN : classOf(code);
}

function isLetterCode(code: number): boolean {
  const small = code | 0x20;
  return (small >= 0x61 && small <= 0x7a) || (code >= 0x30 && code <= 0x39) || (code > 0xbf && !isSymbol(code));
}

/** Punctuation and signs between the letters of the basic plane. */
function isSymbol(code: number): boolean {
  return (code >= 0x2000 && code <= 0x2bff) || (code >= 0x3000 && code <= 0x303f) || code === 0xd7 || code === 0xf7;
}

function wordAround(text: string, place: number, floor: number): [number, number] {
  let start = place;
  while (start > floor && place - start < MAX_HALF_WORD && isLetterCode(text.charCodeAt(start - 1))) start--;
  let end = place + 1;
  while (end < text.length && end - place < MAX_HALF_WORD && isLetterCode(text.charCodeAt(end))) end++;
  return [start, end];
}

function foreignOnly(word: string): boolean {
  for (const character of word) if (lookalike(character) === undefined) return false;
  return true;
}

function isMostlyLatin(text: string): boolean {
  let latin = 0;
  let other = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) {
      if ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) latin++;
    } else if (isLetterCode(code)) other++;
  }
  return latin > 2 * other;
}
