/**
 * Content signals: what a text asks for, whoever says it. Plain patterns with bounded gaps, tried where a word begins as they do, so that
 * time is linear; weights are first estimates that the measured likelihoods of the classifier replace.
 */
import { Heads, matchAt } from './heads.ts';
import { unhide } from './hidden.ts';
import { lowBytes } from './normalise/bytes.ts';
import { longTokens } from './normalise/tokens.ts';
import { RULES, type Rule, type SignalKind } from './signal-rules.ts';

export interface TextSignal {
  kind: SignalKind;
  /** 0 to 1: how plain the signal is by itself. */
  score: number;
  span: [number, number];
  decoded: string[];
}

/** Hidden characters in one message that no ordinary text needs. */
const HIDDEN_FLOOR = 10;
const MAX_SIGNALS = 32;
/** Matches of one rule in one text that count. */
const MAX_MATCHES = 4;
const BASE64 = /(?<![\w+/=-])[A-Za-z0-9+/]{32,4000}={0,2}(?![\w+/=-])/g;
const MAX_DECODED = 8;

const HEADS = new Heads([...RULES.map(({ heads }) => heads), ...RULES.map(({ goals }) => goals ?? '')]);
/** Bits of the rules that have goals. */
const WITH_GOALS = RULES.reduce((bits, { goals }, rule) => (goals ? bits | (1 << rule) : bits), 0);
const ALL = (1 << RULES.length) - 1;
const ANYWHERE = RULES.map(({ pattern }) => pattern && new RegExp(pattern.source, 'giu'));
/** The longest run that is sure to be found by its bytes. */
const MAX_BYTES = 512 * 1024;
const LEAST_BASE64 = 32;
const MAX_TOKENS = 4_096;

/** All signals of a text, in order of appearance, at most 32. Encoded parts are decoded once and searched too. */
export function findSignals(text: string): TextSignal[] {
  const { text: clean, hidden, first } = unhide(text);
  const found: TextSignal[] = [];
  if (hidden >= HIDDEN_FLOOR) found.push({ kind: 'hidden-text', score: 0.9, span: [first, first + 1], decoded: [] });
  search(clean, [], 0, found);
  for (const [start, decoded] of decodeBase64(clean)) search(decoded, ['base64'], start, found);
  return found.slice(0, MAX_SIGNALS);
}

function search(text: string, decoded: string[], offset: number, found: TextSignal[]): void {
  const all = spansOf(text);
  let lower: string | undefined;
  for (const [r, rule] of RULES.entries()) {
    const spans = all[r];
    if (spans === undefined) continue;
    lower ??= text.toLowerCase();
    if (!rule.keywords.some((keyword) => (lower as string).includes(keyword))) continue;
    for (const [from, to] of spans) {
      const start = decoded.length ? offset : from;
      found.push({ kind: rule.kind, score: rule.score, span: [start, start + to - from], decoded });
    }
  }
}

type Span = [start: number, end: number];

/** Places of the text at hand where rules could match, and the bits of those rules. */
const places: number[] = [];
const rules: number[] = [];

/** What each rule matches, its first four; undefined where it matches nothing. */
function spansOf(text: string): (Span[] | undefined)[] {
  const spans: (Span[] | undefined)[] = [];
  const put = (rule: number, span: Span) => {
    spans[rule] ??= [];
    (spans[rule] as Span[]).push(span);
  };
  places.length = 0;
  rules.length = 0;
  let met = 0;
  const searched = HEADS.each(text, (place, bits) => {
    met |= bits;
    if ((bits & ALL) === 0) return true;
    places.push(place);
    rules.push(bits & ALL);
    return true;
  });
  // A rule whose goal stands nowhere in the text is not tried.
  const open = (met >> RULES.length) | ~WITH_GOALS;
  for (let i = 0; i < places.length; i++) {
    const place = places[i] as number;
    for (let rest = (rules[i] as number) & open; rest !== 0; rest &= rest - 1) {
      const rule = 31 - Math.clz32(rest & -rest);
      const pattern = (RULES[rule] as Rule).pattern;
      const own = spans[rule];
      if (!pattern || (own && (own.length === MAX_MATCHES || (own.at(-1) as Span)[1] > place))) continue;
      const end = matchAt(pattern, text, place);
      if (end >= 0) put(rule, [place, end]);
    }
  }
  for (const [rule, { find, heads }] of RULES.entries()) {
    const anywhere = ANYWHERE[rule];
    if (find && (!searched || heads === '' || (met & (1 << rule)) !== 0))
      for (const span of find(text, MAX_MATCHES)) put(rule, span);
    else if (anywhere && !searched)
      for (const match of text.matchAll(anywhere)) {
        put(rule, [match.index, match.index + match[0].length]);
        if (spans[rule]?.length === MAX_MATCHES) break;
      }
  }
  return spans;
}

/** Base64 runs that decode to readable text. */
function decodeBase64(text: string): [number, string][] {
  const found: [number, string][] = [];
  if (text.length <= MAX_BYTES) {
    const tokens = longTokens(lowBytes(text), MAX_TOKENS);
    if (tokens.length < MAX_TOKENS && tokens.every(([start, end]) => end - start < LEAST_BASE64)) return found;
  }
  for (const match of text.matchAll(BASE64)) {
    const decoded = Buffer.from(match[0], 'base64').toString('latin1');
    if (/^[\t\n\r\x20-\x7e]{16,}$/.test(decoded)) found.push([match.index, decoded]);
    if (found.length === MAX_DECODED) break;
  }
  return found;
}
