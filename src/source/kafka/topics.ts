/** Topics: which exist, and making the ones that are ours. */
import type { Admin, ITopicConfig } from 'kafkajs';

/** Those of the topics that exist. Never creates one. */
export async function existingTopics(admin: Admin, wanted: string[]): Promise<string[]> {
  const all = new Set(await admin.listTopics());
  return wanted.filter((topic) => all.has(topic));
}

/**
 * Makes the topic when it is missing; the broker's default replication factor. Two processes may try at once.
 * @throws the kafkajs error when it may not be made, or does not show up within 15 s.
 */
export async function ensureTopic(admin: Admin, topic: ITopicConfig): Promise<void> {
  if ((await existingTopics(admin, [topic.topic])).length > 0) return;
  await admin.createTopics({ topics: [topic], waitForLeaders: true, timeout: 15_000 });
}
