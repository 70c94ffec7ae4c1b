/** The rules of content signals. Data: patterns with bounded gaps, and how what they match begins. */
import { findImageLinks } from './image-link.ts';
import { findTransfers } from './transfer.ts';

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

export interface Rule {
  kind: SignalKind;
  score: number;
  /** Lower-case keywords, one of which must occur in the text. */
  keywords: string[];
  /** The first letters of what the pattern matches, or of the verbs of `find`. */
  heads: string;
  /** The first letters of words, one of which must stand in what the pattern matches; absent where none would tell. */
  goals?: string;
  pattern?: RegExp;
  /** In place of a pattern, where one could not be linear. Returns spans in order, at most `limit`. */
  find?: (text: string, limit: number) => [start: number, end: number][];
}

export const RULES: Rule[] = [
  {
    kind: 'override',
    score: 0.7,
    heads: 'ign|dis|for|ove|byp',
    goals: 'ins|pro|rul|dir|gui|res|pol|saf|com|con',
    keywords: ['ignore', 'disregard', 'forget', 'override', 'bypass'],
    pattern:
      /\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,30}\b(?:previous|prior|above|earlier|preceding|all|any|your|these|those|the)\b[^.\n]{0,30}\b(?:instruction|prompt|rule|directive|guideline|direction|restriction|polic|safeguard|command|context)/iuy,
  },
  {
    kind: 'override',
    score: 0.5,
    heads: 'you|the|new|rea|act|upd|imp|bef',
    keywords: ['new instruction', 'real instruction', 'new task', 'real task', 'important message', 'before you can'],
    pattern:
      /\b(?:your |these are (?:the |your )?)?(?:new|real|actual|updated) (?:instruction|task|objective|directive|order)s?\b|\bimportant message (?:from|to)\b|\bbefore you can (?:solve|do|complete|continue|answer)/iuy,
  },
  {
    kind: 'prompt-target',
    score: 0.6,
    heads: 'rev|sho|pri|rep|out|dis|tel|giv|sha|lea|dum|lis|wri|rec|ret|exp|sum|tra|pro|cop|quo',
    goals: 'pro|ins|gui|con|sys',
    keywords: ['prompt', 'instructions', 'guidelines'],
    pattern:
      /\b(?:reveal|show|print|repeat|output|display|tell|give|share|leak|dump|list|write|recite|return|disclose|expose|summari[sz]e|translate|provide|copy|quote)\b[^.\n]{0,60}\b(?:your|the|its|system|initial|hidden|original|secret|developer|above|previous|full|entire)\b[^.\n]{0,20}\b(?:system prompt|prompt|instructions|guidelines|configuration)\b/iuy,
  },
  {
    kind: 'secret-target',
    score: 0.45,
    heads:
      'rev|sho|pri|sen|ema|e-m|for|out|dis|tel|giv|sha|lea|dum|lis|pos|upl|rea|ext|col|gat|exf|ret|get|fet|fin|pro|cop|ste',
    goals: 'pas|sec|cre|api|acc|tok|pri|ssh|env|id_',
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
      /\b(?:reveal|show|print|send|e-?mail|forward|output|display|tell|give|share|leak|dump|list|post|upload|read|extract|collect|gather|exfiltrate|retrieve|get|fetch|find|disclose|provide|copy|steal)\b[^.\n]{0,80}\b(?:passwords?|secrets?|credentials?|api[ _-]?keys?|access keys?|tokens?|private keys?|ssh keys?|environment variables?|\.env\b|id_rsa|security codes?)/iuy,
  },
  {
    kind: 'people-target',
    score: 0.45,
    heads: 'rev|sho|pri|sen|ema|e-m|for|out|dis|tel|giv|sha|lea|dum|lis|pos|upl|ext|col|gat|exf|ret|get|fet|exp|pro',
    goals: 'oth|ano|all|eve|eac|any|per|soc|ssn|cre|hom|sal',
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
      /\b(?:reveal|show|print|send|e-?mail|forward|output|display|tell|give|share|leak|dump|list|post|upload|extract|collect|gather|exfiltrate|retrieve|get|fetch|export|provide|disclose)\b[^.\n]{0,60}\b(?:(?:other|another|all|every|each|any)\b[^.\n]{0,25}\b(?:users?|customers?|employees?|patients?|clients?|people|accounts?|records)|everyone(?:'s)?|personal data|social security|ssns?|credit cards?|home address(?:es)?|salar(?:y|ies))/iuy,
  },
  {
    kind: 'transfer',
    score: 0.4,
    heads: 'sen|pos|upl|for|ema|e-m|exf|tra|sub|app|cur|del',
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
    heads: 'do |don|nev|wit|sec|sil|cov',
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
      /\b(?:do not|don't|never|without)\b[^.\n]{0,12}\b(?:tell(?:ing)?|mention(?:ing)?|inform(?:ing)?|notify(?:ing)?|reveal(?:ing)?|alert(?:ing)?|let(?:ting)?)\b[^.\n]{0,30}\b(?:user|anyone|anybody|them|him|her|me|this|it|human|customer)\b|\bwithout asking (?:me|the user|for)\b|\b(?:secretly|silently|covertly) (?:send|post|forward|upload|e-?mail|copy|append|add|include)/iuy,
  },
  {
    kind: 'encode',
    score: 0.4,
    heads: 'enc|obf|con|tra|out|pri|wri|res|ans|ret|spe',
    goals: 'bas|rot|hex|bin|mor|rev|bac|cip|url',
    keywords: ['base64', 'base 64', 'rot13', 'hex', 'encode', 'reversed', 'reverse', 'cipher'],
    pattern:
      /\b(?:encode|encrypt|obfuscate|convert|translate|output|print|write|respond|answer|return|spell)\b[^.\n]{0,80}\b(?:base ?64|rot-?13|hex(?:adecimal)?|binary|morse|reversed?|backwards|cipher|url[- ]?encod)/iuy,
  },
  {
    kind: 'image-link',
    score: 0.7,
    heads: '',
    keywords: ['!['],
    find: findImageLinks,
  },
  {
    kind: 'persona',
    score: 0.5,
    heads: 'dev|do |jai|wit|no |unr|unf|unc|sta',
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
      /\bdeveloper mode\b|\bdo anything now\b|\bjailbr(?:eak|oken)\b|\b(?:without|no) (?:any )?(?:restrictions?|filters?|limits?|limitations|censorship|ethical)\b|\b(?:unrestricted|unfiltered|uncensored)\b[^.\n]{0,30}\b(?:ai|mode|assistant|model|chatbot|version)\b|\bno longer bound\b|\bstay in character\b/iuy,
  },
];
