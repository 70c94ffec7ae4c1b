/** The look of a text: how much of it is an encoding, spelled-out or disguised rather than written. Shares, in coarse steps. */

/** Names of what holds, such as `hex-3`: share of the text from 1 (a trace) to 4 (nearly all). */
export type Shape = string[];

type Look =
  | 'pairs'
  | 'token'
  | 'bits'
  | 'leet'
  | 'mixed'
  | 'odd'
  | 'single'
  | 'marks'
  | 'morse'
  | 'emoji'
  | 'braille'
  | 'hidden'
  | 'combining'
  | 'escapes'
  | 'percent'
  | 'inner';

const STEPS = [0.02, 0.15, 0.4, 0.75];
const MAX_WORD = 4_000;

export class ShapeCounter {
  readonly #seen = new Map<Look, number>();
  #words = 0;
  #glyphs = 0;
  #spaces = 0;

  #add(look: Look, characters: number): void {
    this.#seen.set(look, (this.#seen.get(look) ?? 0) + characters);
  }

  /** A word of letters and digits between two offsets of a text's units. */
  word(text: Uint16Array, from: number, to: number): void {
    const length = to - from;
    this.#words++;
    if (length === 1) {
      this.#add('single', 2);
      return;
    }
    let digits = 0;
    let upper = 0;
    let lower = 0;
    let latin = 0;
    let foreign = 0;
    let vowels = 0;
    let hex = 0;
    let bits = 0;
    let innerDigit = 0;
    let rare = 0;
    let afterLetter = false;
    const end = Math.min(to, from + MAX_WORD);
    let consonants = 0;
    for (let i = from; i < end; i++) {
      const unit = text[i] as number;
      if (unit >= 0x30 && unit <= 0x39) {
        digits++;
        hex++;
        if (unit <= 0x31) bits++;
        if (afterLetter && i + 1 < to) innerDigit++;
        consonants = 0;
      } else if (unit < 0x80) {
        const low = unit | 32;
        latin++;
        if (unit < 0x60) upper++;
        else lower++;
        if (low <= 0x66) hex++;
        if (low === 0x61 || low === 0x65 || low === 0x69 || low === 0x6f || low === 0x75 || low === 0x79) {
          vowels++;
          consonants = 0;
        } else if (++consonants === 5) rare++;
        if (low === 0x71 && i + 1 < to && ((text[i + 1] as number) | 32) !== 0x75) rare++;
        afterLetter = true;
      } else {
        if ((unit >= 0x370 && unit <= 0x52f) || (unit >= 0x530 && unit <= 0x58f) || unit >= 0x13a0) foreign++;
        else if (unit >= 0x300 && unit <= 0x36f) this.#add('combining', 1);
        else latin++;
        vowels++;
        consonants = 0;
      }
    }
    if (length >= 7 && bits === length) this.#add('bits', length + 1);
    else if (length === 2 && hex === 2 && digits > 0) this.#add('pairs', 2);
    else if (length >= 16 && (digits > 0 || upper > 0)) this.#add('token', length);
    else if (innerDigit > 0 && latin >= 2 && length <= 14 && upper < 2) this.#add('leet', length);
    else if (digits === 0 && latin === length && length >= 4 && length <= 24 && (vowels === 0 || rare > 0))
      this.#add('odd', length);
    if (upper > 1 && lower > 1 && digits === 0 && length >= 5 && mixedCase(text, from, to)) this.#add('odd', length);
    if (foreign > 0 && latin > 0 && digits === 0) this.#add('mixed', length);
  }

  /** Characters of a script without spaces. */
  glyphs(count: number): void {
    this.#glyphs += count;
  }

  /** Any character between words. */
  mark(unit: number, text: string, at: number): void {
    if (unit === 0x20 || unit === 0x0a || unit === 0x09 || unit === 0x0d) {
      this.#spaces++;
      return;
    }
    if (unit === 0x2e || unit === 0x2d || unit === 0x2022 || unit === 0x2013 || unit === 0x5f) {
      const next = text.charCodeAt(at + 1);
      if (next === 0x2e || next === 0x2d || next === 0x20 || next === 0x2f) this.#add('morse', 1);
      return;
    }
    if (unit === 0x5c) {
      const next = text.charCodeAt(at + 1) | 32;
      if (next === 0x75 || next === 0x78) this.#add('escapes', 6);
      return;
    }
    if (unit === 0x25) {
      if (isHex(text.charCodeAt(at + 1)) && isHex(text.charCodeAt(at + 2))) this.#add('percent', 3);
      return;
    }
    if (unit >= 0x2800 && unit <= 0x28ff) this.#add('braille', 1);
    else if (unit >= 0xd83c && unit <= 0xd83e) this.#add('emoji', 2);
    else if (unit >= 0xdb40 && unit <= 0xdb43) this.#add('hidden', 2);
    else if (
      (unit >= 0x200b && unit <= 0x200f) ||
      (unit >= 0x202a && unit <= 0x202e) ||
      (unit >= 0x2060 && unit <= 0x206f)
    )
      this.#add('hidden', 1);
    else if (unit >= 0xfe00 && unit <= 0xfe0f) this.#add('hidden', 1);
    else if (unit < 0x20 || unit === 0x7f) this.#add('hidden', 1);
    else if (unit < 0x80 && unit !== 0x2c && unit !== 0x27 && unit !== 0x22) {
      this.#add('marks', 1);
      if (isLetter(text.charCodeAt(at - 1)) && isLetter(text.charCodeAt(at + 1))) this.#add('inner', 2);
    }
  }

  done(length: number): Shape {
    const shape: Shape = [];
    const size = Math.max(1, length - this.#spaces);
    for (const [look, characters] of this.#seen) {
      const share = characters / size;
      for (const [step, from] of STEPS.entries()) if (share >= from) shape.push(`${look}-${step + 1}`);
      if (characters >= 12) shape.push(`${look}-some`);
    }
    if (this.#words + this.#glyphs <= 3) shape.push('few-words');
    if (this.#words > 0 && length / this.#words > 16) shape.push('long-words');
    if (this.#spaces === 0 && length > 24) shape.push('no-spaces');
    return shape.sort();
  }
}

function isHex(unit: number): boolean {
  const low = unit | 32;
  return (unit >= 0x30 && unit <= 0x39) || (low >= 0x61 && low <= 0x66);
}

function isLetter(unit: number): boolean {
  const low = unit | 32;
  return low >= 0x61 && low <= 0x7a;
}

/** Capitals inside that no camel case explains: `aGvSbG`. */
function mixedCase(text: Uint16Array, from: number, to: number): boolean {
  let turns = 0;
  for (let i = from + 1; i < to; i++) {
    const a = (text[i - 1] as number) & 32;
    const b = (text[i] as number) & 32;
    if (a !== b) turns++;
  }
  return turns * 2 >= to - from;
}
