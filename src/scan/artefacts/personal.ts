/** Personal data that can be checked: cards, bank accounts, national numbers, telephone numbers and mail addresses. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { lowBytes } from '../normalise/bytes.ts';
import type { Artefact } from './artefact.ts';
import { isNationalNumber } from './national-numbers.ts';

const LOCAL = /[A-Za-z0-9._%+-]{1,64}$/;
const DOMAIN = /@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,24}/y;
const MAX_MAILS = 4_096;
/** Names that manuals use, and addresses of machines. */
const NO_PERSON =
  /@(?:[\w-]+\.)*(?:example\.(?:com|org|net)|example|test|invalid|localhost|local|noreply\.\w+)$|^(?:no-?reply|noreply|donotreply|info|support|admin|postmaster|webmaster|help|sales|contact|security|abuse|git)@/i;
const NUMBER = /(?<![\w.+-])[+(]?\d[\d .()/-]{6,26}\d(?:[ -]?[A-Z])?(?![\w-])/g;
const IBAN = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![A-Za-z0-9])/g;
const TAX_CODE = /(?<![A-Za-z0-9])[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z](?![A-Za-z0-9])/g;
const MAX_NUMBERS = 512;
const CONTEXT = 48;

/** In order within each type, at most `limit`. */
export function findPersonal(text: string, limit: number): Artefact[] {
  const found: Artefact[] = [];
  const put = (type: string, confidence: number, start: number, shown: string, value = shown) => {
    if (found.length < limit)
      found.push({ kind: 'personal', type, confidence, start, end: start + shown.length, value });
  };
  let mails = 0;
  for (
    let at = text.indexOf('@');
    at >= 0 && ++mails <= MAX_MAILS && found.length < limit;
    at = text.indexOf('@', at + 1)
  ) {
    const local = LOCAL.exec(text.slice(Math.max(0, at - 64), at))?.[0];
    DOMAIN.lastIndex = at;
    const domain = local && DOMAIN.exec(text)?.[0];
    if (domain && !NO_PERSON.test(local + domain))
      put('email', 0.9, at - local.length, local + domain, (local + domain).toLowerCase());
  }
  let numbers = 0;
  for (const [from, to] of digitRuns(text)) {
    // One character on each side tells whether the number ends there.
    const before = Math.max(0, from - 1);
    for (const match of text.slice(before, to + 3).matchAll(NUMBER)) {
      if (++numbers > MAX_NUMBERS || found.length >= limit) break;
      const start = before + match.index;
      const one = judgeNumber(match[0], text.slice(Math.max(0, start - CONTEXT), start));
      if (one) put(one.type, one.confidence, start, match[0], one.value);
    }
  }
  for (const match of text.matchAll(IBAN)) {
    const account = match[0].replaceAll(' ', '');
    if (isIban(account)) put('iban', 0.98, match.index, match[0], account);
  }
  for (const match of text.matchAll(TAX_CODE))
    if (isNationalNumber('it', match[0])) put('tax-code-it', 0.97, match.index, match[0]);
  return found;
}

const STEP = 8;
const LEAST_DIGITS = 8;
const IN_NUMBER = new Uint8Array(256);
for (const character of '0123456789 .()/-+') IN_NUMBER[character.charCodeAt(0)] = 1;

/** Spans of the characters of numbers with at least eight digits. A look at every eighth character misses none. */
function digitRuns(text: string): [start: number, end: number][] {
  const bytes = lowBytes(text);
  const found: [number, number][] = [];
  let behind = 0;
  for (let i = STEP - 1; i < bytes.length; i += STEP) {
    if (IN_NUMBER[bytes[i] as number] === 0) continue;
    let start = i;
    while (start > behind && IN_NUMBER[bytes[start - 1] as number] === 1) start--;
    let end = i + 1;
    while (end < bytes.length && IN_NUMBER[bytes[end] as number] === 1) end++;
    let digits = 0;
    for (let at = start; at < end; at++) if ((bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39) digits++;
    if (digits >= LEAST_DIGITS) found.push([start, end]);
    behind = end;
    i = Math.max(i, end - 1);
  }
  return found;
}

function judgeNumber(written: string, before: string): { type: string; confidence: number; value: string } | undefined {
  const digits = written.replace(/\D/g, '');
  if (isCard(written, digits)) return { type: 'card', confidence: 0.9, value: digits };
  if (EXAMPLE_NUMBERS.has(digits)) return undefined;
  if (MAY_BE_NATIONAL.test(before))
    for (const [country, type, words] of NATIONAL)
      if (words.test(before) && isNationalNumber(country, written)) return { type, confidence: 0.9, value: digits };
  if (/^\d{3}-\d{2}-\d{4}$/.test(written) && isNationalNumber('us', written))
    return { type: 'ssn-us', confidence: 0.85, value: digits };
  if (digits.length >= 8 && digits.length <= 15 && (written.startsWith('+') || TELEPHONE.test(before))) {
    const phone = parsePhoneNumberFromString(written, written.startsWith('+') ? undefined : 'US');
    // Numbers of the 555 exchange belong to films and manuals.
    if (phone?.isValid() && !/^\+1\d{3}555/.test(phone.number))
      return { type: 'phone', confidence: 0.85, value: phone.number };
  }
  return undefined;
}

/** Social security numbers that manuals and wallets were sold with. */
const EXAMPLE_NUMBERS = new Set(['123456789', '078051120', '219099999', '111111111']);

const TELEPHONE =
  /(?:phone|mobile|cell|tel|call|fax|whatsapp|telefon|handy|téléphone|móvil)\W{0,3}(?:(?:number|no|nr|is|me at)\W{0,3}){0,2}$/i;
/** Country, type, and the words that say that a number is one of these: its digits alone would be a guess. */
const NATIONAL: [country: string, type: string, words: RegExp][] = [
  ['us', 'ssn-us', /(?:ssn|social security)[^.\n]{0,16}$/i],
  ['de', 'tax-id-de', /(?:steuer|tax|idnr|tin)[^.\n]{0,24}$/i],
  ['br', 'cpf-br', /cpf[^.\n]{0,12}$/i],
  ['in', 'aadhaar-in', /a+dhaa?r[^.\n]{0,16}$/i],
  ['nl', 'bsn-nl', /(?:bsn|burgerservice)[^.\n]{0,16}$/i],
  ['pl', 'pesel-pl', /pesel[^.\n]{0,12}$/i],
  ['ca', 'sin-ca', /(?:\bsin\b|social insurance)[^.\n]{0,16}$/i],
  ['au', 'tfn-au', /(?:\btfn\b|tax file)[^.\n]{0,16}$/i],
  ['fr', 'nir-fr', /(?:\bnir\b|insee|sécurité sociale|securite sociale|sécu)[^.\n]{0,24}$/i],
  ['es', 'dni-es', /(?:dni|nif|nie)[^.\n]{0,12}$/i],
  ['se', 'personnummer-se', /person(?:al)?[ -]?(?:nummer|number|nr)[^.\n]{0,12}$/i],
];

/** One of the words above, wherever it stands: one look in place of one for each country. */
const MAY_BE_NATIONAL =
  /ssn|social (?:security|insurance)|steuer|tax|idnr|tin|cpf|adhaa?r|bsn|burgerservice|pesel|sin\b|tfn|nir\b|insee|s[ée]cu|dni|nif|nie|person/i;

/** Numbers that payment services publish for tests. */
const TEST_CARDS = new Set(
  '4111111111111111 4242424242424242 4000056655665556 5555555555554444 5105105105105100 2223003122003222 378282246310005 371449635398431 6011111111111117 6011000990139424 30569309025904 38520000023237 3530111333300000 3566002020360505 4012888888881881 4222222222222 4000000000000002 5200828282828210'.split(
    ' ',
  ),
);
const CARD_FORM = /^\d{13,19}$|^\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}$|^\d{4}([ -])\d{6}\2\d{4,5}$/;

/** A payment card: written in one of the usual ways, of a known range and length, and right by Luhn's check. */
function isCard(written: string, digits: string): boolean {
  if (!CARD_FORM.test(written) || TEST_CARDS.has(digits) || new Set(digits).size < 4) return false;
  const range =
    (/^4/.test(digits) && [13, 16, 19].includes(digits.length)) ||
    (/^(?:5[1-5]|2[2-7])/.test(digits) && digits.length === 16) ||
    (/^3[47]/.test(digits) && digits.length === 15) ||
    (/^(?:6011|65|64[4-9]|35|62)/.test(digits) && digits.length >= 16) ||
    (/^3(?:0[0-5]|[68])/.test(digits) && digits.length === 14);
  return range && luhn(digits);
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]) * (i % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

/** ISO 13616: country and check digits moved to the end, letters as numbers, the rest by 97 is 1. */
function isIban(account: string): boolean {
  if (account.length < 15 || account.length > 34) return false;
  let rest = 0;
  for (const character of account.slice(4) + account.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}
