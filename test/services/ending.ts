/** Tells a long-running command that it has been asked to end. */

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A signal that asks a command to end. */
export type EndSignal = (typeof signals)[number];

/**
 * Calls `handler` once: on SIGINT, SIGTERM or SIGHUP, or, when run as an npm script, as soon as npm is gone. npm does not
 * hand a SIGTERM on to the command behind its shell, which would then stay up unseen.
 */
export function onEnd(handler: (signal: EndSignal) => void): void {
  let ending = false;
  const end = (signal: EndSignal) => {
    if (ending) return;
    ending = true;
    handler(signal);
  };
  for (const signal of signals) process.on(signal, () => end(signal));
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== parent && end('SIGTERM'), 500).unref();
}
