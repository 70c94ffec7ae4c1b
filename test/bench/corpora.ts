/** The records that the bench measures on: three shapes of traffic, each as LiteLLM writes it. The same on every run. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadTraces } from '../../src/eval/traces.ts';
import { simulate } from '../../src/simulate/simulate.ts';

export type CorpusName = 'conversation' | 'single_turn' | 'tool_heavy';

export interface Corpus {
  name: CorpusName;
  /** Where its records come from. */
  origin: string;
  records: Buffer[];
  bytes: number;
}

const TRACES = join(import.meta.dirname, '../../../shared/data/traces');
/** A conversation with fewer calls is hardly one: most of its text is new. */
const MIN_CALLS = 10;
const START = Date.UTC(2026, 0, 5, 8);

interface Call {
  messages?: { role?: string; content?: unknown }[];
  response?: { choices?: { message?: { tool_calls?: unknown[] } }[] };
}

/**
 * The three corpora: `conversation` repeats the whole history on each call (recorded agent runs, else the longest simulated sessions) ·
 * `single_turn` asks once, without history · `tool_heavy` are simulated agents' calls that ask for tools or carry their results.
 * @param size records of each
 */
export async function loadCorpora(size: number): Promise<Corpus[]> {
  const simulated = simulatedCalls(size);
  const conversation = existsSync(TRACES) ? await recorded(size) : undefined;
  return [
    corpus('conversation', conversation ? 'recorded agent runs' : 'simulated', conversation ?? simulated.conversation),
    corpus('single_turn', 'simulated', simulated.single_turn),
    corpus('tool_heavy', 'simulated', simulated.tool_heavy),
  ];
}

function corpus(name: CorpusName, origin: string, records: Buffer[]): Corpus {
  return { name, origin, records, bytes: records.reduce((sum, record) => sum + record.length, 0) };
}

/** Whole conversations side by side, as they reach a log. */
async function recorded(size: number): Promise<Buffer[]> {
  const long = (trace: { calls: number[] }) => trace.calls.length >= MIN_CALLS;
  const set = await loadTraces(TRACES, { sample: Math.max(20, Math.ceil(size / MIN_CALLS)), only: long });
  const records: Buffer[] = [];
  for await (const record of set.play()) {
    records.push(Buffer.from(record));
    if (records.length === size) break;
  }
  return records;
}

function simulatedCalls(size: number): Record<CorpusName, Buffer[]> {
  const found: Record<CorpusName, Buffer[]> = { conversation: [], single_turn: [], tool_heavy: [] };
  const put = (name: CorpusName, record: Record<string, unknown>) => {
    if (found[name].length < size) found[name].push(Buffer.from(JSON.stringify(record)));
  };
  const done = () => Object.values(found).every((records) => records.length === size);
  for (const { record } of simulate({ seed: 11, days: 30, start: START, people: 200, agents: 25 })) {
    const { messages = [], response } = record as Call;
    const asks = response?.choices?.some((choice) => (choice.message?.tool_calls?.length ?? 0) > 0) ?? false;
    const answers = messages.some((message) => message.role === 'tool');
    const turns = messages.filter((message) => message.role === 'user').length;
    if (asks || answers) put('tool_heavy', record);
    else if (turns === 1) put('single_turn', record);
    if (messages.length >= 5) put('conversation', record);
    if (done()) break;
  }
  return found;
}
