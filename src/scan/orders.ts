/**
 * Orders: sentences that tell the reader to do something. In a user's message they are the request; in a tool result they are the mark
 * of indirect prompt injection, and what a hijacked call can be traced back to.
 */
import { foldsToAscii, Heads, isWordCode, matchAt } from './heads.ts';
import { Order } from './order.ts';
import { takesOver } from './takeover.ts';
import { Units } from './units.ts';
import { startsWithVerb, startsWithVerbIn } from './verbs.ts';

/** An order's details may stand in the next sentences: a subject line, a body, an account. */
const REACH = 300;

/** Openers that turn what follows into an order although it starts with no verb. */
const OPENER =
  /\b(?:(?:i|we) (?:want|need|would like|'d like|require|order|instruct|command) you to|you (?:must|should|have to|need to|are (?:to|required to|instructed to)|will(?: now)?|can|shall)|(?:make|be) sure (?:to|you|that you)|(?:remember|don't forget|do not forget|be sure|your (?:new |next |real |actual )?(?:task|job|goal|instruction|objective|mission) is|it is (?:important|required|necessary|crucial|imperative) (?:that you|to|for you to)|could you|can you|would you|will you|i'd like you to|help me(?: to)?|i (?:would like|want|need|wish) to|go ahead and|proceed to|instructions?:|action required:|todo:|task:)(?: please)?(?: to)?)\s+/iuy;
/** How it begins. */
const OPENS = new Heads(["i |i'|we|you|mak|be |rem|don|do |it |cou|can|wou|wil|hel|go |pro|ins|act|tod|tas"]);
/** The pattern as a search, for texts whose letters are not what they look like. */
const OPENER_ANYWHERE = new RegExp(OPENER.source, 'giu');

const EDGE = '\ue000';
/** Quotes with the punctuation of JSON or of Python's notation beside them. */
const FIELD_EDGE = /["']\s?[,:}\]]|[{[,:]\s?["']/g;
const QUOTED_FIELD = /["'][\]},:]/;
const MAX_ORDERS = 64;
/** Characters of a sentence. */
const LEAST = 6;
const LONGEST = 2_000;
const POLITE = /\bplease\b|\bkindly\b/i;
const MAX_CLAUSES = 12;

/**
 * Finds the orders of a text. Time is linear in its length; at most 64 are returned, the first ones.
 * @param text original text; offsets in the result are its own.
 */
export function findOrders(text: string): Order[] {
  return new Sentences(text).orders();
}

/** What a character is to sentences: where one ends, where a field may end, where an order may begin inside one. */
const ENDS = 1;
const DOT = 2;
const QUOTE = 4;
const FIELD = 8;
const CLAUSE = 16;
const DASH = 32;
const WORD = 64;
const ROLE = new Uint8Array(128);
const roles: [string, number][] = [
  ['\n!?;', ENDS],
  ['.', DOT],
  ['"\'', QUOTE],
  ['{[,:', FIELD],
  [':"\'>)]', CLAUSE],
  ['-', DASH],
  ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_', WORD],
];
for (const [characters, role] of roles)
  for (const character of characters) ROLE[character.charCodeAt(0)] = (ROLE[character.charCodeAt(0)] as number) | role;

const UNITS = new Units();
const LETTER = /\p{L}/u;
const SPACE = /\s/;

/** One walk over a text, sentence by sentence. */
class Sentences {
  readonly #lines: string;
  readonly #units: Uint16Array;
  /** Fields of JSON or Python end at their quotes: a value must not run into its neighbours. */
  readonly #fields: boolean;
  readonly #odd: boolean;
  readonly #text: string;
  #takeover: boolean | undefined;
  /** Places in the sentence at hand behind which an order may begin, and where words of an opener may. */
  #clauses: number[] = [];
  #openers: number[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#lines = unescaped(text);
    this.#units = UNITS.of(this.#lines);
    this.#fields = (text.includes('"') || text.includes("'")) && QUOTED_FIELD.test(this.#lines);
    this.#odd = foldsToAscii(text);
  }

  orders(): Order[] {
    const found: Order[] = [];
    const lines = this.#lines;
    for (let at = 0; at < lines.length; ) {
      const skipped = this.#skip(at);
      if (skipped > at) {
        at = skipped;
        continue;
      }
      const end = this.#walk(at);
      const length = end - at;
      if (length >= LEAST && length <= LONGEST) {
        const strength = this.#strength(at, end);
        if (strength > 0) {
          found.push(this.#order(at, end, strength));
          if (found.length === MAX_ORDERS) break;
        }
      }
      at = end;
    }
    return found;
  }

  /** Behind the character that ends a sentence, or the edge of a field, at a place. */
  #skip(at: number): number {
    const code = this.#units[at] as number;
    if (code === 0xe000) return at + 1;
    if (code >= 128) return at;
    const role = ROLE[code] as number;
    if ((role & (ENDS | DOT)) !== 0) return at + 1;
    return this.#fields && (role & (QUOTE | FIELD)) !== 0 ? at + edgeAt(this.#units, at, this.#lines.length) : at;
  }

  /** The end of the sentence that begins at a place; notes on the way where an order may begin in it. */
  #walk(start: number): number {
    const units = this.#units;
    const length = this.#lines.length;
    const fields = this.#fields;
    this.#clauses.length = 0;
    this.#openers.length = 0;
    let at = start;
    while (at < length) {
      const code = units[at] as number;
      if (code >= 128) {
        if (code === 0xe000) return at;
        if (code === 0x2013 || code === 0x2014) this.#clauses.push(at + 1);
        at++;
        continue;
      }
      const role = ROLE[code] as number;
      if (role === WORD) {
        if (this.#odd || OPENS.at(units, at) !== 0) this.#openers.push(at);
        do at++;
        while (at < length && isWordCode(units[at] as number));
        continue;
      }
      if (role !== 0) {
        if (code === 0x0a) return at;
        if ((role & ENDS) !== 0 || (role === DOT && !goesOn(units, at + 1, length))) {
          do at++;
          while (at < length && isStop(units[at] as number));
          return at;
        }
        if (fields && (role & (QUOTE | FIELD)) !== 0 && edgeAt(units, at, length) > 0) return at;
        if ((role & CLAUSE) !== 0 || (role === DASH && isApart(units, at, start))) this.#clauses.push(at + 1);
      }
      at++;
    }
    return at;
  }

  #strength(start: number, end: number): number {
    let strength = this.#startsWithVerb(start, end) ? 0.5 : 0;
    if (strength === 0) {
      let tries = 0;
      for (const mark of this.#clauses) {
        const clause = letterAfter(this.#units, mark, end);
        if (clause < 0) continue;
        if (++tries > MAX_CLAUSES) break;
        if (this.#startsWithVerb(clause, end)) strength = 0.5;
      }
    }
    if (this.#openers.length > 0 && this.#opens(start, end)) strength = Math.max(strength, 0.6);
    if (strength > 0 && POLITE.test(this.#lines.slice(start, end))) strength += 0.1;
    return strength;
  }

  /** True when an opener with a verb behind it stands in the sentence. */
  #opens(start: number, end: number): boolean {
    const sentence = this.#lines.slice(start, end);
    if (this.#odd) {
      for (const opener of sentence.matchAll(OPENER_ANYWHERE))
        if (this.#startsWithVerb(start + opener.index + opener[0].length, end)) return true;
      return false;
    }
    let behind = 0;
    for (const place of this.#openers) {
      if (place - start < behind) continue;
      const to = matchAt(OPENER, sentence, place - start);
      if (to < 0) continue;
      if (this.#startsWithVerb(start + to, end)) return true;
      behind = to;
    }
    return false;
  }

  #startsWithVerb(start: number, end: number): boolean {
    return startsWithVerb(this.#units, start, end) ?? startsWithVerbIn(this.#lines.slice(start, end));
  }

  #order(start: number, end: number, strength: number): Order {
    this.#takeover ??= takesOver(this.#text);
    return new Order(
      start,
      Math.min(1, strength + (this.#takeover ? 0.3 : 0)),
      this.#lines.slice(start, end),
      this.#reach(start, end + REACH),
    );
  }

  /** The order with its details, up to the end of the field it stands in. */
  #reach(start: number, end: number): string {
    const lines = this.#lines;
    const reach = lines.slice(start, end);
    const written = reach.indexOf(EDGE);
    const stop = written < 0 ? reach.length : written;
    if (!this.#fields) return reach.slice(0, stop);
    // An edge may begin inside and end behind it.
    FIELD_EDGE.lastIndex = 0;
    const edge = FIELD_EDGE.exec(lines.slice(start, end + 2));
    return reach.slice(0, edge === null ? stop : Math.min(stop, edge.index));
  }
}

/** Tool results are often JSON in JSON: line breaks stand as two characters or more. Same length as the text, so that offsets hold. */
function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(/\\+[nrt]/g, (escaped) => '\n'.padEnd(escaped.length)) : text;
}

/** Length of the edge of a field that begins at a place: a quote and punctuation, in either order, with at most one space between; 0 for none. */
function edgeAt(units: Uint16Array, at: number, length: number): number {
  const code = units[at] as number;
  const quote = code === 0x22 || code === 0x27;
  const space = at + 1 < length && isSpace(units[at + 1] as number) ? 1 : 0;
  if (at + 1 + space >= length) return 0;
  const next = units[at + 1 + space];
  const fits = quote
    ? next === 0x2c || next === 0x3a || next === 0x7d || next === 0x5d
    : next === 0x22 || next === 0x27;
  return fits ? 2 + space : 0;
}

/** A dot inside `example.net` or `v1.2` ends nothing. */
function goesOn(units: Uint16Array, at: number, length: number): boolean {
  if (at >= length) return false;
  const code = units[at] as number;
  return isWordCode(code) || code === 0x40 || code === 0x2f;
}

function isStop(code: number): boolean {
  return code === 0x2e || code === 0x21 || code === 0x3f || code === 0x3b;
}

/** A dash that is not inside a word: `no-reply` begins nothing. */
function isApart(units: Uint16Array, at: number, start: number): boolean {
  if (at === start) return true;
  const before = units[at - 1] as number;
  return before === 0x22 || before === 0x27 || isSpace(before);
}

function isSpace(code: number): boolean {
  return code < 128 ? code === 0x20 || (code >= 9 && code <= 13) : SPACE.test(String.fromCharCode(code));
}

/** The place of the letter that follows a mark, with white space at most between; -1 for none. */
function letterAfter(units: Uint16Array, mark: number, end: number): number {
  let at = mark;
  while (at < end && isSpace(units[at] as number)) at++;
  if (at >= end) return -1;
  const code = units[at] as number;
  if (code < 128) return (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a ? at : -1;
  const character = at + 1 < end ? String.fromCharCode(code, units[at + 1] as number) : String.fromCharCode(code);
  return LETTER.test(String.fromCodePoint(character.codePointAt(0) as number)) ? at : -1;
}
