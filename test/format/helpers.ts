/** Shared by the format tests: fixtures, decoding with defaults, the folder of recorded samples. */
import { existsSync, readFileSync } from 'node:fs';
import { decode, type DecodeOptions, type Decoded } from '../../src/format/decode.ts';
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
