/** The scan stage: Event in, Observation out. Text ends here. Stateless but for the memory of messages, which changes speed, not results. */
import type { Event, Message, ToolCall } from '../model/event.ts';
import type { ContentSignal, Observation, ObservedCall, ObservedResult } from '../model/observation.ts';
import type { CanaryBook } from './canary.ts';
import { type Classifier, inToolResult, type Judgement } from './classify.ts';
import { INTENTS } from './classify-model.ts';
import { type Fingerprinter, fingerprinter } from './fingerprint.ts';
import type { Labels } from './labels.ts';
import { MessageMemory, type ScannedText } from './memory.ts';
import { clientFamily, networkOf } from './network.ts';
import { observeArtefacts } from './observe-artefacts.ts';
import { OfferedTools } from './offered.ts';
import { LEAST_REPEATED, type Runs, repeatedWords, runsOf } from './prompt-overlap.ts';
import { type Conversation, readConversation, traceCall } from './provenance.ts';
import { toolOf } from './tool.ts';

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
    scan(event) {
      const fresh = newMessages(event);
      const observation = observe(event, fresh, memory, fingerprints, known);
      if (event.tools.length > 0) Object.assign(observation, offerOf(event, offered));
      judge(event, fresh, memory, observation);
      return Object.assign(observation, observeArtefacts(event, fresh, memory, fingerprints, options.canaries));
    },
  };
}

/** A listing of tools by themselves is an MCP server's own. */
function offerOf(
  { tools, operation, endpoint }: Event,
  offered: OfferedTools,
): Pick<Observation, 'toolList' | 'toolDefinitions' | 'offered'> {
  const offer = offered.of(tools, operation === 'access' ? endpoint : undefined);
  return { toolList: offer.toolList, toolDefinitions: offer.definitions, offered: offer.tools };
}

function observe(
  event: Event,
  fresh: Message[],
  memory: MessageMemory,
  fingerprints: Fingerprinter,
  known: KnownLabels,
): Observation {
  let conversation: Conversation | undefined;
  const calls: ObservedCall[] = [];
  for (const message of event.output)
    for (const call of message.toolCalls ?? [])
      if (calls.length < MAX_CALLS) {
        conversation ??= readConversation(event.input, memory);
        const traced = traceCall(call, conversation, memory, fingerprints);
        const labels = known(call.name, call.server);
        if (labels !== undefined) traced.labels = labels;
        calls.push(traced);
      }
  // Put into one object: with some forty fields, copying it is what costs most of a record that says nothing new.
  const observation = identity(event) as Observation;
  const network = event.network ?? (event.clientAddress === undefined ? undefined : networkOf(event.clientAddress));
  if (network !== undefined) observation.network = network;
  const client = event.userAgent === undefined ? undefined : clientFamily(event.userAgent);
  if (client !== undefined) observation.client = client;
  let turn = 0;
  for (const { role } of event.input) if (role === 'user') turn++;
  observation.turn = turn;
  observation.calls = calls;
  observation.results = resultsOf(fresh, event, memory, fingerprints, known);
  observation.signals = signalsOf(fresh, memory);
  observation.seenCredentials = seenCredentials(fresh, memory);
  const system = event.input.find((message) => message.role === 'system');
  if (system?.text) observation.systemPrompt = memory.get(system.text).fingerprint(fingerprints);
  observation.coverage = {
    content: event.input.length + event.output.length > 0,
    identity: event.principal !== undefined || event.credential !== undefined || event.session !== undefined,
    tools: event.tools.length > 0 || calls.length > 0,
  };
  return observation;
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
): (event: Event, fresh: Message[], memory: MessageMemory, observation: Observation) => void {
  const judged = new WeakMap<ScannedText, Judgement>();
  const shown = promptsShown();
  return (event, fresh, memory, observation) => {
    const intents: ContentSignal[] = [];
    const add = (classifier: Classifier, { role, text, toolName }: Message, joined: boolean): void => {
      if (text === '' || (role !== 'user' && role !== 'tool') || intents.length >= MAX_SIGNALS) return;
      const said = memory.get(text);
      let judgement = judged.get(said);
      if (judgement === undefined) {
        judgement = classifier.judge(
          text,
          new Set(said.signals.map(({ kind }) => kind)),
          () => said.artefacts.normalised,
        );
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
      for (const message of fresh) add(classifier, message, false);
      const turns = joinedTurns(event);
      if (turns !== undefined) add(classifier, { role: 'user', text: turns }, true);
    }
    if (intents.length > 0) observation.intents = intents;
    const words = shown(event, memory);
    if (words > 0) observation.promptShown = words;
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

/** How many words of the answer repeat the system prompt: remembered by the answer for the prompt that it was last compared with. */
function promptsShown(): (event: Event, memory: MessageMemory) => number {
  const prompts = new WeakMap<ScannedText, Runs>();
  const compared = new WeakMap<ScannedText, { runs: Runs; words: number }>();
  return (event, memory) => {
    const answers = event.output.filter(({ role, text }) => role === 'assistant' && text.length >= LEAST_REPEATED);
    const system = event.input.find(({ role }) => role === 'system');
    if (!system?.text || answers.length === 0) return 0;
    const said = memory.get(system.text);
    let runs = prompts.get(said);
    if (runs === undefined) {
      runs = runsOf(system.text);
      prompts.set(said, runs);
    }
    let words = 0;
    for (const { text } of answers) {
      const answer = memory.get(text);
      let known = compared.get(answer);
      if (known?.runs !== runs) {
        known = { runs, words: repeatedWords(text, runs) };
        compared.set(answer, known);
      }
      words += known.words;
    }
    return words;
  };
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

function resultsOf(
  fresh: Message[],
  event: Event,
  memory: MessageMemory,
  fingerprints: Fingerprinter,
  known: KnownLabels,
): ObservedResult[] {
  const found: ObservedResult[] = [];
  let calls: Map<string, ToolCall> | undefined;
  for (const message of fresh) {
    if (message.role !== 'tool' || found.length === MAX_RESULTS) continue;
    calls ??= callsById(event);
    const call = calls.get(message.toolCallId ?? '');
    const tool = message.toolName ?? call?.name ?? 'unknown';
    const said = memory.get(message.text);
    found.push({
      callId: message.toolCallId ?? '',
      tool,
      labels: known(tool, call?.server) ?? toolOf(tool).labels,
      bytes: Buffer.byteLength(message.text),
      error: /^\s*(?:error|exception|traceback)\b/i.test(message.text),
      fingerprint: said.fingerprint(fingerprints),
      shingles: said.shingles(fingerprints),
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

function seenCredentials(fresh: Message[], memory: MessageMemory): string[] {
  const found = new Set<string>();
  for (const { role, text } of fresh)
    if (role === 'tool' && text !== '') for (const key of memory.get(text).keys) found.add(key);
  return [...found].slice(0, MAX_CREDENTIALS);
}
