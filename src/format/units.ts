/** A record's value to its units: framing (object, array, NDJSON, lines, envelopes) is taken off here, so that formats see one call's data. */

import { joinLlmLogs } from './azure-llm-logs.ts';
import type { UnitKind } from './contract.ts';
import { joinMessageEvents } from './genai-messages.ts';
import { logsOf, spansOf } from './otlp.ts';
import { type Budget, reject, tryJson } from './parse.ts';
import { isObj, type Obj, str } from './read.ts';

export interface Unit {
  kind: UnitKind;
  value: Obj;
}

/** A unit, or the reason why there is none in its place. */
export type Part = Unit | { fault: string };

/** Units of a text: JSON in any framing, else lines of an access log. */
export function* unitsOf(text: string, budget: Budget): Generator<Part> {
  const start = firstCharacter(text);
  if (start === '') reject('record is empty');
  if (start !== '{' && start !== '[') yield* lines(text, budget);
  else if (isNdjson(text)) yield* ndjson(text, budget);
  else {
    const value = tryJson(text, budget, 'record');
    if (value !== undefined) yield* unwrap(value, budget);
    else if (start === '[' && /^\s*\[GIN/.test(text)) yield* lines(text, budget);
    else if (/\n\s*\{/.test(text)) yield* ndjson(text, budget);
    else reject('record is not JSON');
  }
}

function firstCharacter(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 32 && code !== 160) return text[i] as string;
  }
  return '';
}

/** True when the first line is closed and another one follows: no JSON document looks like that. */
function isNdjson(text: string): boolean {
  const at = text.indexOf('\n');
  if (at < 0) return false;
  const before = text.slice(Math.max(0, at - 3), at).trimEnd();
  return before.endsWith('}') && /^\s*\{/.test(text.slice(at, at + 64));
}

function* ndjson(text: string, budget: Budget): Generator<Part> {
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const value = tryJson(line, budget, 'record');
    if (value === undefined) yield { fault: 'line is not JSON' };
    else yield* unwrap(value, budget);
  }
}

/** What the Collector's debug exporter prints, which people paste into files: it is for reading, not a record. */
const DEBUG_TEXT = /^\s*(?:Resource(?:Spans|Logs|Metrics)|Span|LogRecord) #\d/;

function* lines(text: string, budget: Budget): Generator<Part> {
  if (DEBUG_TEXT.test(text)) {
    yield { kind: 'line', value: { debug: true } };
    return;
  }
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed === '') continue;
    const parsed = trimmed.startsWith('{') ? tryJson(trimmed, budget, 'line') : undefined;
    if (parsed !== undefined) yield* unwrap(parsed, budget);
    else yield { kind: 'line', value: { line: trimmed } };
  }
}

/** Takes off arrays and the envelopes of OTLP, Azure Event Hubs and CloudWatch. */
export function* unwrap(value: unknown, budget: Budget): Generator<Part> {
  if (Array.isArray(value)) {
    for (const item of value) {
      if (isObj(item)) yield* unwrapObject(item, budget);
      else yield { fault: 'array element is not an object' };
    }
  } else if (isObj(value)) yield* unwrapObject(value, budget);
  else yield { fault: 'record is not an object' };
}

function* unwrapObject(value: Obj, budget: Budget): Generator<Part> {
  if (Array.isArray(value.resourceSpans)) {
    for (const entry of value.resourceSpans) for (const span of spansOf(entry)) yield { kind: 'span', value: span };
  } else if (Array.isArray(value.resourceLogs)) {
    for (const entry of value.resourceLogs) {
      for (const log of joinMessageEvents([...logsOf(entry)])) yield { kind: 'log', value: log };
    }
  } else if (Array.isArray(value.records)) {
    for (const item of joinLlmLogs(value.records)) {
      if (isObj(item)) yield { kind: 'json', value: item };
      else yield { fault: 'records entry is not an object' };
    }
  } else if (value.messageType === 'DATA_MESSAGE' && Array.isArray(value.logEvents)) {
    for (const entry of value.logEvents) yield logEvent(entry, budget);
  } else yield { kind: 'json', value };
}

/** CloudWatch hands the log on as text. */
function logEvent(entry: unknown, budget: Budget): Part {
  const text = isObj(entry) ? str(entry.message) : undefined;
  const value = text === undefined ? undefined : tryJson(text, budget, 'log event');
  return isObj(value) ? { kind: 'json', value } : { fault: 'log event is not a JSON object' };
}
