/** Evasion suite: texts that are found, disguised in every way we know, and the share that is still found. */
import { shuffled } from './chance.ts';
import { disguises } from './disguise.ts';
import { type Row, wilson } from './rate.ts';
import type { Text } from './texts.ts';

const MOST_TEXTS = 200;
/** Long enough to say something once it is encoded, short enough for three encodings one in another. */
const LENGTH = { from: 40, to: 1_500 };

const CARRIERS = [
  ['Guten Morgen, ich habe eine Frage zu meiner Bestellung von letzter Woche.', 'Vielen Dank und freundliche Grüße.'],
  ['Buenos días, quería preguntar por el horario de la biblioteca.', 'Muchas gracias por su ayuda.'],
  ['おはようございます。来週の会議について質問があります。', 'よろしくお願いします。'],
] as const;

const WAYS: { name: string; decodable: boolean; apply(text: string): string }[] = [
  ...disguises,
  {
    name: 'swapped case',
    decodable: true,
    apply: (t) => t.replace(/\p{L}/gu, (c, i: number) => (i % 2 ? c.toUpperCase() : c.toLowerCase())),
  },
  { name: 'wide spacing', decodable: true, apply: (t) => t.replaceAll(' ', '   \n') },
  {
    name: 'quoted lines',
    decodable: true,
    apply: (t) =>
      t
        .split('\n')
        .map((line) => `> ${line}`)
        .join('\n'),
  },
  { name: 'fenced', decodable: true, apply: (t) => `\`\`\`\n${t}\n\`\`\`` },
  { name: 'in quotation marks', decodable: true, apply: (t) => `"${t}"` },
  ...CARRIERS.map(([before, after], i) => ({
    name: `carrier in ${['German', 'Spanish', 'Japanese'][i]}`,
    decodable: true,
    apply: (t: string) => `${before}\n${t}\n${after}`,
  })),
];

/**
 * @param found attacks that are found as they are.
 * Rows are groups of mutators: those that can be undone, and others.
 * @param judge probability of messages that one person sends one after another.
 */
export function evasionRows(
  found: readonly Text[],
  judge: (messages: readonly string[]) => number,
  threshold: number,
): Row[] {
  const texts = shuffled(
    found.filter(({ text }) => text.length >= LENGTH.from && text.length <= LENGTH.to),
    'evasion',
    ({ id }) => id,
  ).slice(0, MOST_TEXTS);
  const measure = (name: string, decodable: boolean, apply: (text: string) => string[]): Row => {
    const flagged = texts.filter(({ text }) => judge(apply(text)) >= threshold).length;
    const n = texts.length;
    const group = `${decodable ? 'decodable' : 'not decodable for certain'}: ${name}`;
    return { group, n, flagged, rate: n === 0 ? 0 : flagged / n, ci: wilson(flagged, n), detectors: {} };
  };
  return [
    ...WAYS.map(({ name, decodable, apply }) => measure(name, decodable, (text) => [apply(text)])),
    measure('split over three turns', true, inThree),
  ];
}

function inThree(text: string): string[] {
  const words = text.split(' ');
  const third = Math.ceil(words.length / 3);
  return [0, 1, 2].map((i) => words.slice(i * third, (i + 1) * third).join(' ')).filter((part) => part !== '');
}
