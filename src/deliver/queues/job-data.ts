/** Job data as every backend can keep it, and the rules for job ids. */
import { NightjarError } from '../../errors.ts';

/** JSON escapes that PostgreSQL's jsonb refuses: NUL and half surrogates. Both may come from a hostile log. */
const REFUSED = /\\u(?:0000|d[89a-f])/i;

interface Wrapped {
  wrapped_json: string;
}

/** The data itself; as JSON text inside an object only where a backend would refuse the data. */
export function encodeData(data: unknown): unknown {
  const json = JSON.stringify(data);
  return REFUSED.test(json) ? ({ wrapped_json: json } satisfies Wrapped) : data;
}

export function decodeData<T>(stored: unknown): T {
  const text = (stored as Partial<Wrapped> | null)?.wrapped_json;
  return (typeof text === 'string' ? JSON.parse(text) : stored) as T;
}

/** Keys that BullMQ itself keeps beside the jobs of a Redis queue: a job of that name would overwrite them. */
const TAKEN = new Set(
  'active,wait,waiting-children,paused,id,delayed,prioritized,stalled-check,completed,failed,stalled,repeat,limiter,meta,events,pc,marker,de,priority,metrics'.split(
    ',',
  ),
);

/**
 * BullMQ builds its keys with `:`, counts in numbers and keeps some names for itself; said here clearly and the same for all backends.
 * @throws NightjarError `NJ_INTERNAL`
 */
export function checkId(id: string): void {
  if (id !== '' && !id.includes(':') && !/^\d+$/.test(id) && !TAKEN.has(id)) return;
  throw new NightjarError('NJ_INTERNAL', `not a job id: ${JSON.stringify(id)}`, {
    hint: 'it must have no ":", be neither empty nor all digits, and not be a name that BullMQ uses itself',
  });
}
