/** The scan stage: Event in, Observation out. Text ends here. Stateless but for the memory of messages, which changes speed, not results. */
import type { Event, Message, ToolCall } from '../model/event.ts';
import type { ContentSignal, Observation, ObservedCall, ObservedResult } from '../model/observation.ts';
import { type Fingerprinter, fingerprinter } from './fingerprint.ts';
import { type Labels, labelTool } from './labels.ts';
import { MessageMemory } from './memory.ts';
import { clientFamily, networkOf } from './network.ts';
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
}

/** @param key fingerprint key, at least 16 bytes. */
export function createScanner(key: Uint8Array, options: ScannerOptions = {}): Scanner {
  const memory = new MessageMemory(options.memoryBytes);
  const fingerprints = fingerprinter(key);
  const known = options.knownLabels ?? (() => undefined);
  return { scan: (event) => observe(event, memory, fingerprints, known) };
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
    ...(event.tools.length > 0
      ? {
          toolList: fingerprints.of(
            event.tools
              .map((tool) => tool.name)
              .sort()
              .join('\0'),
          ),
        }
      : {}),
    coverage: {
      content: event.input.length + event.output.length > 0,
      identity: event.principal !== undefined || event.credential !== undefined || event.session !== undefined,
      tools: event.tools.length > 0 || calls.length > 0,
    },
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
