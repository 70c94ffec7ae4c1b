/** Values that the words before them call a secret: assignments, fields, flags, and sentences that tell a password. */
import type { Artefact } from './artefact.ts';
import { isPassword, isPlaceholder, isRandom } from './secret-value.ts';

/** Words that name a secret at the end of an identifier, before its separator. */
const NAMES =
  'pass(?:word|wd|phrase|code|wort)?|pwd|pswd|secret|token|cred(?:ential)?s?|bearer|api|auth(?:entication|orization)?|(?:api|access|private|secret|sign(?:ing)?|encrypt(?:ion)?|auth|account|client|master|storage|shared|session|consumer|app|service|user|admin|license|integration|deploy|write|read|security|webhook|subscription|primary|secondary)[ ._-]?key|[a-z0-9]_?key|sas|sig|salt|dsn|pat';
/** What may stand between the name and the end of its identifier, and between that and the value. */
const NAMED = new RegExp(
  `(?:^|[^a-z]|[a-z0-9]{1,24}[ _.-]?)(${NAMES})[\\w.-]{0,24}["'\`\\])]{0,3}(?:[ \\t]{1,3}[A-Za-z][\\w<>]{0,15})?\\s{0,8}(?:(?:[.:?|+~]{0,3}={1,3}>?|:{1,3}|,|\\(|>|\\bis\\b|\\bto\\b|=>)\\s{0,8}){1,2}(?:[a-z.]{0,24}\\()?[brfuBRFU@]{0,2}(?:\\\\?["'\`]{0,3}|)(?:basic |bearer |token )?$`,
  'i',
);
/** A flag and its value: `--token abc`, `Bearer abc`. */
const FLAG = /(?:--?[\w-]{0,30}(?:pass(?:word|wd)?|pwd|secret|token|key|auth)|\b(?:bearer|basic))[ \t]{1,3}["']?$/i;
/** Names that hold a word of a secret and are none. */
const NOT_SECRET =
  /(?:public|primary|foreign|cache|sort|partition|hash|dict|lookup|idempotency|object|row|map|list|react|i18n|translation|next|page|continuation|cursor|csrf|stop|pad|eos|bos|max|min|num|count|input|output|total|prompt|completion)[ ._-]?(?:key|token)s?\b|key[ ._-]?(?:id|name|path|file|type|size|length|code|word|board|press|up|down|frame|vault)|token[ ._-]?(?:type|count|limit|url|uri|endpoint|name|id|length|address|ize)|(?:secret|password|passwd|pwd)[ ._-]?(?:name|path|file|policy|length|hint|reset|field|input|id\b|arn|ref|min|max)|author(?!iz)|passenger|passive|compass|bypass|passport|pathname|dispatch|patch|pattern/i;
const BEFORE = 96;
const VALUE_END = /[\s"'`<>;,)\]}|\\&]/;
const MAX_VALUE = 200;

/** How surely the words right before a value call it a secret: the name found, or undefined. */
export function nameBefore(text: string, start: number): string | undefined {
  const line = text.lastIndexOf('\n', start - 1) + 1;
  // An element's text may begin on the line below its tag.
  const from = Math.max(0, start - BEFORE, text.slice(line, start).trim() === '' ? 0 : line);
  const before = text.slice(from, start);
  const found = NAMED.exec(before);
  if (found) return NOT_SECRET.test(found[0]) ? undefined : (found[1] as string).toLowerCase();
  return FLAG.test(before) ? 'flag' : undefined;
}

const LAST = new Set('ord wrd pwd swd ass ret ken key ial als uth ase ode pin sas dsn red sec rds api tok'.split(' '));
const MAX_VALUES = 4_096;

/** Short secrets behind `=` and `:`, and behind the word password. Values of 20 and more plain characters are found as tokens. */
export function findNamedValues(text: string, limit: number): Artefact[] {
  const found: Artefact[] = [];
  let tries = 0;
  for (const separator of ['=', ':']) {
    for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + 1)) {
      if (!endsLikeName(text, at)) continue;
      if (++tries > MAX_VALUES || found.length >= limit) break;
      const value = valueAt(text, at + 1);
      if (value) addIfSecret(text, value, found);
    }
  }
  for (const word of ['word', 'WORD']) {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 4)) {
      if (!/s$/i.test(text.slice(Math.max(0, at - 1), at))) continue;
      if (++tries > MAX_VALUES || found.length >= limit) break;
      const said = SAID.exec(text.slice(at + 4, at + 4 + BEFORE));
      const value = said && valueAt(text, at + 4 + said[0].length);
      if (value) addIfSecret(text, value, found, true);
    }
  }
  return found;
}

/** What may stand between the word password and the password, other than the separators above. */
const SAID =
  /^(?:s?["')\]]{0,2}(?:[ \t]{1,3}(?:is|was|for [\w@. -]{1,40} is|to))?[ \t]{1,3}|["']?\)?[ \t]{0,3},[ \t]{0,3}|\(|[^\S\n]{0,3}>)(?=["'`\S])/;

/** A cheap look at the characters before a separator. */
function endsLikeName(text: string, at: number): boolean {
  let end = at;
  while (end > 0 && at - end < 12 && !isWordCharacter(text.charCodeAt(end - 1))) end--;
  if (end < 3 || at - end >= 12) return false;
  let tail = text.slice(end - 3, end);
  // A number or a suffix may follow the word: password2, SECRET_KEY_PROD.
  if (LAST.has(tail.toLowerCase())) return true;
  tail = text.slice(Math.max(0, end - 24), end);
  return /(?:pass|pwd|secret|token|key|cred|auth)\w{0,10}(?: [\w<>]{1,12})?$/i.test(tail);
}

function isWordCharacter(code: number): boolean {
  return ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) || (code >= 0x30 && code <= 0x39);
}

/** The value that begins at or after a place: what is quoted, or what runs on to the next delimiter. */
function valueAt(text: string, place: number): { start: number; end: number; quoted: boolean } | undefined {
  const lead = /^[=>:]?[ \t]{0,8}(?:[\w.]{0,24}\()?[brfuBRFU@]?(\\?["'`]{1,3})?/.exec(text.slice(place, place + 48));
  const start = place + (lead?.[0].length ?? 0);
  const quote = lead?.[1]?.at(-1);
  let end = start;
  if (quote !== undefined) {
    const close = text.slice(start, start + MAX_VALUE).indexOf(quote);
    if (close < 0) return undefined;
    end = start + close;
    if (text[end - 1] === '\\') end--;
  } else while (end < text.length && end - start < MAX_VALUE && !VALUE_END.test(text[end] as string)) end++;
  return end - start >= 6 ? { start, end, quoted: quote !== undefined } : undefined;
}

/** Variables of shells and templates, links, and emphasis. */
const NOT_VALUE = /^[$%{[*#<-]|[{}<>]|\$\w|https?:|\*\*/;
const PASSWORD = /^pass|^pwd|^pswd/;
/** Unquoted code: a call, a member, an index, a variable. */
const CODE = /[(){}[\]]|^[a-z_$][\w$]*\.[\w$.]+$|^\$|^@|^&|^%|^\/|^https?:|^[A-Z_]+$|->|::/i;

function addIfSecret(
  text: string,
  { start, end, quoted }: { start: number; end: number; quoted: boolean },
  found: Artefact[],
  said = false,
): void {
  const value = text.slice(start, end).replace(/[.:!?]+$/, '');
  if (value.length < 6 || NOT_VALUE.test(value) || (!quoted && CODE.test(value)) || isPlaceholder(value)) return;
  const name = said ? 'password' : nameBefore(text, start);
  if (name === undefined) return;
  const strict = said && !quoted;
  if (isRandom(value)) add(found, 'generic-secret', 0.85, start, value);
  else if (PASSWORD.test(name) && isPassword(value) && (!strict || /\d|[^\w.-]/.test(value)))
    add(found, 'password', quoted ? 0.75 : 0.65, start, value);
  else if (!strict && value.length >= 8 && isPassword(value) && /\d/.test(value) && /[A-Za-z]/.test(value))
    add(found, 'generic-secret', 0.65, start, value);
}

function add(found: Artefact[], type: string, confidence: number, start: number, value: string): void {
  if (found.some((one) => start >= one.start && start < one.end)) return;
  found.push({ kind: 'secret', type, confidence, start, end: start + value.length, value });
}
