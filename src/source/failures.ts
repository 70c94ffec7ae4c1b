/** What a source does when the pipeline refuses a batch: try again from the last checkpoint, or stop for good, never idle. */
import { describeError, NightjarError } from '../errors.ts';

/** Attempts after which a failure that says of itself that trying again cannot help ends the source. */
const GIVE_UP_AFTER = 5;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 15_000;

/** Counts failures in a row. A failure marked retriable (a server is away) is tried for ever, any other one a few times. */
export class Failures {
  #count = 0;
  #hopeless = 0;

  /** A batch went through. */
  reset(): void {
    this.#count = 0;
    this.#hopeless = 0;
  }

  /**
   * Milliseconds to wait before the next attempt.
   * @throws NightjarError `NJ_SOURCE_DEAD` when another attempt makes no sense.
   */
  delayAfter(error: unknown, what: string): number {
    this.#count += 1;
    if (!(error instanceof NightjarError && error.retriable)) this.#hopeless += 1;
    if (this.#hopeless >= GIVE_UP_AFTER) {
      throw new NightjarError('NJ_SOURCE_DEAD', `${what} failed ${GIVE_UP_AFTER} times: ${describeError(error)}`, {
        cause: error,
        hint: 'nothing was lost: the records are read again after a restart',
      });
    }
    return Math.min(FIRST_DELAY_MS * 2 ** (this.#count - 1), MAX_DELAY_MS);
  }
}
