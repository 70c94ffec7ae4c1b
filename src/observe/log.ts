/** The log: one JSON line per happening on stderr, ids and counts only. Prompts, secrets and evidence never go here. */
import { pino } from 'pino';

export type Log = ReturnType<typeof createLog>;

/** @param level pino's names, or `silent`. */
export function createLog(level: string) {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: ['*.token', '*.key', '*.secret', '*.password', '*.authorization'],
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
