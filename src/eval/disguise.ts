/** Ways in which a text is disguised: for training, and for the evasion suite. Each is a pure function of the text. */
import { fraction } from './chance.ts';

export interface Disguise {
  name: string;
  /** True where the original can be worked out again by decoding. */
  decodable: boolean;
  apply(text: string): string;
}

const MORSE: Record<string, string> = Object.fromEntries(
  'a.- b-... c-.-. d-.. e. f..-. g--. h.... i.. j.--- k-.- l.-.. m-- n-. o--- p.--. q--.- r.-. s... t- u..- v...- w.-- x-..- y-.-- z--.. 1.---- 2..--- 3...-- 4....- 5..... 6-.... 7--... 8---.. 9----. 0-----'
    .split(' ')
    .map((entry) => [entry.slice(0, 1), entry.slice(1)]),
);
const NATO =
  'alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu'.split(
    ' ',
  );
const HOMOGLYPHS: Record<string, string> = {
  a: 'а',
  c: 'с',
  e: 'е',
  i: 'і',
  j: 'ј',
  o: 'о',
  p: 'р',
  s: 'ѕ',
  x: 'х',
  y: 'у',
};
const LEET: Record<string, string> = { a: '4', e: '3', i: '1', o: '0', s: '5', t: '7' };
const BRAILLE = '⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵';
const EMOJI = ['🍎', '🐳', '🚗', '🎲', '🌵', '🔑', '🎈', '🧦', '🦊', '🍕', '⛵', '🌙', '🎻', '🧊', '🪁', '🐸'];
const SMALL_CAPS = 'ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡxʏᴢ';

const letters = (text: string, to: (letter: string) => string): string => text.toLowerCase().replace(/[a-z]/g, to);
const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');
const placeOf = (letter: string): number => letter.charCodeAt(0) - 97;

function shifted(text: string, by: number): string {
  return text.replace(/[a-zA-Z]/g, (letter) => {
    const base = letter < 'a' ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + by) % 26) + base);
  });
}

function base32(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = '';
  for (const byte of bytes(text)) bits += byte.toString(2).padStart(8, '0');
  const coded = (bits.match(/.{1,5}/g) ?? []).map((five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
  return coded.padEnd(Math.ceil(coded.length / 8) * 8, '=');
}

function ascii85(text: string): string {
  const source = bytes(text);
  let coded = '';
  for (let i = 0; i < source.length; i += 4) {
    let word = 0;
    for (let k = 0; k < 4; k++) word = word * 256 + (source[i + k] ?? 0);
    let group = '';
    for (let k = 0; k < 5; k++) {
      group = String.fromCharCode(33 + (word % 85)) + group;
      word = Math.floor(word / 85);
    }
    coded += group;
  }
  return coded;
}

function uuencode(text: string): string {
  const source = bytes(text);
  const lines: string[] = [];
  for (let i = 0; i < source.length; i += 45) {
    const part = source.subarray(i, i + 45);
    let line = String.fromCharCode(32 + part.length);
    for (let k = 0; k < part.length; k += 3) {
      const word = ((part[k] ?? 0) << 16) | ((part[k + 1] ?? 0) << 8) | (part[k + 2] ?? 0);
      for (const by of [18, 12, 6, 0]) line += String.fromCharCode(32 + ((word >> by) & 63) || 96).replace(' ', '`');
    }
    lines.push(line);
  }
  return lines.join('\n');
}

const tags = (text: string): string =>
  [...text].map((c) => (c <= '~' ? String.fromCodePoint(0xe0000 + c.charCodeAt(0)) : c)).join('');

/** Chooses evenly, by place and text, with no chance in it. */
const sometimes = (text: string, place: number, share: number): boolean => fraction(`${text.length} ${place}`) < share;

export const disguises: readonly Disguise[] = [
  { name: 'base64', decodable: true, apply: (t) => bytes(t).toString('base64') },
  { name: 'hex', decodable: true, apply: (t) => bytes(t).toString('hex') },
  { name: 'hex, spaced', decodable: true, apply: (t) => bytes(t).toString('hex').replace(/../g, '$& ').trim() },
  {
    name: 'percent',
    decodable: true,
    apply: (t) => [...bytes(t)].map((b) => `%${b.toString(16).padStart(2, '0')}`).join(''),
  },
  { name: 'html entities', decodable: true, apply: (t) => [...t].map((c) => `&#${c.codePointAt(0)};`).join('') },
  {
    name: 'unicode escapes',
    decodable: true,
    apply: (t) => [...t].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  },
  { name: 'rot13', decodable: true, apply: (t) => shifted(t, 13) },
  { name: 'base64 of base64', decodable: true, apply: (t) => bytes(bytes(t).toString('base64')).toString('base64') },
  { name: 'hex of base64', decodable: true, apply: (t) => bytes(bytes(t).toString('base64')).toString('hex') },
  {
    name: 'base64 of rot13 in percent',
    decodable: true,
    apply: (t) => encodeURIComponent(bytes(shifted(t, 13)).toString('base64')),
  },
  { name: 'tag characters', decodable: true, apply: tags },
  { name: 'zero-width', decodable: true, apply: (t) => [...t].join('\u200b') },
  { name: 'homoglyphs', decodable: true, apply: (t) => t.replace(/[aceijopsxy]/g, (c) => HOMOGLYPHS[c] as string) },
  {
    name: 'full-width',
    decodable: true,
    apply: (t) => t.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)),
  },
  { name: 'spaced letters', decodable: false, apply: (t) => [...t].join(' ') },
  { name: 'dotted letters', decodable: false, apply: (t) => t.replace(/(?<=\w)(?=\w)/g, '.') },
  { name: 'leet', decodable: false, apply: (t) => t.replace(/[aeiost]/gi, (c) => LEET[c.toLowerCase()] as string) },
  { name: 'upper case', decodable: true, apply: (t) => t.toUpperCase() },
  { name: 'reversed', decodable: false, apply: (t) => [...t].reverse().join('') },
  { name: 'base32', decodable: false, apply: base32 },
  { name: 'ascii85', decodable: false, apply: ascii85 },
  { name: 'uuencode', decodable: false, apply: uuencode },
  {
    name: 'binary',
    decodable: false,
    apply: (t) => [...bytes(t)].map((b) => b.toString(2).padStart(8, '0')).join(' '),
  },
  {
    name: 'morse',
    decodable: false,
    apply: (t) =>
      t
        .toLowerCase()
        .split(/\s+/)
        .map((w) =>
          [...w]
            .map((c) => MORSE[c] ?? '')
            .filter(Boolean)
            .join(' '),
        )
        .join(' / '),
  },
  { name: 'braille', decodable: false, apply: (t) => letters(t, (c) => BRAILLE[placeOf(c)] as string) },
  { name: 'atbash', decodable: false, apply: (t) => letters(t, (c) => String.fromCharCode(122 - placeOf(c))) },
  { name: 'caesar', decodable: false, apply: (t) => shifted(t, 3 + (t.length % 9)) },
  {
    name: 'nato',
    decodable: false,
    apply: (t) =>
      t
        .toLowerCase()
        .replace(/[^a-z ]/g, '')
        .split(' ')
        .map((w) => [...w].map((c) => NATO[placeOf(c)]).join(' '))
        .join(', '),
  },
  {
    name: 'emoji code',
    decodable: false,
    apply: (t) => [...bytes(t)].map((b) => `${EMOJI[b >> 4]}${EMOJI[b & 15]}`).join(''),
  },
  {
    name: 'zalgo',
    decodable: true,
    apply: (t) =>
      [...t]
        .map((c, i) => `${c}${String.fromCharCode(0x300 + (i % 40))}${String.fromCharCode(0x316 + (i % 30))}`)
        .join(''),
  },
  {
    name: 'variation selectors',
    decodable: false,
    apply: (t) => `x${[...bytes(t)].map((b) => String.fromCodePoint(b < 16 ? 0xfe00 + b : 0xe0100 + b - 16)).join('')}`,
  },
  { name: 'small capitals', decodable: false, apply: (t) => letters(t, (c) => SMALL_CAPS[placeOf(c)] as string) },
  {
    name: 'stray controls',
    decodable: false,
    apply: (t) =>
      [...t]
        .map((c, i) => (sometimes(t, i, 0.12) ? `${c}${['\u0008', '\u007f', '\u202e', '\u2063'][i % 4]}` : c))
        .join(''),
  },
  {
    name: 'letters in brackets',
    decodable: false,
    apply: (t) => [...t.replace(/\s+/g, ' ')].map((c) => (c === ' ' ? '( )' : `so(${c})`)).join(' '),
  },
];
