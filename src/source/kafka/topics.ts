/** Making the topics that are ours. */
import type { Admin, ITopicConfig } from 'kafkajs';

/**
 * Makes the topic when it is missing; the broker's default replication factor. Two processes may try at once.
 * @throws the kafkajs error when it may not be made, or does not show up within 15 s.
 */
export async function ensureTopic(admin: Admin, topic: ITopicConfig): Promise<void> {
  if ((await admin.listTopics()).includes(topic.topic)) return;
  await admin.createTopics({ topics: [topic], waitForLeaders: true, timeout: 15_000 });
}
