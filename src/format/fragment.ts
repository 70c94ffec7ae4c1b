/** Shapes that are known and legitimately no call of their own: single messages, stream chunks, spans and logs of other libraries. */
import type { Format } from './contract.ts';

export const fragment: Format = {
  id: 'fragment',
  kind: 'json',
  recognise: (unit) =>
    unit.object === 'chat.completion.chunk' ||
    (typeof unit.role === 'string' && (unit.parts !== undefined || unit.content !== undefined)),
  toEvents: () => [],
};

/** Diagnostic records and metrics of other Azure services, which share the Event Hub. */
export const otherAzure: Format = {
  id: 'azure-other',
  family: 'azure',
  kind: 'json',
  recognise: (unit) =>
    typeof unit.resourceId === 'string' && (typeof unit.category === 'string' || typeof unit.metricName === 'string'),
  toEvents: () => [],
};

export const debugText: Format = {
  id: 'collector-debug',
  kind: 'line',
  recognise: (unit) => unit.debug === true,
  toEvents: () => [],
};

export const otherSpan: Format = {
  id: 'other-span',
  family: 'otlp',
  kind: 'span',
  recognise: () => true,
  toEvents: () => [],
};

export const otherLog: Format = {
  id: 'other-log',
  family: 'otlp',
  kind: 'log',
  recognise: () => true,
  toEvents: () => [],
};
