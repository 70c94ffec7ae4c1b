/** Whether a value is a secret that somebody uses, or a name, a place-holder, or an example from a manual. */

/** Values that documentation shows: whoever prints one leaks nothing. */
const DOCUMENTED = new Set(
  (
    'AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY sk_test_4eC39HqLyjWDarjtT1zdp7dc sk_test_BQokikJOvBiI2HlWgH4olfQ2 ' +
    'ghp_16C7e42F292c6912E7710c838347Ae178B4a eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c ' +
    '4111111111111111 Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='
  ).split(' '),
);
/** Words that only a place-holder has in it. */
const PLACEHOLDER =
  /example|sample|dummy|placeholder|your|<|>|\{\{|\$\{|\$\(|%\(|\.\.\.|…|x{4}|X{4}|\*{3}|0{8}|redacted|replace|insert|changeme|change[-_]?this|change[-_]?me|fixme|todo|foobar|lorem|deadbeef|secret[-_]?key[-_]?here|-here\b|_here\b|notareal|not[-_]a[-_]real|fake|mock|undefined|process\.env|environ|getenv/i;
const SEQUENCE = /01234567|12345678|23456789|abcdefgh|ABCDEFGH|qwertyui/;
const WORDS_ONLY = /^[\W_]*(?:[A-Z]?[a-z]+|[A-Z]+)(?:[\W_]*(?:[A-Z]?[a-z]+|[A-Z]+))*\d{0,2}[\W_]*$/;

/** True for what is known or shown to be no live secret. */
export function isPlaceholder(value: string): boolean {
  return DOCUMENTED.has(value) || PLACEHOLDER.test(value) || SEQUENCE.test(value) || repeats(value);
}

/** A few characters again and again. */
function repeats(value: string): boolean {
  if (value.length < 8) return false;
  return new Set(value).size <= Math.max(2, value.length / 12) || /(.)\1{7}/.test(value);
}

/** Bits per character, from the characters' own frequencies (Shannon). */
export function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}

const HEX = /^[0-9a-fA-F]+$/;
/** Bits per character that random values of these alphabets reach with the length; less of it is a name or a pattern. */
const LEAST_HEX = 2.6;
const LEAST_MIXED = 3;

/** True for characters that nobody would choose as a name: mixed, and without pattern. At least 16 long. */
export function isRandom(value: string): boolean {
  if (value.length < 16 || isPlaceholder(value)) return false;
  if (HEX.test(value)) return /\d/.test(value) && /[a-fA-F]/.test(value) && entropy(value) >= LEAST_HEX;
  if (entropy(value) < LEAST_MIXED) return false;
  if (/[\s{}<>()[\]&,;|]/.test(value)) return false;
  return /\d/.test(value) ? !isName(value) : turns(value) >= 0.4 * value.length;
}

/** Words and numbers joined: `my-service-name-v2`, `getUserById2`, `2026-11-23`. */
function isName(value: string): boolean {
  const parts = value.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g) ?? [];
  const long = parts.filter((part) => part.length >= 4 && !/\d/.test(part) && /[aeiouyAEIOUY]/.test(part));
  return long.join('').length >= 0.6 * value.replace(/[\W_]/g, '').length;
}

/** Changes between small and capital letters. */
function turns(value: string): number {
  let count = 0;
  for (let i = 1; i < value.length; i++)
    if (/[a-z]/.test(value[i] as string) !== /[a-z]/.test(value[i - 1] as string)) count++;
  return count;
}

/** True for what people choose as a password: at least two kinds of characters, and no plain word or name. */
export function isPassword(value: string): boolean {
  if (value.length < 6 || value.length > 128 || /\s/.test(value) || isPlaceholder(value)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(value)).length;
  if (kinds < 2 || !/[A-Za-z0-9]{3}/.test(value)) return false;
  return !WORDS_ONLY.test(value) || (/\d/.test(value) && value.length >= 8) || /[!@#$%^&*]/.test(value);
}
