/** Text written as groups: character codes in hexadecimal, decimal, octal or binary, Morse code, and letters set apart by spaces. */
import { asText, type Decoded } from './encoded.ts';
import { segment } from './vocabulary.ts';

/** A look every so many characters, each at so many: shorter writings say nothing. */
const STEP = 16;
const STRETCH = 8;
const CODE = 1;
const DIGIT = 2;
const GAP = 4;
const MORSE = 8;
const LETTER = 16;
/** Sets letters apart. */
const APART = 32;

const CLASS = new Uint8Array(256);
function mark(characters: string, bit: number): void {
  for (const character of characters) CLASS[character.charCodeAt(0)] = (CLASS[character.charCodeAt(0)] as number) | bit;
}
mark('0123456789abcdefABCDEFxX', CODE);
mark('0123456789', DIGIT);
mark(' ,;:-\n\t', GAP);
mark('.-/_| ', MORSE);
mark('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789', LETTER);
mark(' .-_*|,/+~', APART);

const CODES = /(?:0x)?[0-9a-fA-F]{2,8}(?:[\s,;:-]{1,2}(?:0x)?[0-9a-fA-F]{2,8}){7,4000}/y;
const MORSE_CODE = /[.-]{1,6}(?:[ /|]{1,3}[.-]{1,6}){5,4000}/y;
const SPACED = /[A-Za-z0-9](?:[ .\-_*|,/+~]{1,4}[A-Za-z0-9](?![A-Za-z0-9])){6,4000}/y;
const MAX_BACK = 16;

function classAt(text: string, place: number): number {
  const code = text.charCodeAt(place);
  return code < 128 ? (CLASS[code] as number) : 0;
}

/** In order, at most `limit`. Time is linear: what was tried once is not tried again. */
export function decodeGroups(text: string, bytes: Uint8Array, limit: number): Decoded[] {
  const found: Decoded[] = [];
  let done = 0;
  const last = bytes.length - STRETCH;
  for (let i = 0; i < last; i += STEP) {
    const kind = CLASS[bytes[i] as number] as number;
    if (kind === 0 || i < done) continue;
    let tried: Decoded | undefined;
    if ((kind & LETTER) !== 0 && isApart(bytes, i)) tried = trySpaced(text, i, done);
    else if ((kind & (CODE | GAP)) !== 0 && stretches(bytes, i, CODE | GAP, DIGIT, GAP))
      tried = tryCodes(text, i, done);
    if (tried === undefined && (kind & MORSE) !== 0 && stretches(bytes, i, MORSE, GAP, APART))
      tried = tryMorse(text, i, done);
    if (tried === undefined) continue;
    done = Math.max(i + 1, tried.end);
    if (tried.text === '') continue;
    found.push(tried);
    if (found.length === limit) break;
  }
  return found;
}

/** A letter with gaps on both sides, and another letter behind the gap. */
function isApart(bytes: Uint8Array, place: number): boolean {
  if ((classOf(bytes, place + 1) & APART) === 0 || (classOf(bytes, place + 1) & LETTER) !== 0) return false;
  if (place > 0 && (classOf(bytes, place - 1) & LETTER) !== 0) return false;
  return ((classOf(bytes, place + 2) | classOf(bytes, place + 3) | classOf(bytes, place + 4)) & LETTER) !== 0;
}

function classOf(bytes: Uint8Array, place: number): number {
  return CLASS[bytes[place] ?? 0] as number;
}

/** The next characters are all of one class, with one of each of two others among them. */
function stretches(bytes: Uint8Array, place: number, bits: number, one: number, other: number): boolean {
  let seen = 0;
  for (let i = place; i < place + STRETCH; i++) {
    const kind = CLASS[bytes[i] as number] as number;
    if ((kind & bits) === 0) return false;
    seen |= kind;
  }
  return (seen & one) !== 0 && (seen & other) !== 0;
}

/** Where the stretch of a class begins that a place lies in. */
function begin(text: string, place: number, bits: number, floor: number): number {
  let start = place;
  while (start > floor && place - start < MAX_BACK && (classAt(text, start - 1) & bits) !== 0) start--;
  return start;
}

function match(text: string, pattern: RegExp, start: number, stop: number, bits: number): RegExpExecArray | null {
  // The stretch may begin with a gap or in the middle of a group.
  for (let at = start; at <= stop; at++) {
    if (at > start && (classAt(text, at - 1) & bits) === 0) continue;
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) return found;
  }
  return null;
}

/** Tried up to here, in vain. */
function nothing(end: number): Decoded {
  return { start: end, end, text: '', step: [] };
}

function tryCodes(text: string, place: number, floor: number): Decoded | undefined {
  const found = match(text, CODES, begin(text, place, CODE | GAP, floor), place, GAP);
  if (!found) return undefined;
  const end = found.index + found[0].length;
  const decoded = fromCodes(found[0].split(/[\s,;:-]+/).map((group) => group.replace(/^0x/, '')));
  return decoded === undefined ? nothing(end) : { start: found.index, end, ...decoded };
}

const RADIX: [step: string, form: RegExp, radix: number][] = [
  ['binary', /^[01]{7,8}$/, 2],
  ['octal', /^[01][0-7]{2}$/, 8],
  ['hex', /^[0-9a-fA-F]{2}$/, 16],
  ['decimal', /^\d{2,3}$/, 10],
];

function fromCodes(groups: string[]): { text: string; step: string[] } | undefined {
  for (const [step, form, radix] of RADIX) {
    if (!groups.every((group) => form.test(group))) continue;
    const codes = groups.map((group) => Number.parseInt(group, radix));
    if (codes.some((code) => code > 255)) continue;
    const text = asText(Buffer.from(codes));
    if (text !== undefined) return { text, step: [step] };
  }
  return undefined;
}

const LETTERS =
  '.-a -...b -.-.c -..d .e ..-.f --.g ....h ..i .---j -.-k .-..l --m -.n ---o .--.p --.-q .-.r ...s -t ..-u ...-v .--w -..-x -.--y --..z ' +
  '-----0 .----1 ..---2 ...--3 ....-4 .....5 -....6 --...7 ---..8 ----.9';
const BY_CODE = new Map(LETTERS.split(' ').map((pair) => [pair.slice(0, -1), pair.slice(-1)]));

function tryMorse(text: string, place: number, floor: number): Decoded | undefined {
  const found = match(text, MORSE_CODE, begin(text, place, MORSE, floor), place, GAP);
  if (!found) return undefined;
  const end = found.index + found[0].length;
  const words = found[0].split(/ ?[/|] ?| {2,}/).map((word) => word.split(' ').map((code) => BY_CODE.get(code)));
  const known = words.flat().filter((letter) => letter !== undefined).length;
  if (known < 6 || words.flat().length > known) return nothing(end);
  return { start: found.index, end, text: words.map((word) => word.join('')).join(' '), step: ['morse'] };
}

function trySpaced(text: string, place: number, floor: number): Decoded | undefined {
  let start = place;
  while (
    start - 2 >= floor &&
    place - start < 2 * MAX_BACK &&
    (classAt(text, start - 1) & APART) !== 0 &&
    isLetterAt(text, start - 2) &&
    !isLetterAt(text, start - 3)
  )
    start -= 2;
  SPACED.lastIndex = start;
  const found = SPACED.exec(text);
  if (!found) return undefined;
  const end = start + found[0].length;
  const words = found[0].split(/[ .\-_*|,/+~]{2,4}/).map((word) => word.replace(/[ .\-_*|,/+~]/g, ''));
  const said = words.length > 1 ? words.join(' ') : segment(words[0] as string);
  return /[A-Za-z]{4}/.test(said) ? { start, end, text: said, step: ['spaced'] } : nothing(end);
}

function isLetterAt(text: string, place: number): boolean {
  return (classAt(text, place) & LETTER) !== 0;
}
