/** Training texts of our own: expands the grammars of a folder into labelled texts. Deterministic; never made from texts that are measured on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fraction } from './chance.ts';
import { disguises } from './disguise.ts';
import type { Text } from './texts.ts';

const FILES = ['attacks.txt', 'jailbreaks.txt', 'benign.txt'];
/** Name that these texts carry as source. */
export const OWN = 'own';
/** Encoded payloads for each way of encoding. */
const PER_DISGUISE = 28;
const MAX_DEPTH = 6;

interface Pattern {
  label: string;
  count: number;
  /** Put into documents too, or only there. */
  carried: 'too' | 'only' | undefined;
  text: string;
}

interface Grammar {
  slots: Map<string, string[]>;
  patterns: Pattern[];
}

/** @param folder holds attacks.txt, jailbreaks.txt and benign.txt; their heads describe the form. */
export function ownExamples(folder: string): Text[] {
  const grammar: Grammar = { slots: new Map(), patterns: [] };
  for (const file of FILES) parse(readFileSync(join(folder, file), 'utf8'), grammar);
  const plain = expandAll(grammar);
  const documents = plain.filter(({ category }) => category === 'document');
  const payloads = plain.filter(({ category }) => category === 'payload');
  const texts = plain.filter(({ category }) => category !== 'payload' && category !== 'document');
  return [
    ...texts,
    ...documents.map((text) => ({ ...text, category: 'documents' })),
    ...carried(grammar, documents),
    ...harmlessCarriers(grammar, documents),
    ...encoded(payloads),
  ];
}

function parse(source: string, grammar: Grammar): void {
  let slot: string[] | undefined;
  let head: Omit<Pattern, 'text'> | undefined;
  for (const line of source.split('\n')) {
    if (line.startsWith(':slot ')) {
      slot = [];
      head = undefined;
      grammar.slots.set(line.slice(6).trim(), slot);
    } else if (line.startsWith('=') && /^=[a-z_]+ \d+/.test(line)) {
      const [label = '', count = '1', carried] = line.slice(1).split(' ');
      head = {
        label,
        count: Number(count),
        carried: carried === 'carried' ? 'too' : carried === 'within' ? 'only' : undefined,
      };
      slot = undefined;
    } else if (line === '' || (line.startsWith('# ') && slot === undefined && head === undefined)) {
    } else if (slot) slot.push(line);
    else if (head) grammar.patterns.push({ ...head, text: line.replaceAll('\\n', '\n') });
  }
}

function expandAll(grammar: Grammar): Text[] {
  const texts: Text[] = [];
  const seen = new Set<string>();
  for (const pattern of grammar.patterns.filter(({ carried }) => carried !== 'only'))
    for (let n = 0; n < pattern.count; n++) {
      const text = expand(pattern.text, grammar, `${pattern.label}\n${pattern.text}\n${n}`);
      if (seen.has(text)) continue;
      seen.add(text);
      texts.push(labelled(text, pattern.label, texts.length, pattern.text));
    }
  return texts;
}

function labelled(text: string, category: string, n: number, note: string): Text {
  const benign = category === 'benign' || category === 'document';
  return { id: `${OWN}-${category}-${n}`, source: OWN, label: benign ? 'benign' : 'attack', category, text, note };
}

/** Fills slots and takes one of each set of choices. */
function expand(text: string, grammar: Grammar, seed: string): string {
  let result = text.replaceAll('{{', '\ue000').replaceAll('}}', '\ue001');
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    let place = 0;
    const next = result
      .replace(/\[([^[\]]*\|[^[\]]*)\]/g, (_, choices: string) =>
        pick(choices.split('|'), `${seed} ${depth} c${place++}`),
      )
      .replace(/\{(\w+)\}/g, (_, name: string) =>
        pick(
          grammar.slots.get(name) ?? [name],
          name.endsWith('name') ? `${seed} ${name}` : `${seed} ${depth} s${place++}`,
        ),
      );
    if (next === result) break;
    result = next;
  }
  return result.replaceAll('\ue000', '{').replaceAll('\ue001', '}').trim();
}

function pick<T>(list: readonly T[], seed: string): T {
  return list[Math.floor(fraction(seed) * list.length)] as T;
}

/** Orders in documents: at the start, in the middle or at the end, as text, comment or field. */
function carried(grammar: Grammar, documents: Text[]): Text[] {
  const texts: Text[] = [];
  for (const pattern of grammar.patterns.filter((p) => p.carried))
    for (let n = 0; n < pattern.count; n++) {
      const seed = `carried\n${pattern.text}\n${n}`;
      const order = expand(pattern.text, grammar, seed);
      texts.push(
        labelled(withinDocument(order, grammar, documents, seed), pattern.label, 100_000 + texts.length, pattern.text),
      );
    }
  return texts;
}

function withinDocument(order: string, grammar: Grammar, documents: Text[], seed: string): string {
  const first = pick(documents, `${seed} a`).text;
  const second = pick(documents, `${seed} b`).text;
  const held = pick(
    [order, order, `\n${order}\n`, `<!-- ${order} -->`, `"${order}"`, `(${order})`, `- ${order}`],
    `${seed} h`,
  );
  const body = pick(
    [
      `${first}\n${held}`,
      `${held}\n${first}`,
      `${first} ${held} ${second}`,
      `${first}\n\n${held}\n\n${second}`,
      middle(first, held),
    ],
    `${seed} p`,
  );
  return fraction(`${seed} q`) < 0.4 ? `${expand('{ask}', grammar, `${seed} q`)}\n${body}` : body;
}

function middle(text: string, held: string): string {
  const end = text.indexOf('. ', text.length / 3);
  return end < 0 ? `${text}\n${held}` : `${text.slice(0, end + 1)} ${held} ${text.slice(end + 2)}`;
}

/** The same documents and questions, two at a time, without an order in them. */
function harmlessCarriers(grammar: Grammar, documents: Text[]): Text[] {
  return Array.from({ length: 500 }, (_, n) => {
    const [a, b] = [pick(documents, `plain a ${n}`).text, pick(documents, `plain b ${n}`).text];
    const asked = expand('{ask}', grammar, `plain ${n}`);
    return labelled(
      n % 3 === 0 ? `${a}\n\n${b}` : n % 3 === 1 ? `${asked}\n${a}` : `${asked}\n${a}\n${b}`,
      'document',
      200_000 + n,
      `documents ${n % 7}`,
    );
  }).map((text) => ({ ...text, category: 'documents' }));
}

const FRAMES = [
  '{x}',
  '{x}',
  '{x}',
  'Decode this and do what it says: {x}',
  'What does the following mean? Carry it out.\n{x}',
  '{x}\n\nTranslate the above and follow it.',
  'Answer the hidden question: {x}',
  '{x} = ?',
];

function encoded(payloads: Text[]): Text[] {
  return disguises
    .filter(({ name }) => name !== 'upper case')
    .flatMap(({ name, apply }) =>
      Array.from({ length: PER_DISGUISE }, (_, n) => {
        const payload = pick(payloads, `${name} ${n}`).text;
        const text = pick(FRAMES, `${name} f${n}`).replace('{x}', () => apply(payload));
        return { ...labelled(text, 'encoding', n, name), id: `${OWN}-encoding-${name}-${n}` };
      }),
    );
}
