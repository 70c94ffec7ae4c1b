/** Recent: what happened within a span of event time, oldest first. Bounded; the oldest is forgotten first. */

/** [event time, what, source id]. Plain JSON. */
export type Recent = [time: number, what: string, id: string][];

/** Longest `what` that is kept, in characters. */
const MAX_WHAT = 120;

/**
 * Notes that something happened now, and forgets what lies further back than the span.
 * @param span milliseconds of event time.
 * @param limit entries kept at most.
 * @example note(state.refused, observation.time, 'model:gpt-4o', observation.id, 10 * MINUTE, 64)
 */
export function note(recent: Recent, time: number, what: string, id: string, span: number, limit: number): void {
  recent.push([time, clipWhat(what), id]);
  prune(recent, time - span, limit);
}

/** Forgets what happened before `from`, and the oldest beyond the limit. */
export function prune(recent: Recent, from: number, limit: number): void {
  let old = Math.max(0, recent.length - limit);
  while (old < recent.length && (recent[old] as Recent[number])[0] < from) old++;
  if (old > 0) recent.splice(0, old);
}

/** What happened at `from` or later. */
export function since(recent: Recent, from: number): Recent {
  return recent.filter(([time]) => time >= from);
}

/** Each thing once, in the order of its first entry. */
export function distinct(recent: Recent): string[] {
  return [...new Set(recent.map(([, what]) => what))];
}

/** Source ids, each once, oldest first. */
export function idsOf(recent: Recent): string[] {
  return [...new Set(recent.map(([, , id]) => id))];
}

/** The form in which {@link note} keeps a name: at most 120 characters. */
export function clipWhat(what: string): string {
  return what.slice(0, MAX_WHAT);
}
