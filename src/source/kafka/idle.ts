/**
 * Watches lanes that have said nothing for a while: a partition that is read to its end must be reported as such, since the pipeline
 * waits for those that lag; one whose batch hangs in the pipeline without a sign of life makes the source dead, not idle.
 */
import type { Admin } from 'kafkajs';
import { NightjarError } from '../../errors.ts';
import type { Log } from '../log.ts';
import type { Lane } from './lane.ts';
import { logRanges } from './start-positions.ts';

/** A lane is asked after when nothing came for this long. */
const QUIET_MS = 500;

/**
 * Reports what the log holds for lanes that wait for records: an empty batch that is caught up when nothing is behind it, and a
 * gap when the log now begins later. This covers what no fetch tells: open transactions, records that retention took away.
 */
export async function reportQuietLanes(lanes: Iterable<Lane>, admin: Admin, log: Log): Promise<void> {
  const now = performance.now();
  const quiet = [...lanes].filter(
    (lane) => !lane.ended && !lane.caughtUp && !lane.busy && !lane.paused && now - lane.lastActive > QUIET_MS,
  );
  if (quiet.length === 0) return;
  const asked = new Map(quiet.map((lane) => [lane, lane.fetchNext]));
  const ranges = await logRanges(
    admin,
    quiet.map((lane) => lane.at),
  );
  for (const [lane, position] of asked) {
    const range = ranges.get(lane.name);
    // Something was fetched while we asked: the answer is out of date.
    if (!range || lane.ended || lane.busy || lane.fetchNext !== position) continue;
    const next = Math.max(position, range.low);
    const caughtUp = next >= range.high;
    if (next > position) log('error', `${lane.name}: ${next - position} records were deleted before they were read`);
    if (next > position) lane.push({ records: [], next, caughtUp, skipped: next - position });
    else if (caughtUp) lane.push({ records: [], next, caughtUp });
  }
}

/** @throws NightjarError `NJ_SOURCE_DEAD` when a batch in the pipeline gave no sign of life for `limitMs`. */
export function failStalledLanes(lanes: Iterable<Lane>, limitMs: number): void {
  for (const lane of lanes) {
    const silence = performance.now() - lane.lastActive;
    if (!lane.busy || lane.ended || silence < limitMs) continue;
    throw new NightjarError(
      'NJ_SOURCE_DEAD',
      `a batch of ${lane.name} gave no sign of life for ${Math.round(silence / 1000)} s`,
      { hint: 'the process ends so that another one takes over; nothing was committed' },
    );
  }
}
