/** What every adapter of the port DeadLetters must do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeadLetter, DeadLetters } from '../../src/ports.ts';

export interface DeadLettersUnderTest {
  /** Opens the same sink again each time it is called. */
  open(): Promise<DeadLetters & { close?(): Promise<void> }>;
  /** The letters that a reader finds, after the sink has removed repeated ones as far as it can; any order. */
  read(): Promise<DeadLetter[]>;
  /** False for a sink that forgets what it wrote when it is closed. */
  remembers: boolean;
  end?(): Promise<void>;
}

/** @param start own, empty sink per call; undefined when the test was skipped */
export function deadLettersSuite(
  name: string,
  start: (t: { skip(message?: string): void }) => Promise<DeadLettersUnderTest | undefined>,
): void {
  const letter = (position: number, partition = 'calls/3', text = `record ${position}`): DeadLetter => ({
    partition,
    position,
    reason: 'not JSON: "quoted"\nand a second line',
    shape: text,
    bytes: text.length,
  });
  const sorted = (letters: DeadLetter[]) =>
    [...letters].sort((a, b) => a.partition.localeCompare(b.partition) || a.position - b.position);

  function check(title: string, body: (subject: DeadLettersUnderTest) => Promise<void>): void {
    test(`dead letters on ${name}: ${title}`, { timeout: 60_000 }, async (t) => {
      const subject = await start(t);
      if (!subject) return;
      try {
        await body(subject);
      } finally {
        await subject.end?.();
      }
    });
  }

  check('every letter is found as it was, also 1,000 at once and from several partitions', async (subject) => {
    const sink = await subject.open();
    const letters = [
      letter(0, 'calls/0'),
      letter(0, 'calls/1'),
      letter(7, '/var/log/calls.jsonl'),
      ...Array.from({ length: 1_000 }, (_, i) => letter(i, 'many/0', 'x'.repeat(1_024))),
    ];
    await sink.put(letters.slice(0, 1));
    await sink.put([]);
    await sink.put(letters.slice(1));
    await sink.close?.();
    assert.deepEqual(sorted(await subject.read()), sorted(letters));
  });

  check('one that is written again has no second effect', async (subject) => {
    const sink = await subject.open();
    await sink.put([letter(1), letter(2)]);
    await sink.put([letter(2), letter(3)]);
    await sink.close?.();
    if (subject.remembers) {
      const again = await subject.open();
      await again.put([letter(1), letter(3)]);
      await again.close?.();
    }
    assert.deepEqual(sorted(await subject.read()), [letter(1), letter(2), letter(3)]);
  });
}
