/** Waits for something to become true. */
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `check` until it no longer throws; rethrows its last error after `ms`. Give `assert.ok` a message inside: without one it parses
 * the source for each failure, which blocks for seconds.
 */
export async function eventually(check: () => unknown, ms = 15_000): Promise<void> {
  const until = Date.now() + ms;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(25);
    }
  }
}
