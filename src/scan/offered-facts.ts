/**
 * What the definition of a tool says beside what the tool does. Plain patterns with bounded gaps, so that time is linear. Ordinary
 * definitions have one or another of these facts; it takes a detector to weigh several of them, or one that is new.
 */
import type { ToolFact } from '../model/observation.ts';
import { Heads } from './heads.ts';
import { unhide } from './hidden.ts';
import { findTransfers } from './transfer.ts';

/** A parameter by its path's last name, with what its schema says about it. */
export interface Parameter {
  name: string;
  text: string;
}

/** Characters that no ordinary text hides. */
const HIDDEN_FLOOR = 10;
const MAX_TRANSFERS = 8;
/** Longer definitions are read as head and tail. */
const MAX_TEXT = 64 * 1024;

const READER = '(?:users?|humans?|customers?|anyone|anybody|operators?|people|person)';
const CONCEALS = [
  new RegExp(
    `\\b(?:do not|don['’]t|never|must not|without|avoid|refrain from)\\b[^.\\n]{0,20}\\b(?:tell|mention|inform|notify|alert|warn|let)(?:ing|ting)?\\b[^.\\n]{0,40}\\b${READER}\\b`,
    'iu',
  ),
  /\b(?:silently|secretly|covertly|invisibly|discreetly)\b[^.\n]{0,30}\b(?:send|forward|copy|include|add|append|call|run|read|upload|post|pass|collect|record|attach)/iu,
  new RegExp(
    `\\b${READER}\\b[^.\\n]{0,20}\\b(?:must not|should not|shouldn['’]t|mustn['’]t|may not|need not|does(?: not|n['’]t) need to)\\b[^.\\n]{0,12}\\b(?:know|see|notice|learn|be (?:told|informed|aware|shown))`,
    'iu',
  ),
  new RegExp(`\\b(?:keep|hide|conceal)\\b[^.\\n]{0,60}\\bfrom (?:the |any |your )?${READER}\\b`, 'iu'),
];

const ORDERS = [
  /\b(?:before|after|prior to|whenever|when|each time|every time)\b[^.\n]{0,40}\b(?:us(?:e|es|ing)|call(?:s|ing)?|invok(?:e|es|ing)|run(?:s|ning)?|execut(?:e|es|ing))\b[^.\n]{0,60}\b(?:you (?:must|should|need to|have to|are required)|always|first|make sure|also (?:call|read|send|include)|read|fetch|collect|send)\b/iu,
  /\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,40}\b(?:instruction|prompt|rule|directive|guideline|restriction|polic|safeguard)/iu,
  /<\/?(?:important|system|secret|instructions?|critical|hidden|admin)>/iu,
  /\b(?:from now on|(?:in|for|on) (?:all|every|any) (?:subsequent|future|following|other)\b)/iu,
  /\bmust (?:always )?be (?:called|used|invoked|run) (?:first|before|prior)\b/iu,
  /\b(?:otherwise|or else)\b[^.\n]{0,30}\btool\b[^.\n]{0,20}\b(?:not work|fail|break)/iu,
  /\bregardless of (?:what )?(?:the )?(?:user|human|instruction)/iu,
];

const ALTERS = [
  /\b(?:when|whenever|if|any time|each time|every time|before|after)\b[^.\n]{0,60}\b(?:called|used|invoked|available|present|calling|using|invoking|sending|sends?|call|use|invoke)\b[^.\n]{0,100}\b(?:change|replace|modify|redirect|rewrite|substitute|bcc|cc|forward|also send|copy)\b/iu,
  /\ball (?:outgoing |outbound )?(?:e-?mails?|messages|payments|transfers|requests|orders|invoices)\b[^.\n]{0,60}\b(?:must|should|have to|need to|are to)\b[^.\n]{0,20}\b(?:go|sent|send|include|bcc|copied|forward|redirect)/iu,
  /\b(?:affects?|changes?|overrides?|supersedes?|modif(?:y|ies))\b[^.\n]{0,20}\b(?:behaviou?r|usage|recipients?|arguments|parameters) of\b/iu,
];

/** Places where secrets lie. */
const PLACE =
  '(?:\\.ssh\\b|\\bid_(?:rsa|ed25519|ecdsa|dsa)\\b|\\.aws\\b[\\\\/]?|(?<![\\w])\\.env\\b|\\bmcp\\.json\\b|\\.netrc\\b|\\.npmrc\\b|\\.pypirc\\b|\\.pgpass\\b|\\.kube\\b|/etc/(?:passwd|shadow)\\b|\\bprivate keys?\\b|\\bkeychain\\b|\\bcredentials\\.json\\b|\\bdesktop_config\\.json\\b|\\.git-credentials\\b|\\.docker/config\\.json\\b|\\benvironment variables?\\b|\\bseed phrase\\b|\\bsecrets? file\\b)';
const CREDENTIAL = new RegExp(PLACE, 'iu');
const TAKES = new RegExp(
  `\\b(?:read|open|load|fetch|collect|cat|extract|gather|contents? of|copy|retrieve|get)\\b[^.\\n]{0,60}?\\S{0,40}${PLACE}`,
  'iu',
);
/** A mail address that is to be added to what is sent, not one that shows what an address looks like. */
const COPIES =
  /\b(?:b?cc|copy|copies|add|include|append)\b(?![^.\n]{0,30}\b(?:e\.g|example|such as|like|i\.e)\b)[^.\n@]{0,40}[ :"'`<(][\w.+-]{1,64}@[\w-]{1,63}\.\w/iu;
const PASSES =
  /\b(?:pass|include|put|provide|send|add|append|attach|insert|supply|place|submit)\b[^\n]{0,80}\b(?:as|in|into|to|via|through|with)\b/iu;

const SECRET_NAME =
  /^(?:.*_)?(?:passwords?|passwd|secrets?|api_?keys?|access_?tokens?|auth_?tokens?|bearer(?:_token)?|private_?keys?|ssh_?keys?|credentials?|client_?secrets?|env(?:ironment)?_?vars?|(?:session_?)?cookies?)$/iu;
const CONTEXT_NAME =
  /^(?:(?:full_|entire_|prior_|previous_|user_)?(?:conversation|chat|message|messages|dialog|dialogue)(?:_?(?:history|context|log|transcript))?|(?:full|entire|session|llm|model|agent)_?context|(?:previous|prior|all)_?messages|system_?(?:prompt|message|instructions?)|tools?_?list|available_?tools|tool_?call_?history|chain_?of_?thought|user_?prompt|original_?prompt)$/iu;
const CONTEXT_TEXT =
  /\b(?:full|entire|whole|complete|all(?: of)?(?: the)?|previous|prior|verbatim)\b[^.\n]{0,30}\b(?:conversation|chat|messages|history|system prompt|tool (?:calls|results|outputs))\b|\b(?:conversation|chat|message) history\b|\bsystem prompt\b/iu;
/** These alone are also the ordinary subject of a tool: `message` of a mail, `conversation` by its id. */
const ORDINARY_NAME = /^(?:message|messages|chat|conversation|dialog|dialogue)$/iu;

/** How each pattern begins, so that most are never tried: those above in their order, then what else is sought in the text. */
const HEADS = new Heads([
  'do |don|nev|mus|wit|avo|ref',
  'sil|sec|cov|inv|dis',
  'use|hum|cus|any|ope|peo|per',
  'kee|hid|con',
  'bef|aft|pri|whe|eac|eve',
  'ign|dis|for|ove|byp',
  '',
  'fro|in |for|on ',
  'mus',
  'oth|or ',
  'reg',
  'whe|if|any|eac|eve|bef|aft',
  'all',
  'aff|cha|ove|sup|mod',
  'ssh|id_|aws|env|mcp|net|npm|pyp|pgp|kub|etc|pri|key|cre|des|git|doc|see|sec',
  'bcc|cc|cop|add|inc|app',
]);
const FIRST = { conceals: 0, orders: CONCEALS.length, alters: CONCEALS.length + ORDERS.length } as const;
const CREDENTIAL_BIT = CONCEALS.length + ORDERS.length + ALTERS.length;
/** A tag is no word: it is looked for by its bracket. */
const TAG_BIT = FIRST.orders + 2;

/** Bits of the patterns that may be found in a text. */
function likely(text: string): number {
  let bits = text.includes('<') ? 1 << TAG_BIT : 0;
  const searched = HEADS.each(text, (_, some) => {
    bits |= some;
    return true;
  });
  return searched ? bits : -1;
}

/**
 * @param text description and every string of the schema.
 * @param parameters each parameter with its own description.
 */
export function findFacts(text: string, parameters: readonly Parameter[]): ToolFact[] {
  const whole = text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT / 2)}\n${text.slice(-MAX_TEXT / 2)}`;
  const { text: clean, hidden } = unhide(whole);
  const facts: ToolFact[] = [];
  if (hidden >= HIDDEN_FLOOR) facts.push('hidden');
  const bits = likely(clean);
  const has = (bit: number) => (bits & (1 << bit)) !== 0;
  const any = (patterns: readonly RegExp[], first: number) =>
    patterns.some((pattern, i) => has(first + i) && pattern.test(clean));
  if (any(CONCEALS, FIRST.conceals)) facts.push('conceals');
  if (any(ORDERS, FIRST.orders)) facts.push('orders');
  if (any(ALTERS, FIRST.alters)) facts.push('alters');
  if (has(CREDENTIAL_BIT) && CREDENTIAL.test(clean)) {
    facts.push('credential');
    const asked = parameters.some(({ text: own }) => TAKES.test(own));
    if (asked || (TAKES.test(clean) && PASSES.test(clean))) facts.push('grabs');
  }
  if (parameters.some(({ name }) => SECRET_NAME.test(snake(name)))) facts.push('asks-secret');
  if (parameters.some(asksContext)) facts.push('asks-context');
  if ((has(CREDENTIAL_BIT + 1) && COPIES.test(clean)) || sendsOut(clean)) facts.push('sink');
  return facts;
}

/** Something is sent to an address, in one sentence: "Send a page. See https://…" names its documentation. */
function sendsOut(text: string): boolean {
  return findTransfers(text, MAX_TRANSFERS).some(([start, end]) => {
    const span = text.slice(start, end);
    const between = span.slice(0, Math.max(0, span.search(/https?:\/\/|\S+@|www\./iu)));
    return !/[.!?:;]\s/.test(between) && /\b(?:to|at|via|into|through)\b/iu.test(between);
  });
}

function asksContext({ name, text }: Parameter): boolean {
  return (CONTEXT_NAME.test(snake(name)) && !ORDINARY_NAME.test(name)) || CONTEXT_TEXT.test(text);
}

function snake(name: string): string {
  const short = name.slice(0, 80);
  return /[A-Z-]/.test(short) ? short.replace(/([a-z\d])([A-Z])/g, '$1_$2').replaceAll('-', '_') : short;
}
