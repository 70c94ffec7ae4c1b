/**
 * Words written another way round: rot13, atbash, backwards, digits for letters. Pairs of letters that English hardly has lead to a place;
 * there, common words must come out that were not there before.
 */
import type { Decoded } from './encoded.ts';
import { atbash, backwards, isLetter, rot13, wordsBackwards } from './letters.ts';
import { isCommon } from './vocabulary.ts';

/** Characters on each side of a suspect place in which words are counted, and which are turned when they tell. */
const LOOK = 80;
const TURN = 1_000;
/** Places that are looked at in one text, for each way of writing. */
const MAX_LOOKS = 24;
/** Letters of a word on each side of a mark. */
const MAX_WORD = 20;
const LEAST_WORDS = 3;
const LEAST_SHARE = 0.3;
const WORD = /[\p{L}\p{N}@$!']+/gu;

interface Way {
  step: string;
  /** The ways to undo it; the first tells whether it was written so. */
  turns: [(text: string) => string, ...((text: string) => string)[]];
}

const LEET: Record<string, string> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', '@': 'a', $: 's', '!': 'i' };
const ROT13: Way = { step: 'rot13', turns: [rot13] };
const ATBASH: Way = { step: 'atbash', turns: [atbash] };
/** Whether all is turned round or each word by itself, the words do not tell. */
const REVERSED: Way = { step: 'reversed', turns: [backwards, wordsBackwards] };
const LEET_SPEAK: Way = {
  step: 'leet',
  turns: [(text) => text.replace(/[013457@$!]/g, (character) => LEET[character] as string)],
};

interface Mark {
  /** Rare in English, frequent in text written this way. */
  mark: string;
  ways: Way[];
  /** Whether the letters around it are suspect. */
  suspect(text: string, place: number): boolean;
}

const CONSONANTS = new Set([...'bcdfghjklmnpqrstvwxzBCDFGHJKLMNPQRSTVWXZ'].map((letter) => letter.charCodeAt(0)));

/** v stands for i in rot13 and for e in atbash: with consonants behind it, or at a word's end. */
function isStrangeV(text: string, place: number): boolean {
  const next = text.charCodeAt(place + 1);
  return CONSONANTS.has(next) || !isLetter(next);
}

function inWord(text: string, place: number): boolean {
  return isLetter(text.charCodeAt(place + 1)) && !Number.isNaN(text.charCodeAt(place - 1));
}

const MARKS: Mark[] = [
  ...['v', 'V'].map((mark) => ({ mark, ways: [ROT13, ATBASH], suspect: isStrangeV })),
  ...['dna', 'uoy'].map((mark) => ({ mark, ways: [REVERSED], suspect: () => true })),
  ...['0', '1', '3', '4', '@', '$'].map((mark) => ({ mark, ways: [LEET_SPEAK], suspect: inWord })),
];

/** At most `limit`. Time is linear. */
export function turnWords(text: string, limit: number): Decoded[] {
  const found: Decoded[] = [];
  const seen: Seen = new Map();
  for (const { mark, ways, suspect } of MARKS) {
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
      if (!suspect(text, at)) continue;
      for (const way of ways) look(text, at, way, found, seen);
      // A word is looked at once.
      const end = at + MAX_WORD;
      while (at + 1 < end && isInWord(text.charCodeAt(at + 1))) at++;
      if (found.length >= limit) return found;
    }
  }
  return found;
}

/** What was looked at already, for each way of writing: how many places, and which part was turned. */
type Seen = Map<Way, { looks: number; from: number; to: number }>;

function look(text: string, place: number, way: Way, found: Decoded[], all: Seen): void {
  const seen = all.get(way) ?? { looks: 0, from: 0, to: 0 };
  if (seen.looks >= MAX_LOOKS || (place >= seen.from && place < seen.to) || !isCommon(turnedWord(text, place, way)))
    return;
  seen.looks++;
  all.set(way, seen);
  if (!tells(text.slice(...around(text, place, LOOK)), way)) return;
  const [start, end] = around(text, place, TURN);
  for (const turn of way.turns) found.push({ start, end, text: turn(text.slice(start, end)), step: [way.step] });
  seen.from = start;
  seen.to = end;
}

/** The word around a mark, or right behind it, turned. */
function turnedWord(text: string, place: number, way: Way): string {
  const first = isInWord(text.charCodeAt(place)) ? place : place + 1;
  let start = first;
  while (start > 0 && first - start < MAX_WORD && isInWord(text.charCodeAt(start - 1))) start--;
  let end = first;
  while (end - first < MAX_WORD && isInWord(text.charCodeAt(end))) end++;
  return way.turns[0](text.slice(start, end)).toLowerCase();
}

/** Letters, digits, `@` and `$`. */
function isInWord(code: number): boolean {
  return isLetter(code) || (code >= 0x30 && code <= 0x39) || code === 0x40 || code === 0x24;
}

/** A span around a place. */
function around(text: string, place: number, reach: number): [number, number] {
  return [Math.max(0, place - reach), Math.min(text.length, place + reach)];
}

/** Among the words that are none as they stand, enough become common ones. */
function tells(text: string, way: Way): boolean {
  const turn = way.turns[0];
  const seen = new Set<string>();
  let strange = 0;
  for (const match of text.matchAll(WORD)) {
    const word = match[0].toLowerCase();
    if (word.length < 3 || isCommon(word)) continue;
    strange++;
    const turned = turn(word);
    if (isCommon(turned)) seen.add(turned);
  }
  return seen.size >= LEAST_WORDS && seen.size >= LEAST_SHARE * strange;
}
