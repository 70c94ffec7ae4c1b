/** Every error that Nightjar raises on purpose, in one table: its exit code, and whether trying again can help. */

const CODES = {
  NJ_USAGE: { exit: 2, retriable: false },
  NJ_CONFIG: { exit: 2, retriable: false },
  NJ_INPUT: { exit: 2, retriable: false },
  NJ_PLAYBOOK: { exit: 2, retriable: false },
  NJ_DETECTOR: { exit: 2, retriable: false },
  /** The embedded folder belongs to another process. */
  NJ_OWNED: { exit: 1, retriable: true },
  NJ_PORT_IN_USE: { exit: 1, retriable: false },
  /** A server cannot be reached or refuses us. */
  NJ_UNREACHABLE: { exit: 1, retriable: true },
  NJ_REFUSED: { exit: 1, retriable: false },
  NJ_TIMEOUT: { exit: 1, retriable: true },
  /** A record that cannot become an Event; it goes to the dead letters with this message. */
  NJ_RECORD: { exit: 1, retriable: false },
  /** A source stopped for good: the process must not idle. */
  NJ_SOURCE_DEAD: { exit: 1, retriable: false },
  NJ_INTERNAL: { exit: 1, retriable: false },
} as const;

export type ErrorCode = keyof typeof CODES;

/**
 * One line that says what is wrong, and what to do.
 * @param hint what the reader can do about it; printed behind the message.
 */
export class NightjarError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'NightjarError';
    this.code = code;
    this.hint = options.hint;
  }

  get exitCode(): number {
    return CODES[this.code].exit;
  }

  get retriable(): boolean {
    return CODES[this.code].retriable;
  }
}

/** The one line a person reads for any thrown thing. */
export function describeError(error: unknown): string {
  if (error instanceof NightjarError) return error.hint ? `${error.message} (${error.hint})` : error.message;
  if (error instanceof AggregateError && error.errors.length > 0) return describeError(error.errors[0]);
  return error instanceof Error ? error.message || error.name : String(error);
}
