/** Kafka as a source: a consumer group whose offsets are committed after the pipeline's checkpoint, and that never stops silently. */
import type { Admin, Kafka } from 'kafkajs';
import type { KafkaConfig } from '../config/schema.ts';
import { describeError, NightjarError } from '../errors.ts';
import type { Source, SourceHandler } from '../ports.ts';
import { Failures } from './failures.ts';
import { kafkaClient } from './kafka/client.ts';
import { kafkaError, kafkaFailure } from './kafka/errors.ts';
import type { Lag } from './kafka/lag.ts';
import { parsePartitionName } from './kafka/names.ts';
import { Session } from './kafka/session.ts';
import { Subscription, type SubscriptionConfig } from './kafka/subscription.ts';
import { type Log, silent } from './log.ts';
import { pause, settledWithin } from './timing.ts';

export interface KafkaSourceOptions {
  log?: Log;
  /** Told on each change: connected is being a member of the group with working heartbeats. For /health. */
  onState?: (state: 'connected' | 'disconnected') => void;
  /** Told every few seconds how many offsets of each topic are not taken in yet. */
  onLag?: (lag: Lag) => void;
  /** How long a batch may be in the pipeline without a call of `alive`; default twice the session timeout, at least 60 s. */
  stallMs?: number;
}

type SourceConfig = Pick<
  KafkaConfig,
  'brokers' | 'clientId' | 'group' | 'topics' | 'from' | 'ssl' | 'sasl' | 'sessionTimeoutMs'
> &
  SubscriptionConfig;

/** How often topics that do not exist yet are looked for. */
const TOPIC_POLL_MS = 3_000;
const WATCH_END_MS = 5_000;
const MAX_RETRY_MS = 10_000;
/** Crashes in a row, without a batch between them, that are not the network's: then the source is dead. */
const MAX_CRASHES = 8;

/**
 * Reads the configured topics as one member of the group. Partition names are `topic/number`, positions are offsets.
 * - An unreachable broker and a missing topic are waited for, with a warning each time.
 * - A refusal (password, rights) rejects with `NJ_REFUSED`; a consumer that cannot go on with `NJ_SOURCE_DEAD`.
 * - Records whose batch cannot be decompressed arrive with `fault` set.
 */
export class KafkaSource implements Source {
  readonly #config: SourceConfig;
  readonly #log: Log;
  readonly #options: KafkaSourceOptions;
  readonly #stopping = new AbortController();
  readonly #failures = new Failures();
  readonly #subscription: Subscription;
  #session: Session | undefined;
  #running: Promise<void> | undefined;
  #connected = false;
  #crashes = 0;

  constructor(config: SourceConfig, options: KafkaSourceOptions = {}) {
    this.#config = config;
    this.#options = options;
    this.#subscription = new Subscription(config);
    this.#log = options.log ?? silent;
  }

  run(handler: SourceHandler): Promise<void> {
    this.#running ??= this.#run(handler);
    return this.#running;
  }

  async commit(positions: Map<string, number>): Promise<void> {
    const offsets = [...positions].flatMap(([name, position]) => {
      const at = parsePartitionName(name);
      return at ? [{ ...at, offset: String(position) }] : [];
    });
    try {
      await this.#session?.commit(offsets);
    } catch (error) {
      // The group moved on, or the broker is away: the checkpoint holds the same positions, and the next commit repeats them.
      this.#log('warn', `could not commit offsets: ${describeError(error)}`);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#session?.stop();
    await this.#running?.catch(() => {});
  }

  async #run(handler: SourceHandler): Promise<void> {
    const kafka = kafkaClient(this.#config, this.#log);
    for (let attempt = 0; !this.#stopping.signal.aborted; attempt++) {
      // One for each session: an admin that was asked about a topic which is then deleted fails at everything.
      const admin = kafka.admin();
      try {
        const topics = await this.#findTopics(admin);
        if (topics.length === 0) break;
        await this.#consume(kafka, admin, topics, handler, () => {
          attempt = 0;
        });
      } catch (error) {
        await this.#retryOrDie(error, attempt);
      } finally {
        await admin.disconnect().catch(() => {});
      }
    }
  }

  /** Waits until at least one topic exists. Empty when stopped. */
  async #findTopics(admin: Admin): Promise<string[]> {
    await admin.connect();
    let warned = '';
    while (!this.#stopping.signal.aborted) {
      const found = this.#subscription.choose(await admin.listTopics());
      const missing = this.#subscription.missing(found).join(', ');
      if (missing && missing !== warned) this.#log('warn', `topic ${missing} does not exist yet: waiting for it`);
      warned = missing;
      if (found.length > 0) return found;
      await pause(TOPIC_POLL_MS, this.#stopping.signal);
    }
    return [];
  }

  async #consume(
    kafka: Kafka,
    admin: Admin,
    topics: string[],
    handler: SourceHandler,
    onJoined: () => void,
  ): Promise<void> {
    const { group, from, sessionTimeoutMs } = this.#config;
    const session = new Session({
      kafka,
      admin,
      topics,
      group,
      from,
      sessionTimeoutMs,
      stallMs: this.#options.stallMs ?? Math.max(60_000, 2 * sessionTimeoutMs),
      subscription: this.#subscription,
      handler: this.#watched(handler),
      log: this.#log,
      failures: this.#failures,
      onConnected: (connected) => {
        if (connected) onJoined();
        this.#setConnected(connected);
      },
      onLag: (lag) => this.#options.onLag?.(lag),
    });
    this.#session = session;
    const watching = this.#watchForTopics(admin, topics, session);
    try {
      await session.run();
    } finally {
      this.#session = undefined;
      await watching.end();
    }
  }

  #watched(handler: SourceHandler): SourceHandler {
    return {
      assigned: (partitions) => handler.assigned(partitions),
      revoked: (partitions) => handler.revoked(partitions),
      batch: async (batch, alive) => {
        await handler.batch(batch, alive);
        this.#crashes = 0;
      },
    };
  }

  /** Ends the session when another topic to read shows up, or one goes: the next one subscribes to those that are there. */
  #watchForTopics(admin: Admin, subscribed: string[], session: Session): { end(): Promise<unknown> } {
    const over = new AbortController();
    const watch = async () => {
      while (!over.signal.aborted) {
        await pause(TOPIC_POLL_MS, over.signal);
        // An admin that is asked after its end connects again, and stays so.
        if (over.signal.aborted) return;
        const topics = await admin.listTopics().then(
          (existing) => this.#subscription.choose(existing),
          () => subscribed,
        );
        const added = topics.filter((topic) => !subscribed.includes(topic));
        const gone = subscribed.filter((topic) => !topics.includes(topic));
        if (over.signal.aborted || added.length + gone.length === 0) continue;
        if (added.length > 0) this.#log('info', `topic ${added.join(', ')} exists now`);
        if (gone.length > 0) this.#log('warn', `topic ${gone.join(', ')} was deleted`);
        session.stop();
        return;
      }
    };
    const watching = watch();
    return {
      end() {
        over.abort();
        return settledWithin(watching, WATCH_END_MS);
      },
    };
  }

  /** Waits before the next session, or throws when there is to be none. */
  async #retryOrDie(error: unknown, attempt: number): Promise<void> {
    this.#setConnected(false);
    if (this.#stopping.signal.aborted) return;
    if (error instanceof NightjarError && error.code === 'NJ_SOURCE_DEAD') throw error;
    const kind = kafkaFailure(error);
    const reported = kafkaError(error, 'reading', this.#config.brokers);
    if (kind === 'refused') throw reported;
    if (kind !== 'unreachable') this.#crashes += 1;
    if (kind === 'fatal' || this.#crashes >= MAX_CRASHES) {
      throw new NightjarError('NJ_SOURCE_DEAD', `the Kafka consumer stopped for good: ${describeError(reported)}`, {
        cause: error,
      });
    }
    const delay = Math.min(500 * 2 ** attempt, MAX_RETRY_MS);
    this.#log('warn', `${describeError(reported)}; trying again in ${delay} ms`);
    await pause(delay, this.#stopping.signal);
  }

  #setConnected(connected: boolean): void {
    if (this.#connected === connected) return;
    this.#connected = connected;
    this.#options.onState?.(connected ? 'connected' : 'disconnected');
  }
}
