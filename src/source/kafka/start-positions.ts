/** Where each newly assigned partition begins: checkpoint, else committed offset, else the configured start. */
import type { Admin } from 'kafkajs';
import type { KafkaConfig } from '../../config/schema.ts';
import type { Log } from '../log.ts';
import { byTopic, parsePartitionName, partitionName, type TopicPartition } from './names.ts';

/** A position that is not known: the earliest record, without calling it a gap. */
const SOMEWHERE = -1;

/** First and next offset that the log holds for readers (up to the last stable offset). */
export interface LogRange {
  low: number;
  high: number;
}

/** Where one partition begins. */
export interface Start {
  position: number;
  /** Records before `position` that were asked for and are gone. */
  skipped: number;
  /** The next offset of the log at that time: at or behind `position` when nothing is waiting. */
  high: number;
  /** True when this start is to be remembered as committed, since a later look would find another place. */
  remember: boolean;
}

/** By partition name, the range of the log. */
export async function logRanges(admin: Admin, partitions: TopicPartition[]): Promise<Map<string, LogRange>> {
  const ranges = new Map<string, LogRange>();
  for (const { topic, partitions: numbers } of byTopic(partitions)) {
    const wanted = new Set(numbers);
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      if (wanted.has(partition))
        ranges.set(partitionName({ topic, partition }), { low: Number(low), high: Number(high) });
    }
  }
  return ranges;
}

/** Where a partition begins that has neither checkpoint nor committed offset. */
export interface ConfiguredStart {
  /** A number is a time: at the first record that is not older. */
  from: KafkaConfig['from'];
  /** The topic was made after we had started: it is read from its beginning. */
  isLate: (topic: string) => boolean;
}

/**
 * The start of each partition. A position before the beginning of the log is a gap by retention and is counted; one behind
 * its end means that the topic was made anew or truncated: reading starts at its beginning.
 * @param wanted positions from the checkpoint, by partition name
 */
export async function startPositions(
  admin: Admin,
  group: string,
  partitions: TopicPartition[],
  wanted: Map<string, number>,
  configured: ConfiguredStart,
  log: Log,
): Promise<Map<string, Start>> {
  const ranges = await logRanges(admin, partitions);
  const unknown = partitions.filter((p) => !wanted.has(partitionName(p)));
  const committed = await committedOffsets(admin, group, unknown);
  const fresh = unknown.filter((p) => !committed.has(partitionName(p)));
  const first = await firstPositions(
    admin,
    fresh,
    new Set([...wanted.keys(), ...committed.keys()]),
    configured,
    ranges,
  );
  const starts = new Map<string, Start>();
  for (const partition of partitions) {
    const name = partitionName(partition);
    const { low, high } = ranges.get(name) ?? { low: 0, high: 0 };
    const known = wanted.get(name) ?? committed.get(name);
    if (known === undefined) {
      const position = first.get(name) ?? low;
      starts.set(name, { position, skipped: 0, high, remember: configured.from !== 'earliest' });
    } else if (known > high) {
      log(
        'error',
        `${name} ends at ${high}, before our position ${known}: the topic was made anew; reading it from ${low}`,
      );
      starts.set(name, { position: low, skipped: 0, high, remember: false });
    } else {
      const position = Math.max(known, low);
      starts.set(name, { position, skipped: known === SOMEWHERE ? 0 : position - known, high, remember: false });
    }
  }
  return starts;
}

/**
 * Positions of partitions that nobody has read. `latest` leaves out what was there before us, not what comes while we look: of a topic that
 * is late, or that has other partitions which we know, everything is new.
 */
async function firstPositions(
  admin: Admin,
  partitions: TopicPartition[],
  known: ReadonlySet<string>,
  { from, isLate }: ConfiguredStart,
  ranges: Map<string, LogRange>,
): Promise<Map<string, number>> {
  const positions = new Map<string, number>();
  if (from === 'earliest') return positions;
  const topicsKnown = new Set([...known].map((name) => parsePartitionName(name)?.topic));
  for (const { topic, partitions: numbers } of byTopic(partitions)) {
    if (from === 'latest' && (isLate(topic) || topicsKnown.has(topic))) continue;
    const byTime = from === 'latest' ? undefined : await offsetsAt(admin, topic, from);
    for (const partition of numbers) {
      const name = partitionName({ topic, partition });
      const end = ranges.get(name)?.high ?? 0;
      positions.set(name, Math.min(byTime?.get(partition) ?? end, end));
    }
  }
  return positions;
}

/** Per partition, the first offset whose record is not older than this time; behind the end when there is none. */
async function offsetsAt(admin: Admin, topic: string, time: number): Promise<Map<number, number>> {
  const found = await admin.fetchTopicOffsetsByTimestamp(topic, time);
  return new Map(found.map(({ partition, offset }) => [partition, Number(offset)]));
}

/** Without an entry: nothing was ever committed. kafkajs leaves a -2 behind when it fell back to the earliest offset. */
async function committedOffsets(
  admin: Admin,
  groupId: string,
  partitions: TopicPartition[],
): Promise<Map<string, number>> {
  const offsets = new Map<string, number>();
  if (partitions.length === 0) return offsets;
  const topics = byTopic(partitions).map(({ topic }) => topic);
  for (const { topic, partitions: found } of await admin.fetchOffsets({ groupId, topics })) {
    for (const { partition, offset } of found) {
      const position = Number(offset);
      if (position >= 0) offsets.set(partitionName({ topic, partition }), position);
      else if (position === -2) offsets.set(partitionName({ topic, partition }), SOMEWHERE);
    }
  }
  return offsets;
}
