/** Ids for records that have none of their own. */
import { sha256 } from './identity.ts';

/** `rec-` and 32 hex characters over the compact JSON of the unit, so that the same call has one id however it was framed. */
export function recordId(unit: unknown, ...also: (string | number | undefined)[]): string {
  const text = JSON.stringify(unit);
  return `rec-${sha256(also.length === 0 ? text : `${text}${JSON.stringify(also)}`).slice(0, 32)}`;
}
