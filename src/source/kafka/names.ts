/** Names of Kafka partitions as the rest of the program knows them: `topic/3`. */

/** One partition of a topic. */
export interface TopicPartition {
  topic: string;
  partition: number;
}

/** `{topic: 'calls', partition: 3}` to `calls/3`. */
export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

/** `calls/3` to its parts; undefined when it is no such name. Topic names hold no slash. */
export function parsePartitionName(name: string): TopicPartition | undefined {
  const match = /^([^/]+)\/(\d+)$/.exec(name);
  return match?.[1] && match[2] ? { topic: match[1], partition: Number(match[2]) } : undefined;
}

/** Groups by topic, in order of first appearance. */
export function byTopic(partitions: TopicPartition[]): { topic: string; partitions: number[] }[] {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  return [...topics].map(([topic, numbers]) => ({ topic, partitions: numbers }));
}
