/** Times as logs write them, to epoch milliseconds. */

/** 2000-01-01 and 2100-01-01: a number outside is not a time. */
const EARLIEST = 946_684_800_000;
const LATEST = 4_102_444_800_000;
const PLAIN = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/;

/**
 * Epoch milliseconds of a number (seconds, milliseconds, microseconds or nanoseconds, told apart by size), of the same as decimal text
 * (exact beyond 2^53), or of an ISO 8601 date; a date without a zone is UTC.
 */
export function timeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string' || value.length > 48) return undefined;
  // How most logs write it, and how Date.parse reads it.
  if (PLAIN.test(value)) return within(Date.parse(value));
  const text = value.trim();
  if (/^\d+$/.test(text)) {
    // A decimal of 19 digits is beyond 2^53: cut it before it becomes a number.
    return text.length > 15
      ? fromNumber(Number(text.slice(0, 16)) * 10 ** (text.length - 16))
      : fromNumber(Number(text));
  }
  if (/^\d+\.\d+$/.test(text)) return fromNumber(Number(text));
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?\s*(Z|[+-]\d\d:?\d\d)?$/i.exec(text);
  if (!match) return undefined;
  const [, day, clock = '', fraction = '', zone = 'Z'] = match;
  const seconds = clock.length === 5 ? `${clock}:00` : clock;
  const offset = zone.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, '$1:$2');
  return within(Date.parse(`${day}T${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}${offset}`));
}

function fromNumber(value: number): number | undefined {
  if (!(value > 0) || value === Number.POSITIVE_INFINITY) return undefined;
  if (value < 1e11) return within(Math.round(value * 1e3));
  if (value < 1e14) return within(Math.round(value));
  if (value < 1e17) return within(Math.round(value / 1e3));
  return within(Math.round(value / 1e6));
}

function within(time: number): number | undefined {
  return time >= EARLIEST && time < LATEST ? time : undefined;
}
