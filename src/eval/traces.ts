/** Recorded agent conversations as call records: each assistant message is one call, with the history so far. */
import { callRecord, type DataMessage, userOf } from './call-record.ts';
import { fraction, shuffled, stratified } from './chance.ts';
import { dataFiles, parseLine, readLines } from './lines.ts';

export interface Trace {
  id: string;
  source: string;
  split_key: string;
  model: string;
  label: 'benign' | 'attack';
  attack: string | null;
  attack_succeeded: boolean | null;
  category: string | null;
  tools: string[];
  messages: DataMessage[];
  meta: Record<string, unknown>;
}

/** What is kept of a trace besides its line. */
export interface TraceInfo {
  id: string;
  source: string;
  label: 'benign' | 'attack';
  attack: string | null;
  succeeded: boolean | null;
  suite: string | null;
  /** False where the hostile text was never read: nothing in the trace shows an attack. */
  seen: boolean;
  /** Run that several traces belong to, where their times show how they overlap. */
  run: string | null;
  /** Tool calls of each assistant message, one entry a record. */
  calls: number[];
  /** Event time of each record, epoch milliseconds. */
  times: number[];
  phase: 'history' | 'scored';
}

export interface TraceSet {
  /** In the order in which they start. */
  traces: TraceInfo[];
  /** Records in order of event time, each as the bytes of one JSON object. */
  play(): AsyncGenerator<Uint8Array>;
}

export interface TraceOptions {
  /** Decides order, sample and spacing; default `1`. */
  seed?: string;
  /** About so many traces, every source, label and outcome in proportion; default all. */
  sample?: number;
  /** Takes these only; default all. */
  only?: (trace: TraceInfo) => boolean;
  /** Epoch milliseconds of the first call; default 2026-01-05 08:00 UTC. */
  start?: number;
  /** Mean seconds between the starts of two traces; default 20. */
  gapSeconds?: number;
}

const START = Date.UTC(2026, 0, 5, 8);
const FIELDS = ['id', 'source', 'split_key', 'label', 'messages'] as const satisfies (keyof Trace)[];

/** Traces of a file or folder, one at a time. */
export async function* readTraces(path: string): AsyncGenerator<Trace> {
  for (const file of await dataFiles(path)) {
    let number = 0;
    for await (const line of readLines(file)) yield parseLine<Trace>(line, file, ++number, FIELDS);
  }
}

/** Offsets in milliseconds of each record's end from the trace's start. */
function offsets(trace: Trace): number[] {
  const stamps = trace.meta?.timestamps;
  const times = Array.isArray(stamps) ? stamps.map((t) => Date.parse(String(t))) : [];
  const out: number[] = [];
  let clock = 0;
  for (const [i, message] of trace.messages.entries()) {
    if (message.role !== 'assistant') continue;
    const given = (times[i] as number) - (times[0] as number);
    const step = 2000 + Math.floor(6000 * fraction(`${trace.id} ${i}`));
    clock = Number.isFinite(given) ? Math.max(clock + 1, given) : clock + step;
    out.push(clock);
  }
  return out;
}

export interface TraceRecord {
  id: string;
  /** Event time, epoch milliseconds. */
  time: number;
  record: Record<string, unknown>;
}

/**
 * The call records of one trace: ids `<trace id>#1`, `#2`, …; session is the trace's id, user one of 40 by its split key.
 * @param start epoch milliseconds at which the trace begins.
 */
export function traceRecords(trace: Trace, start: number): TraceRecord[] {
  const ends = offsets(trace);
  const user = userOf(trace.split_key);
  const records: TraceRecord[] = [];
  let previous = start;
  for (const [i, message] of trace.messages.entries()) {
    if (message.role !== 'assistant') continue;
    const end = start + (ends[records.length] as number);
    const id = `${trace.id}#${records.length + 1}`;
    const record = callRecord({
      id,
      session: trace.id,
      user,
      start: Math.max(previous, end - 1500),
      end,
      model: trace.model,
      messages: trace.messages.slice(0, i),
      answer: message,
      tools: trace.tools ?? [],
    });
    previous = end;
    records.push({ id, time: end, record });
  }
  return records;
}

interface Held {
  info: TraceInfo;
  line: string;
  file: string;
  /** Epoch milliseconds of the first timestamp, NaN without. */
  first: number;
  ends: number[];
}

/** What is known of a trace by itself: times and phase come with its place among others. */
export function traceInfo(trace: Trace): TraceInfo {
  return {
    id: trace.id,
    source: trace.source,
    label: trace.label,
    attack: trace.attack ?? null,
    succeeded: trace.attack_succeeded ?? null,
    suite: typeof trace.meta?.suite === 'string' ? trace.meta.suite : null,
    seen: trace.meta?.injection_seen !== false,
    run: null,
    calls: trace.messages.filter((m) => m.role === 'assistant').map((m) => m.tool_calls?.length ?? 0),
    times: [],
    phase: 'scored',
  };
}

function hold(trace: Trace, line: string, file: string): Held {
  const stamps = trace.meta?.timestamps;
  const first = Array.isArray(stamps) ? Date.parse(String(stamps[0])) : Number.NaN;
  const run = Number.isFinite(first) && typeof trace.meta.run === 'string' ? `${trace.source}/${trace.meta.run}` : null;
  return {
    line,
    file,
    first,
    ends: offsets(trace),
    info: { ...traceInfo(trace), run },
  };
}

/** Half of each source's benign traces are history: everything before the rest. */
function inPhases(order: Held[]): Held[] {
  const bySource = new Map<string, Held[]>();
  for (const held of order) {
    if (held.info.label !== 'benign') continue;
    const list = bySource.get(held.info.source) ?? [];
    list.push(held);
    bySource.set(held.info.source, list);
  }
  for (const list of bySource.values()) {
    for (const held of list.slice(0, Math.floor(list.length / 2))) held.info.phase = 'history';
  }
  return [...order.filter((h) => h.info.phase === 'history'), ...order.filter((h) => h.info.phase === 'scored')];
}

/** Gives every trace its start; traces of one run keep the distances that their own times have. */
function place(order: Held[], seed: string, start: number, gap: number): void {
  const runStart = new Map<string, number>();
  const runFirst = new Map<string, number>();
  for (const { info, first } of order) {
    if (info.run !== null) runFirst.set(info.run, Math.min(first, runFirst.get(info.run) ?? Number.POSITIVE_INFINITY));
  }
  let clock = start;
  for (const { info, first, ends } of order) {
    const { run } = info;
    let begin = clock;
    if (run !== null) {
      if (!runStart.has(run)) runStart.set(run, clock);
      begin = (runStart.get(run) as number) + (first - (runFirst.get(run) as number));
    }
    info.times = ends.map((end) => begin + end);
    clock += Math.round(-Math.log(1 - fraction(`${seed} gap ${info.id}`)) * gap * 1000) + 1;
  }
}

/**
 * Loads traces of a file or folder: in a seeded order, half of the benign ones first, starts spaced so that sessions overlap. Lines are
 * kept as text and parsed again when played.
 */
export async function loadTraces(path: string, options: TraceOptions = {}): Promise<TraceSet> {
  const seed = options.seed ?? '1';
  const all: Held[] = [];
  for (const file of await dataFiles(path)) {
    let number = 0;
    for await (const line of readLines(file)) {
      const held = hold(parseLine<Trace>(line, file, ++number, FIELDS), line, file);
      if (options.only === undefined || options.only(held.info)) all.push(held);
    }
  }
  let order = shuffled(all, seed, (h) => h.info.id);
  if (options.sample !== undefined) {
    order = stratified(
      order,
      options.sample,
      ({ info }) => `${info.source} ${info.label} ${info.succeeded} ${info.seen}`,
    );
  }
  order = inPhases(order);
  place(order, seed, options.start ?? START, options.gapSeconds ?? 20);
  return { traces: order.map((h) => h.info), play: () => playHeld(order) };
}

async function* playHeld(order: readonly Held[]): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const byStart = order
    .map((held, i) => ({ held, i, start: (held.info.times[0] ?? 0) - (held.ends[0] ?? 0) }))
    .sort((a, b) => a.start - b.start || a.i - b.i);
  let waiting: TraceRecord[] = [];
  for (const { held, start } of byStart) {
    const due = waiting.filter((r) => r.time <= start);
    if (due.length > 0) {
      waiting = waiting.filter((r) => r.time > start);
      for (const r of due) yield encoder.encode(JSON.stringify(r.record));
    }
    waiting.push(...traceRecords(JSON.parse(held.line) as Trace, start));
    waiting.sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
  }
  for (const r of waiting) yield encoder.encode(JSON.stringify(r.record));
}
