/** What only some machines can build: a test without it is skipped loudly, or fails when REQUIRE_ALL=1. */
import type { TestContext } from 'node:test';

/** What `make` makes, or undefined with the test already marked as skipped. */
export async function optional<T>(t: TestContext, what: string, make: () => Promise<T>): Promise<T | undefined> {
  try {
    return await make();
  } catch (error) {
    const reason = `needs ${what}: ${error instanceof Error ? error.message : error}`;
    if (process.env.REQUIRE_ALL === '1') throw new Error(`${reason} (REQUIRE_ALL=1 forbids to skip)`);
    t.skip(`SKIPPED, ${reason}`);
    return undefined;
  }
}
