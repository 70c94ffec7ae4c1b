/**
 * Content signals: what a text asks for, whoever says it. Plain patterns behind a keyword test, with bounded gaps, so that time is
 * linear; weights are first estimates that the measured likelihoods of the classifier replace.
 */
import { unhide } from './hidden.ts';
import { findImageLinks } from './image-link.ts';
import { findTransfers } from './transfer.ts';

export interface TextSignal {
  kind: SignalKind;
  /** 0 to 1: how plain the signal is by itself. */
  score: number;
  span: [number, number];
  decoded: string[];
}

export type SignalKind =
  | 'override'
  | 'prompt-target'
  | 'secret-target'
  | 'people-target'
  | 'transfer'
  | 'address'
  | 'conceal'
  | 'encode'
  | 'image-link'
  | 'persona'
  | 'hidden-text';

interface Rule {
  kind: SignalKind;
  score: number;
  /** Lower-case keywords, one of which must occur before the pattern is tried. */
  keywords: string[];
  pattern?: RegExp;
  /** In place of a pattern, where one could not be linear. Returns spans in order, at most `limit`. */
  find?: (text: string, limit: number) => [start: number, end: number][];
}

const RULES: Rule[] = [
  {
    kind: 'override',
    score: 0.7,
    keywords: ['ignore', 'disregard', 'forget', 'override', 'bypass'],
    pattern:
      /\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,30}\b(?:previous|prior|above|earlier|preceding|all|any|your|these|those|the)\b[^.\n]{0,30}\b(?:instruction|prompt|rule|directive|guideline|direction|restriction|polic|safeguard|command|context)/giu,
  },
  {
    kind: 'override',
    score: 0.5,
    keywords: ['new instruction', 'real instruction', 'new task', 'real task', 'important message', 'before you can'],
    pattern:
      /\b(?:your |these are (?:the |your )?)?(?:new|real|actual|updated) (?:instruction|task|objective|directive|order)s?\b|\bimportant message (?:from|to)\b|\bbefore you can (?:solve|do|complete|continue|answer)/giu,
  },
  {
    kind: 'prompt-target',
    score: 0.6,
    keywords: ['prompt', 'instructions', 'guidelines'],
    pattern:
      /\b(?:reveal|show|print|repeat|output|display|tell|give|share|leak|dump|list|write|recite|return|disclose|expose|summari[sz]e|translate|provide|copy|quote)\b[^.\n]{0,60}\b(?:your|the|its|system|initial|hidden|original|secret|developer|above|previous|full|entire)\b[^.\n]{0,20}\b(?:system prompt|prompt|instructions|guidelines|configuration)\b/giu,
  },
  {
    kind: 'secret-target',
    score: 0.45,
    keywords: [
      'password',
      'secret',
      'credential',
      'api key',
      'api_key',
      'apikey',
      'token',
      'private key',
      'ssh key',
      'environment variable',
      '.env',
      'id_rsa',
      'security code',
      'access key',
    ],
    pattern:
      /\b(?:reveal|show|print|send|e-?mail|forward|output|display|tell|give|share|leak|dump|list|post|upload|read|extract|collect|gather|exfiltrate|retrieve|get|fetch|find|disclose|provide|copy|steal)\b[^.\n]{0,80}\b(?:passwords?|secrets?|credentials?|api[ _-]?keys?|access keys?|tokens?|private keys?|ssh keys?|environment variables?|\.env\b|id_rsa|security codes?)/giu,
  },
  {
    kind: 'people-target',
    score: 0.45,
    keywords: [
      'other user',
      'another user',
      'customer',
      'employee',
      'patient',
      'client',
      'user data',
      'personal data',
      'records',
      'everyone',
      'all users',
      'salar',
      'ssn',
      'social security',
      'credit card',
      'home address',
      'phone number',
    ],
    pattern:
      /\b(?:reveal|show|print|send|e-?mail|forward|output|display|tell|give|share|leak|dump|list|post|upload|extract|collect|gather|exfiltrate|retrieve|get|fetch|export|provide|disclose)\b[^.\n]{0,60}\b(?:(?:other|another|all|every|each|any)\b[^.\n]{0,25}\b(?:users?|customers?|employees?|patients?|clients?|people|accounts?|records)|everyone(?:'s)?|personal data|social security|ssns?|credit cards?|home address(?:es)?|salar(?:y|ies))/giu,
  },
  {
    kind: 'transfer',
    score: 0.4,
    keywords: [
      'send',
      'post',
      'upload',
      'forward',
      'email',
      'e-mail',
      'exfiltrat',
      'transmit',
      'submit',
      'append',
      'curl',
    ],
    find: findTransfers,
  },
  {
    kind: 'conceal',
    score: 0.5,
    keywords: [
      'tell',
      'mention',
      'inform',
      'notify',
      'reveal',
      'secretly',
      'silently',
      'without asking',
      'do not ask',
      "don't ask",
      'quietly',
      'user must not',
    ],
    pattern:
      /\b(?:do not|don't|never|without)\b[^.\n]{0,12}\b(?:tell(?:ing)?|mention(?:ing)?|inform(?:ing)?|notify(?:ing)?|reveal(?:ing)?|alert(?:ing)?|let(?:ting)?)\b[^.\n]{0,30}\b(?:user|anyone|anybody|them|him|her|me|this|it|human|customer)\b|\bwithout asking (?:me|the user|for)\b|\b(?:secretly|silently|covertly) (?:send|post|forward|upload|e-?mail|copy|append|add|include)/giu,
  },
  {
    kind: 'encode',
    score: 0.4,
    keywords: ['base64', 'base 64', 'rot13', 'hex', 'encode', 'reversed', 'reverse', 'cipher'],
    pattern:
      /\b(?:encode|encrypt|obfuscate|convert|translate|output|print|write|respond|answer|return|spell)\b[^.\n]{0,80}\b(?:base ?64|rot-?13|hex(?:adecimal)?|binary|morse|reversed?|backwards|cipher|url[- ]?encod)/giu,
  },
  {
    kind: 'image-link',
    score: 0.7,
    keywords: ['!['],
    find: findImageLinks,
  },
  {
    kind: 'persona',
    score: 0.5,
    keywords: [
      'developer mode',
      'dan ',
      'jailbreak',
      'no restrictions',
      'unrestricted',
      'without restrictions',
      'no longer bound',
      'do anything now',
      'unfiltered',
      'no filter',
      'stay in character',
    ],
    pattern:
      /\bdeveloper mode\b|\bdo anything now\b|\bjailbr(?:eak|oken)\b|\b(?:without|no) (?:any )?(?:restrictions?|filters?|limits?|limitations|censorship|ethical)\b|\b(?:unrestricted|unfiltered|uncensored)\b[^.\n]{0,30}\b(?:ai|mode|assistant|model|chatbot|version)\b|\bno longer bound\b|\bstay in character\b/giu,
  },
];

/** Hidden characters in one message that no ordinary text needs. */
const HIDDEN_FLOOR = 10;
const MAX_SIGNALS = 32;
/** Matches of one rule in one text that count. */
const MAX_MATCHES = 4;
const BASE64 = /(?<![\w+/=-])[A-Za-z0-9+/]{32,4000}={0,2}(?![\w+/=-])/g;
const MAX_DECODED = 8;

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
  const lower = text.toLowerCase();
  for (const rule of RULES) {
    if (!rule.keywords.some((keyword) => lower.includes(keyword))) continue;
    for (const [from, to] of spansOf(rule, text)) {
      const start = decoded.length ? offset : from;
      found.push({ kind: rule.kind, score: rule.score, span: [start, start + to - from], decoded });
    }
  }
}

function spansOf({ pattern, find }: Rule, text: string): [start: number, end: number][] {
  if (find) return find(text, MAX_MATCHES);
  const spans: [number, number][] = [];
  for (const match of pattern ? text.matchAll(pattern) : []) {
    spans.push([match.index, match.index + match[0].length]);
    if (spans.length === MAX_MATCHES) break;
  }
  return spans;
}

/** Base64 runs that decode to readable text. */
function decodeBase64(text: string): [number, string][] {
  const found: [number, string][] = [];
  for (const match of text.matchAll(BASE64)) {
    const decoded = Buffer.from(match[0], 'base64').toString('latin1');
    if (/^[\t\n\r\x20-\x7e]{16,}$/.test(decoded)) found.push([match.index, decoded]);
    if (found.length === MAX_DECODED) break;
  }
  return found;
}
