/** Shared by the format tests: fixtures, decoding with defaults, the folder of recorded samples. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { type Decoded, type DecodeOptions, decode } from '../../src/format/decode.ts';
import type { Event } from '../../src/model/event.ts';

const here = new URL('.', import.meta.url);

export function fixture(name: string): Buffer {
  return readFileSync(new URL(`fixtures/${name}`, here));
}

export function read(value: unknown, options: Partial<DecodeOptions> = {}): Decoded {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  return decode(bytes, { format: 'auto', tenant: 'acme', ...options });
}

/** The single Event of a value. */
export function one(value: unknown, options: Partial<DecodeOptions> = {}): Event {
  const decoded = read(value, options);
  if (decoded.events.length !== 1) throw new Error(`expected one event: ${JSON.stringify(decoded)}`);
  return decoded.events[0] as Event;
}

/** Recorded samples beside the checkout; undefined where they are absent. */
export function samplesFolder(): URL | undefined {
  const folder = new URL('../../../shared/formats/', here);
  return existsSync(folder) ? folder : undefined;
}

export function sampleBytes(folder: URL, name: string): Buffer {
  return readFileSync(new URL(name, folder));
}

/** Holds an Event to some of its fields; a field expected as undefined must be absent. */
export function has(event: Event | undefined, expected: { [K in keyof Event]?: unknown }): void {
  assert.ok(event, 'no event');
  for (const key of Object.keys(expected) as (keyof Event)[]) {
    if (expected[key] === undefined) assert.ok(!(key in event), `${key} should be absent: ${String(event[key])}`);
    else assert.deepEqual(event[key], expected[key], key);
  }
}

export const sha = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
