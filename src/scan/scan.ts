/** The scan stage: Event in, Observation out. Text ends here. Stateless but for the memory of messages, which changes speed, not results. */
import type { Event, Message, ToolCall } from '../model/event.ts';
import type { ContentSignal, Observation, ObservedCall, ObservedResult } from '../model/observation.ts';
import type { CanaryBook } from './canary.ts';
import { type Classifier, inToolResult, type Judgement } from './classify.ts';
import { INTENTS } from './classify-model.ts';
import { type Fingerprinter, fingerprinter } from './fingerprint.ts';
import { type Labels, labelTool } from './labels.ts';
import { MessageMemory, type ScannedText } from './memory.ts';
import { clientFamily, networkOf } from './network.ts';
import { observeArtefacts } from './observe-artefacts.ts';
import { OfferedTools } from './offered.ts';
import { type Runs, repeatedWords, runsOf } from './prompt-overlap.ts';
import { readConversation, traceCall } from './provenance.ts';
import { keysIn } from './secrets.ts';

const MAX_CALLS = 64;
const MAX_RESULTS = 64;
const MAX_SIGNALS = 64;
const MAX_CREDENTIALS = 16;

export interface Scanner {
  scan(event: Event): Observation;
}

/** What is known of a tool beyond its name: replaces the inferred labels. Undefined where nothing is known. */
export type KnownLabels = (tool: string, server: string | undefined) => Labels | undefined;

export interface ScannerOptions {
  /** Bound of the message memory; default 64 MiB. */
  memoryBytes?: number;
  knownLabels?: KnownLabels;
  /** Tokens that belong in one place; default none. */
  canaries?: CanaryBook;
  /** Judges what users and tools say; without it observations carry rule signals alone. */
  classifier?: Classifier;
}

/** @param key fingerprint key, at least 16 bytes. */
export function createScanner(key: Uint8Array, options: ScannerOptions = {}): Scanner {
  const memory = new MessageMemory(options.memoryBytes);
  const fingerprints = fingerprinter(key);
  const known = options.knownLabels ?? (() => undefined);
  const offered = new OfferedTools(fingerprints);
  const judge = judgeWith(options.classifier);
  return {
    scan: (event) => ({
      ...observe(event, memory, fingerprints, known),
      ...offerOf(event, offered),
      ...judge(event, memory),
      ...observeArtefacts(event, newMessages(event), memory, fingerprints, options.canaries),
    }),
  };
}

/** A listing of tools by themselves is an MCP server's own. */
function offerOf(
  { tools, operation, endpoint }: Event,
  offered: OfferedTools,
): Pick<Observation, 'toolList' | 'toolDefinitions' | 'offered'> {
  if (tools.length === 0) return {};
  const offer = offered.of(tools, operation === 'access' ? endpoint : undefined);
  return { toolList: offer.toolList, toolDefinitions: offer.definitions, offered: offer.tools };
}

function observe(event: Event, memory: MessageMemory, fingerprints: Fingerprinter, known: KnownLabels): Observation {
  const conversation = readConversation(event.input, memory);
  const fresh = newMessages(event);
  const network = event.network ?? (event.clientAddress === undefined ? undefined : networkOf(event.clientAddress));
  const client = event.userAgent === undefined ? undefined : clientFamily(event.userAgent);
  const system = event.input.find((message) => message.role === 'system');
  const calls: ObservedCall[] = [];
  for (const message of event.output)
    for (const call of message.toolCalls ?? [])
      if (calls.length < MAX_CALLS) {
        const traced = traceCall(call, conversation, fingerprints);
        calls.push({ ...traced, labels: known(call.name, call.server) ?? traced.labels });
      }
  return {
    ...identity(event),
    ...(network === undefined ? {} : { network }),
    ...(client === undefined ? {} : { client }),
    turn: event.input.filter((message) => message.role === 'user').length,
    calls,
    results: resultsOf(fresh, event, fingerprints, known),
    signals: signalsOf(fresh, memory),
    seenCredentials: seenCredentials(fresh),
    ...(system?.text ? { systemPrompt: fingerprints.of(system.text) } : {}),
    coverage: {
      content: event.input.length + event.output.length > 0,
      identity: event.principal !== undefined || event.credential !== undefined || event.session !== undefined,
      tools: event.tools.length > 0 || calls.length > 0,
    },
  };
}

/** Turns of a user that are put together, and characters of them: longer ones say enough by themselves. */
const MAX_TURNS = 8;
const MAX_JOINED = 1_500;
const MAX_TURN = 300;
/** Least probability that is worth a signal. */
const LEAST_CHANCE = 0.05;

/** What the classifier adds: judgements of what is new, and how much of the system prompt the answer repeats. Both remembered by message. */
function judgeWith(
  classifier: Classifier | undefined,
): (event: Event, memory: MessageMemory) => Pick<Observation, 'intents' | 'promptShown'> {
  const judged = new WeakMap<ScannedText, Judgement>();
  const prompts = new WeakMap<ScannedText, Runs>();
  return (event, memory) => {
    const intents: ContentSignal[] = [];
    const add = (classifier: Classifier, { role, text, toolName }: Message, joined: boolean): void => {
      if (text === '' || (role !== 'user' && role !== 'tool') || intents.length >= MAX_SIGNALS) return;
      const said = memory.get(text);
      let judgement = judged.get(said);
      if (judgement === undefined) {
        judgement = classifier.judge(text, new Set(said.signals.map(({ kind }) => kind)));
        judged.set(said, judgement);
      }
      const { chances, span, decoded } = judgement;
      for (const kind of INTENTS) {
        const score = role === 'tool' ? inToolResult(chances[kind]) : chances[kind];
        if (score < LEAST_CHANCE) continue;
        // Offsets in turns put together belong to no message: the last one stands for them.
        const place: Pick<ContentSignal, 'span' | 'decoded'> = joined
          ? { span: [0, 0], decoded: ['joined', ...decoded] }
          : { span, decoded };
        intents.push({ kind, score, role, ...(toolName ? { tool: toolName } : {}), ...place });
      }
    };
    if (classifier) {
      for (const message of newMessages(event)) add(classifier, message, false);
      const turns = joinedTurns(event);
      if (turns !== undefined) add(classifier, { role: 'user', text: turns }, true);
    }
    const shown = promptShown(event, memory, prompts);
    return { ...(intents.length > 0 ? { intents } : {}), ...(shown > 0 ? { promptShown: shown } : {}) };
  };
}

/** The user's last turns as one text: what is split over turns is read as one. Undefined where the last is no user's, or there is but one. */
function joinedTurns({ input }: Event): string | undefined {
  if (input.at(-1)?.role !== 'user') return undefined;
  const turns: string[] = [];
  let length = 0;
  for (let i = input.length - 1; i >= 0 && turns.length < MAX_TURNS; i--) {
    const { role, text } = input[i] as Message;
    if (role !== 'user' || turns.includes(text)) continue;
    length += text.length + 1;
    if (text.length > MAX_TURN || length > MAX_JOINED) break;
    turns.unshift(text);
  }
  return turns.length > 1 ? turns.join(' ') : undefined;
}

function promptShown(event: Event, memory: MessageMemory, prompts: WeakMap<ScannedText, Runs>): number {
  const system = event.input.find(({ role }) => role === 'system');
  if (!system?.text || event.output.length === 0) return 0;
  const said = memory.get(system.text);
  let runs = prompts.get(said);
  if (runs === undefined) {
    runs = runsOf(system.text);
    prompts.set(said, runs);
  }
  let words = 0;
  for (const { role, text } of event.output)
    if (role === 'assistant' && text !== '') words += repeatedWords(text, runs);
  return words;
}

/** The fields that an Observation takes over from its Event as they are. */
function identity(
  event: Event,
): Omit<Observation, 'turn' | 'calls' | 'results' | 'signals' | 'seenCredentials' | 'coverage'> {
  const { input: _input, output: _output, tools: _tools, clientAddress: _address, userAgent: _agent, ...rest } = event;
  return rest;
}

/** Messages that this record is the first to show: what came after the model's last turn, and the answer. */
function newMessages(event: Event): Message[] {
  let last = event.input.length - 1;
  while (last >= 0 && event.input[last]?.role !== 'assistant') last--;
  return [...event.input.slice(last + 1), ...event.output];
}

function resultsOf(fresh: Message[], event: Event, fingerprints: Fingerprinter, known: KnownLabels): ObservedResult[] {
  const found: ObservedResult[] = [];
  let calls: Map<string, ToolCall> | undefined;
  for (const message of fresh) {
    if (message.role !== 'tool' || found.length === MAX_RESULTS) continue;
    calls ??= callsById(event);
    const call = calls.get(message.toolCallId ?? '');
    const tool = message.toolName ?? call?.name ?? 'unknown';
    found.push({
      callId: message.toolCallId ?? '',
      tool,
      labels: known(tool, call?.server) ?? labelTool(tool),
      bytes: Buffer.byteLength(message.text),
      error: /^\s*(?:error|exception|traceback)\b/i.test(message.text),
      fingerprint: fingerprints.of(message.text),
      shingles: fingerprints.shingles(message.text),
    });
  }
  return found;
}

/** Calls of the record by their id; of several with one id the answer's own, else the first. */
function callsById(event: Event): Map<string, ToolCall> {
  const calls = new Map<string, ToolCall>();
  for (const messages of [event.output, event.input])
    for (const message of messages)
      for (const call of message.toolCalls ?? []) if (call.id !== '' && !calls.has(call.id)) calls.set(call.id, call);
  return calls;
}

function signalsOf(fresh: Message[], memory: MessageMemory): ContentSignal[] {
  const found: ContentSignal[] = [];
  for (const message of fresh) {
    if (message.text === '') continue;
    for (const signal of memory.get(message.text).signals) {
      if (found.length === MAX_SIGNALS) return found;
      found.push({ ...signal, role: message.role, ...(message.toolName ? { tool: message.toolName } : {}) });
    }
  }
  return found;
}

function seenCredentials(fresh: Message[]): string[] {
  const found = new Set<string>();
  for (const message of fresh) if (message.role === 'tool') for (const key of keysIn(message.text)) found.add(key);
  return [...found].slice(0, MAX_CREDENTIALS);
}
