/** A record's value to its units: framing (object, array, NDJSON, lines, envelopes) is taken off here, so that formats see one call's data. */
import { NightjarError } from '../errors.ts';
import { joinLlmLogs } from './azure-llm-logs.ts';
import type { UnitKind } from './contract.ts';
import { joinMessageEvents } from './genai-messages.ts';
import { logsOf, spansOf } from './otlp.ts';
import { type Budget, MAX_NODES, reject, tryJson } from './parse.ts';
import { isObj, type Obj, str } from './read.ts';

export interface Unit {
  kind: UnitKind;
  value: Obj;
}

/** A unit, or the reason why there is none in its place. */
export type Part = Unit | { fault: string };

/** Units of a text: JSON in any framing, else lines of an access log. */
export function unitsOf(text: string, budget: Budget): Part[] {
  const parts: Part[] = [];
  const start = firstCharacter(text);
  if (start === '') reject('record is empty');
  if (start !== '{' && start !== '[') lines(text, budget, parts);
  else if (isNdjson(text)) ndjson(text, budget, parts);
  else {
    const value = tryJson(text, budget, 'record');
    if (value !== undefined) unwrap(value, budget, parts);
    else if (start === '[' && /^\s*\[GIN/.test(text)) lines(text, budget, parts);
    else if (/\n\s*\{/.test(text)) ndjson(text, budget, parts);
    else reject('record is not JSON');
  }
  return parts;
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

function ndjson(text: string, budget: Budget, into: Part[]): void {
  for (const line of linesOf(text, budget)) {
    try {
      const value = tryJson(line, budget, 'line');
      if (value === undefined) into.push({ fault: 'line is not JSON' });
      else unwrap(value, budget, into);
    } catch (error) {
      // The other lines of the record are still good.
      if (!(error instanceof NightjarError)) throw error;
      into.push({ fault: error.message });
    }
  }
}

/** Lines that are not blank, trimmed; each counts as a node. */
function* linesOf(text: string, budget: Budget): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const stop = text.indexOf('\n', at);
    const end = stop < 0 ? text.length : stop;
    const line = text.slice(at, end).trim();
    at = end + 1;
    if (--budget.nodes < 0) reject(`record has more than ${MAX_NODES} nodes`);
    if (line !== '') yield line;
  }
}

/** What the Collector's debug exporter prints, which people paste into files: it is for reading, not a record. */
const DEBUG_TEXT = /^\s*(?:Resource(?:Spans|Logs|Metrics)|Span|LogRecord) #\d/;

function lines(text: string, budget: Budget, into: Part[]): void {
  if (DEBUG_TEXT.test(text)) {
    into.push({ kind: 'line', value: { debug: true } });
    return;
  }
  for (const line of linesOf(text, budget)) {
    const parsed = line.startsWith('{') ? tryJson(line, budget, 'line') : undefined;
    if (parsed !== undefined) unwrap(parsed, budget, into);
    else into.push({ kind: 'line', value: { line } });
  }
}

/** Takes off arrays and the envelopes of OTLP, Azure Event Hubs and CloudWatch. */
export function unwrap(value: unknown, budget: Budget, into: Part[]): void {
  if (Array.isArray(value)) {
    for (const item of value) {
      if (isObj(item)) unwrapObject(item, budget, into);
      else into.push({ fault: 'array element is not an object' });
    }
  } else if (isObj(value)) unwrapObject(value, budget, into);
  else into.push({ fault: 'record is not an object' });
}

function unwrapObject(value: Obj, budget: Budget, into: Part[]): void {
  if (Array.isArray(value.resourceSpans)) {
    for (const entry of value.resourceSpans) {
      for (const span of spansOf(entry)) into.push({ kind: 'span', value: span });
    }
  } else if (Array.isArray(value.resourceLogs)) {
    for (const entry of value.resourceLogs) {
      for (const log of joinMessageEvents([...logsOf(entry)])) into.push({ kind: 'log', value: log });
    }
  } else if (Array.isArray(value.records)) {
    for (const item of joinLlmLogs(value.records)) {
      into.push(isObj(item) ? { kind: 'json', value: item } : { fault: 'records entry is not an object' });
    }
  } else if (value.messageType === 'DATA_MESSAGE' && Array.isArray(value.logEvents)) {
    for (const entry of value.logEvents) into.push(logEvent(entry, budget));
  } else into.push({ kind: 'json', value });
}

/** CloudWatch hands the log on as text. */
function logEvent(entry: unknown, budget: Budget): Part {
  const text = isObj(entry) ? str(entry.message) : undefined;
  const value = text === undefined ? undefined : tryJson(text, budget, 'log event');
  return isObj(value) ? { kind: 'json', value } : { fault: 'log event is not a JSON object' };
}
