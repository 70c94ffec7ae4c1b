/** Which topics of a cluster are read, in which format, and which of them appeared only after we had looked for the first time. */

import { namePattern } from '../../config/pattern.ts';
import type { KafkaConfig } from '../../config/schema.ts';

export type SubscriptionConfig = Pick<KafkaConfig, 'topics'> &
  Partial<Pick<KafkaConfig, 'deadLetterTopic' | 'checkpointTopic'>>;

/** Kafka's own topics, and ours under their default names: another Nightjar may write them. */
const INTERNAL = /^(?:__|nightjar\.)/;

export class Subscription {
  readonly #named: Map<string, string>;
  readonly #patterns: { fits: (topic: string) => boolean; format: string; text: string }[];
  readonly #own: Set<string | undefined>;
  /** Topics that existed when the cluster was first asked; undefined before that. */
  #old: Set<string> | undefined;
  #late = new Set<string>();

  constructor({ topics, deadLetterTopic, checkpointTopic }: SubscriptionConfig) {
    this.#named = new Map(topics.flatMap(({ topic, format }) => (topic === undefined ? [] : [[topic, format]])));
    this.#patterns = topics.flatMap(({ pattern, format }) =>
      pattern === undefined ? [] : [{ fits: namePattern(pattern), format, text: pattern }],
    );
    this.#own = new Set([deadLetterTopic, checkpointTopic]);
  }

  /** Told of every topic that exists now; returns those to read, in order. */
  choose(existing: Iterable<string>): string[] {
    const all = [...new Set(existing)].sort();
    this.#old ??= new Set(all);
    for (const topic of all) if (!this.#old.has(topic)) this.#late.add(topic);
    return all.filter((topic) => this.#named.has(topic) || this.#pattern(topic) !== undefined);
  }

  /** What is waited for: named topics that are not among these, and patterns, written `/pattern/`, that none of these fits. */
  missing(found: readonly string[]): string[] {
    return [
      ...[...this.#named.keys()].filter((topic) => !found.includes(topic)),
      ...this.#patterns.filter(({ fits }) => !found.some(fits)).map(({ text }) => `/${text}/`),
    ];
  }

  formatOf(topic: string): string {
    return this.#named.get(topic) ?? this.#pattern(topic)?.format ?? 'auto';
  }

  /** The topic was made after we had started: all of it is to be read. */
  isLate(topic: string): boolean {
    return this.#late.has(topic);
  }

  #pattern(topic: string): { format: string } | undefined {
    if (INTERNAL.test(topic) || this.#own.has(topic)) return undefined;
    return this.#patterns.find(({ fits }) => fits(topic));
  }
}
