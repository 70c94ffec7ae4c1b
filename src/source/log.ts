/** How sources report what they do: one function, so that no source knows the logger. */

/** `message` is one line for a person; `fields` are for the machine. Never holds the content of a record. */
export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Record<string, unknown>,
) => void;

/** For callers that do not care. */
export const silent: Log = () => {};
