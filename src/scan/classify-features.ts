/**
 * Features of a text for the intent classifier: hashed words, neighbours, stems, concepts and how concepts follow one another, in blocks of
 * about a sentence. One pass over the characters; no text is kept.
 */
import { CONCEPTS, conceptsOf, PREFIX, RUN, runConceptsOf, SEED, step } from './classify-concepts.ts';
import { type Shape, ShapeCounter } from './classify-shape.ts';
import { Units } from './units.ts';

export interface Blocks {
  /** Hashes of all features, block after block; shape features of the whole text stand last. */
  hashes: Int32Array;
  /** For each block, where its features begin; one more entry holds the end of the last. */
  starts: number[];
  /** Offsets of each block in the text. */
  spans: [start: number, end: number][];
  /** 0 to 1 for each block: how much of it stands in a fence or behind quote marks. */
  quoted: number[];
  /** Features of the text's look: encodings, spelled-out words. Their hashes. */
  shape: number[];
  words: number;
}

/** Words from which a sentence's end closes a block, and at which a block ends wherever it is. */
const BLOCK_FROM = 10;
const BLOCK_TO = 36;
/** Concepts that a concept is paired with, and the words between them at most. */
const PAIRS = 4;
const REACH = 9;
/** Features in one text at most: 256 KiB of text stay under it. */
const MAX_FEATURES = 1 << 20;

const SALT = {
  word: 0x1,
  pair: 0x2,
  stem: 0x3,
  concept: 0x4,
  follows: 0x5,
  chain: 0x6,
  glyphs: 0x7,
  mark: 0x8,
} as const;
const HASH_OF_CONCEPT = CONCEPTS.map((_, index) => Math.imul(index + 1, 0x9e3779b1) | 0);
const STEM = 5;
const GLYPH_CONCEPTS_FROM = 0x0e00;

const OWN = new Units();
const LOWER = new Units();
const scratch = { hashes: new Int32Array(4096) };
const prefixHashes = new Int32Array(PREFIX.to - PREFIX.from + 1);

/** Features that are words have an even hash; concepts, marks and looks, which mean the same in every language, an odd one. */
export const isWord = (hash: number): boolean => (hash & 1) === 0;

/** Final mixing, so that near hashes spread. */
export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ (b + 0x7f4a7c15), 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Reads a text. Time is linear in its length. */
export function readBlocks(text: string): Blocks {
  const lower = lowered(text);
  return new Reader(text, lower).read();
}

/** Lower case of the same length, so that offsets hold: one letter's small form is two. */
function lowered(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  const kept = text.replaceAll('İ', 'I').toLowerCase();
  return kept.length === text.length ? kept : text;
}

class Reader {
  #count = 0;
  #words = 0;
  #wordsInBlock = 0;
  #lastWord = 0;
  /** The text's characters as they are, and in lower case. */
  readonly #own: Uint16Array;
  readonly #units: Uint16Array;
  readonly #lower: string;
  readonly #starts: number[] = [0];
  readonly #spans: [number, number][] = [];
  readonly #quoted: number[] = [];
  #blockFrom = 0;
  #quotedWords = 0;
  #fenced = false;
  #quoteLine = false;
  readonly #recent: number[] = [];
  readonly #recentAt: number[] = [];
  readonly #shape = new ShapeCounter();

  constructor(text: string, lower: string) {
    this.#own = OWN.of(text);
    this.#units = LOWER.of(lower);
    this.#lower = lower;
  }

  read(): Blocks {
    const lower = this.#lower;
    const units = this.#units;
    const length = lower.length;
    let i = 0;
    while (i < length && this.#count < MAX_FEATURES) {
      const unit = units[i] as number;
      if (isWordUnit(unit)) {
        i = isGlyph(unit) ? this.#glyphs(lower, i) : this.#word(lower, i);
        continue;
      }
      this.#mark(lower, unit, i);
      i++;
      if (endsSentence(unit) && this.#wordsInBlock >= BLOCK_FROM) this.#close(i);
    }
    this.#close(length);
    const shape = this.#shape.done(length);
    return {
      hashes: scratch.hashes.slice(0, this.#count),
      starts: this.#starts,
      spans: this.#spans,
      quoted: this.#quoted,
      shape: shapeHashes(shape),
      words: this.#words,
    };
  }

  /** Letters and digits up to the next other character; an apostrophe inside is left out. */
  #word(lower: string, from: number): number {
    const units = this.#units;
    const length = lower.length;
    let hash = SEED;
    let stem = SEED;
    let letters = 0;
    let prefixCount = 0;
    let i = from;
    for (; i < length; i++) {
      const unit = units[i] as number;
      if (!isWordUnit(unit) || isGlyph(unit)) {
        if ((unit === 0x27 || unit === 0x2019) && letters > 0 && isWordUnit(lower.charCodeAt(i + 1))) continue;
        break;
      }
      hash = step(hash, unit);
      letters++;
      if (letters === STEM) stem = hash;
      if (letters >= PREFIX.from && letters <= PREFIX.to) prefixHashes[prefixCount++] = hash;
    }
    this.#shape.word(this.#own, from, i);
    this.#words++;
    this.#wordsInBlock++;
    if (this.#fenced || this.#quoteLine) this.#quotedWords++;
    this.#put(mix(hash, SALT.word));
    if (letters > STEM + 1) this.#put(mix(stem, SALT.stem));
    if (this.#lastWord !== 0) this.#put(mix(mix(this.#lastWord, hash), SALT.pair));
    this.#lastWord = hash;
    for (const concept of conceptsOf(hash, prefixHashes, prefixCount)) this.#concept(concept);
    if (this.#wordsInBlock >= BLOCK_TO) this.#close(i);
    return i;
  }

  /** Scripts written without spaces: pairs of characters, and concepts sought at every place. */
  #glyphs(lower: string, from: number): number {
    let i = from;
    let last = 0;
    for (; i < lower.length; i++) {
      const unit = lower.charCodeAt(i);
      if (!isGlyph(unit)) break;
      if (last !== 0) this.#put(mix(mix(last, unit), SALT.glyphs));
      last = unit;
      let hash = SEED;
      for (let n = 0; n < RUN.to && i + n < lower.length; n++) {
        const next = lower.charCodeAt(i + n);
        if (!isGlyph(next)) break;
        hash = step(hash, next);
        for (const concept of runConceptsOf(hash)) this.#concept(concept);
      }
      if ((i - from) % 2 === 1) {
        this.#words++;
        this.#wordsInBlock++;
        if (this.#wordsInBlock >= BLOCK_TO) this.#close(i + 1);
      }
    }
    this.#lastWord = 0;
    this.#shape.glyphs(i - from);
    return i;
  }

  #concept(concept: number): void {
    const own = HASH_OF_CONCEPT[concept] as number;
    this.#put(mix(own, SALT.concept), 1);
    const recent = this.#recent;
    let partners = 0;
    for (let k = recent.length - 1; k >= 0 && partners < PAIRS; k--) {
      if (this.#words - (this.#recentAt[k] as number) > REACH) break;
      const before = HASH_OF_CONCEPT[recent[k] as number] as number;
      if (before === own) continue;
      this.#put(mix(mix(before, own), SALT.follows), 1);
      if (partners === 0 && k > 0 && this.#words - (this.#recentAt[k - 1] as number) <= REACH)
        this.#put(mix(mix(mix(HASH_OF_CONCEPT[recent[k - 1] as number] as number, before), own), SALT.chain), 1);
      partners++;
    }
    recent.push(concept);
    this.#recentAt.push(this.#words);
    if (recent.length > 64) {
      recent.splice(0, 56);
      this.#recentAt.splice(0, 56);
    }
  }

  /** Characters between words that say something: brackets of tags and slots, image links, addresses, fences, quotes. */
  #mark(lower: string, unit: number, at: number): void {
    this.#shape.mark(unit, lower, at);
    switch (unit) {
      case 0x0a:
        this.#quoteLine = lower.charCodeAt(at + 1) === 0x3e;
        this.#lastWord = 0;
        return;
      case 0x60:
        if (lower.charCodeAt(at + 1) === 0x60 && lower.charCodeAt(at + 2) === 0x60 && lower.charCodeAt(at - 1) !== 0x60)
          this.#fenced = !this.#fenced;
        return;
      case 0x40:
        if (isWordUnit(lower.charCodeAt(at - 1)) && isWordUnit(lower.charCodeAt(at + 1)))
          this.#put(mix(1, SALT.mark), 1);
        return;
      case 0x3a:
        if (lower.charCodeAt(at + 1) === 0x2f && lower.charCodeAt(at + 2) === 0x2f) this.#put(mix(2, SALT.mark), 1);
        return;
      case 0x21:
        if (lower.charCodeAt(at + 1) === 0x5b) this.#put(mix(3, SALT.mark), 1);
        return;
      case 0x5d:
        if (lower.charCodeAt(at + 1) === 0x28) this.#put(mix(4, SALT.mark), 1);
        return;
      case 0x3f:
        this.#put(mix(5, SALT.mark), 1);
        return;
      case 0x3d:
        if ('[{<$'.includes(lower.charAt(at + 1)) && at + 1 < lower.length) this.#put(mix(6, SALT.mark), 1);
    }
  }

  #put(mixed: number, kind: 0 | 1 = 0): void {
    const hash = (mixed & ~1) | kind;
    if (this.#count === scratch.hashes.length) {
      const grown = new Int32Array(scratch.hashes.length * 2);
      grown.set(scratch.hashes);
      scratch.hashes = grown;
    }
    scratch.hashes[this.#count++] = hash;
  }

  #close(end: number): void {
    const begin = this.#starts.at(-1) as number;
    if (this.#count === begin && this.#spans.length > 0) return;
    this.#spans.push([this.#blockFrom, end]);
    this.#quoted.push(this.#wordsInBlock === 0 ? 0 : this.#quotedWords / this.#wordsInBlock);
    this.#starts.push(this.#count);
    this.#blockFrom = end;
    this.#wordsInBlock = 0;
    this.#quotedWords = 0;
  }
}

function shapeHashes(shape: Shape): number[] {
  return shape.map((name) => {
    let hash = SEED;
    for (let i = 0; i < name.length; i++) hash = step(hash, name.charCodeAt(i));
    return mix(hash, SALT.mark) | 1;
  });
}

/** Letters, digits and marks of any script; punctuation and signs beyond ASCII are told by range. */
export function isWordUnit(unit: number): boolean {
  if (unit < 0x80)
    return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a);
  if (unit < 0xc0) return unit === 0xaa || unit === 0xb5 || unit === 0xba;
  if (unit >= 0x2000 && unit <= 0x2bff) return false;
  if (unit >= 0x3000 && unit <= 0x3004) return false;
  if (unit >= 0x3008 && unit <= 0x3020) return false;
  if (unit >= 0xd800 && unit <= 0xf8ff) return false;
  if (unit >= 0xfe00 && unit <= 0xfe0f) return false;
  if (unit >= 0xff00 && unit <= 0xff0f) return false;
  return unit !== 0xd7 && unit !== 0xf7 && unit !== 0x0964 && unit !== 0x060c && unit !== 0x061f && unit !== 0xfeff;
}

/** Scripts that put no space between words: Thai, Lao, Khmer, Burmese, kana, ideographs. */
function isGlyph(unit: number): boolean {
  return (
    unit >= GLYPH_CONCEPTS_FROM &&
    (unit <= 0x0eff ||
      (unit >= 0x1000 && unit <= 0x109f) ||
      (unit >= 0x1780 && unit <= 0x17ff) ||
      (unit >= 0x3040 && unit <= 0x30ff) ||
      (unit >= 0x3400 && unit <= 0x9fff))
  );
}

function endsSentence(unit: number): boolean {
  return (
    unit === 0x2e ||
    unit === 0x21 ||
    unit === 0x3f ||
    unit === 0x0a ||
    unit === 0x3b ||
    unit === 0x3002 ||
    unit === 0xff01 ||
    unit === 0xff1f ||
    unit === 0x0964
  );
}
