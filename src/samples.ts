/** Samples: a detector's specification in examples. Each line of samples.jsonl plays a few calls and says what must be found. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { shippedClassifier } from './classifier.ts';
import { Engine, type Installed } from './engine.ts';
import { NightjarError } from './errors.ts';
import type { Event } from './model/event.ts';
import type { Alert } from './model/finding.ts';
import { canaryBook } from './scan/canary.ts';
import { PUBLIC_TEST_KEY } from './scan/fingerprint.ts';
import { createScanner } from './scan/scan.ts';

/**
 * One sample. `events` are Events with only the fields that matter; besides them each may have
 * - `after`: milliseconds since the event before, default 1,000;
 * - `times`: how often it happens, one `after` apart each; `{n}` in any text is replaced by the running number.
 */
const sampleSchema = z.strictObject({
  name: z.string().min(1),
  kind: z.enum(['fires', 'quiet', 'malformed']),
  events: z.array(z.record(z.string(), z.unknown())).min(1),
  /** The alerts of this detector, in order; each field given must be equal. */
  expect: z.array(z.record(z.string(), z.unknown())).default([]),
});

export type Sample = z.infer<typeof sampleSchema>;

/** Places whose tokens samples may hold, of tenant `default` under the public test key. */
const CANARIES = { 'sample-prompt': 'prompt', 'sample-document': 'document' } as const;

const START = Date.UTC(2026, 8, 7, 9);
const BASE: Omit<Event, 'id' | 'time'> = {
  operation: 'chat',
  format: 'sample',
  tenant: 'default',
  status: 'ok',
  input: [],
  output: [],
  tools: [],
};

/** Reads samples.jsonl of a detector's folder. Throws NJ_DETECTOR with file and line. */
export function readSamples(folder: string): Sample[] {
  const file = join(folder, 'samples.jsonl');
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      const sample = sampleSchema.parse(JSON.parse(line));
      if ((sample.kind === 'fires') !== sample.expect.length > 0)
        throw new Error('a sample that fires, and no other, expects alerts');
      return [sample];
    } catch (error) {
      const reason =
        error instanceof z.ZodError ? (error.issues[0]?.message ?? 'wrong shape') : (error as Error).message;
      throw new NightjarError('NJ_DETECTOR', `${file}:${index + 1}: ${reason}`, { cause: error });
    }
  });
}

/** The events of a sample, with times, ids and defaults filled in. */
export function eventsOf(sample: Sample): Event[] {
  const events: Event[] = [];
  let time = START;
  for (const { after = 1_000, times = 1, ...given } of sample.events) {
    for (let n = 1; n <= Number(times); n++) {
      time += Number(after);
      const filled = JSON.parse(JSON.stringify(given).replaceAll('{n}', String(n)));
      events.push({ ...structuredClone(BASE), id: `e${events.length + 1}`, time, ...filled });
    }
  }
  return events;
}

/** Plays a sample through scan, detection and correlation of this one detector; returns its final alerts. */
export function play(sample: Sample, installed: Installed): Alert[] {
  const engine = new Engine([installed], 120_000, {
    failed: (_detector, error) => {
      throw error;
    },
  });
  const scanner = createScanner(PUBLIC_TEST_KEY, {
    classifier: shippedClassifier(),
    canaries: canaryBook(PUBLIC_TEST_KEY, CANARIES),
  });
  for (const event of eventsOf(sample)) engine.push('sample', [scanner.scan(event)], true);
  engine.finish();
  return engine.takeFinal();
}
