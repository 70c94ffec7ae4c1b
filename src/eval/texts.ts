/** Labelled single texts as one-call records, and rates per source and category. */
import type { Alert, Severity } from '../model/finding.ts';
import { callRecord, type DataMessage, namesOf, toBytes, userOf } from './call-record.ts';
import { shuffled } from './chance.ts';
import { dataFiles, parseLine, readLines } from './lines.ts';
import { current, type Miss, type Row, row } from './rate.ts';

export interface Text {
  id: string;
  source: string;
  label: 'benign' | 'attack';
  category: string;
  text: string;
  note?: string | null;
}

export interface TextOptions {
  /** Who says the text: the user, or a tool whose result it is. Texts that models wrote are answers in both. Default `user`. */
  as?: 'user' | 'tool';
  /** Decides the order; default `1`. */
  seed?: string;
  /** Epoch milliseconds of the first call; default 2026-01-05 08:00 UTC. */
  start?: number;
}

const START = Date.UTC(2026, 0, 5, 8);
const FIELDS = ['id', 'source', 'label', 'category', 'text'] as const satisfies (keyof Text)[];
/** Categories whose texts are what a model says. */
const ANSWERS = new Set(['secret_leak', 'leaked_output', 'model_outputs']);

export async function* readTexts(path: string): AsyncGenerator<Text> {
  for (const file of await dataFiles(path)) {
    let number = 0;
    for await (const line of readLines(file)) yield parseLine<Text>(line, file, ++number, FIELDS);
  }
}

/** One call that holds the text; id and session are the text's id, and so is the caller: texts do not add up to attempts of one person. */
export function textRecord(text: Text, time: number, as: 'user' | 'tool' = 'user'): Record<string, unknown> {
  let messages: DataMessage[] = [{ role: 'user', content: text.text }];
  let answer = 'All right.';
  if (ANSWERS.has(text.category)) {
    messages = [{ role: 'user', content: 'Please go on.' }];
    answer = text.text;
  } else if (as === 'tool') {
    messages = [
      { role: 'user', content: 'What does the document say?' },
      {
        role: 'assistant',
        content: '',
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'read_document', arguments: '{"name":"document"}' } },
        ],
      },
      { role: 'tool', content: text.text, tool_call_id: 'call_1', name: 'read_document' },
    ];
  }
  return callRecord({
    id: text.id,
    session: text.id,
    user: `reader-${text.id}-${userOf(text.id).slice(-2)}`,
    start: time - 1500,
    end: time,
    model: 'gpt-4o-mini',
    messages,
    answer: { role: 'assistant', content: answer },
    tools: as === 'tool' && messages.length > 1 ? ['read_document'] : [],
  });
}

/** Rows per label and category, and per source within it; worst are attacks without and benign texts with an alert. */
export function scoreTexts(
  texts: readonly Text[],
  alerts: readonly Alert[],
  floor: Severity = 'medium',
): { rows: Row[]; worst: Miss[]; found: Map<string, Set<string>> } {
  const found = new Map<string, Set<string>>();
  const confidence = new Map<string, number>();
  const owner = new Map<string, string>();
  for (const text of texts) {
    found.set(text.id, new Set());
    for (const name of namesOf(text.id)) owner.set(name, text.id);
  }
  for (const alert of current(alerts, floor)) {
    for (const name of [...alert.event_ids, alert.entities.session ?? '']) {
      const id = owner.get(name);
      if (id === undefined) continue;
      found.get(id)?.add(alert.detector);
      confidence.set(id, Math.max(alert.confidence, confidence.get(id) ?? 0));
    }
  }
  const groups = new Map<string, Text[]>();
  const put = (group: string, text: Text): void => {
    const list = groups.get(group);
    if (list) list.push(text);
    else groups.set(group, [text]);
  };
  for (const text of texts) {
    if (text.label === 'benign') put('benign', text);
    put(`${text.label} ${text.category}`, text);
    put(`${text.label} ${text.category} / ${text.source}`, text);
  }
  const names = [...groups.keys()].sort();
  const rows = names.map((name) =>
    row(
      name,
      (groups.get(name) as Text[]).map((t) => found.get(t.id) as Set<string>),
    ),
  );
  const worst: Miss[] = [];
  for (const name of names) {
    if (!name.includes(' / ')) continue;
    const attack = name.startsWith('attack');
    const wrong = (groups.get(name) as Text[])
      .filter((t) => ((found.get(t.id) as Set<string>).size === 0) === attack)
      .sort((a, b) => (confidence.get(b.id) ?? 0) - (confidence.get(a.id) ?? 0) || (a.id < b.id ? -1 : 1));
    for (const t of wrong.slice(0, 3)) {
      worst.push({
        group: name,
        id: t.id,
        kind: attack ? 'missed' : 'false-alarm',
        detectors: [...(found.get(t.id) as Set<string>)],
        ...(t.note ? { note: t.note } : {}),
      });
    }
  }
  return { rows, worst, found };
}

/** All texts of a file or folder. */
export async function loadTexts(path: string): Promise<Text[]> {
  const texts: Text[] = [];
  for await (const text of readTexts(path)) texts.push(text);
  return texts;
}

/** The texts as records, a call every five seconds, in an order that the seed decides. */
export async function* playTexts(texts: readonly Text[], options: TextOptions = {}): AsyncGenerator<Uint8Array> {
  let time = options.start ?? START;
  for (const text of shuffled(texts, options.seed ?? '1', (t) => t.id)) {
    time += 5000;
    yield toBytes(textRecord(text, time, options.as));
  }
}
