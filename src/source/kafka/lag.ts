/** How far the pipeline is behind the end of the log, per topic. */
import type { Admin } from 'kafkajs';
import type { Lane } from './lane.ts';
import { logRanges } from './start-positions.ts';

/** Offsets between what the pipeline has taken in and the end of the log, by topic, over the partitions that are ours. */
export type Lag = ReadonlyMap<string, number>;

/** Asks the broker for the ends, since a partition that waits is not fetched from. Transaction markers and compacted records count. */
export async function lagByTopic(lanes: readonly Lane[], admin: Admin): Promise<Lag> {
  const ranges = await logRanges(
    admin,
    lanes.map(({ at }) => at),
  );
  const lag = new Map<string, number>();
  for (const { at, name, handled } of lanes) {
    const behind = Math.max(0, (ranges.get(name)?.high ?? handled) - handled);
    lag.set(at.topic, (lag.get(at.topic) ?? 0) + behind);
  }
  return lag;
}
