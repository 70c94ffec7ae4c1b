/** One life of a kafkajs consumer, from connecting to the end: turns its events into assignments, and its fetches into batches. */
import type { Admin, Batch, Consumer, ConsumerGroupJoinEvent, EachBatchPayload, Kafka } from 'kafkajs';
import { settledWithin } from '../timing.ts';
import { Assignment, type AssignmentDeps } from './assignment.ts';
import { fetchBegins } from './codecs.ts';
import { failStalledLanes, reportQuietLanes } from './idle.ts';
import { type Lag, lagByTopic } from './lag.ts';
import type { Lane } from './lane.ts';
import { partitionName, type TopicPartition } from './names.ts';
import { toRecords } from './records.ts';

export interface SessionOptions extends Omit<AssignmentDeps, 'consumer' | 'onDead'> {
  kafka: Kafka;
  admin: Admin;
  topics: string[];
  sessionTimeoutMs: number;
  /** A batch in the pipeline may be silent (no `alive`) for this long. */
  stallMs: number;
  onConnected: (connected: boolean) => void;
  /** Told every few seconds. */
  onLag: (lag: Lag) => void;
}

const HEARTBEAT_MS = 3_000;
/** Fetches that come back with nothing hold up lanes that have room again for at most this long. */
const FETCH_WAIT_MS = 200;
const CHECK_MS = 500;
const LAG_MS = 5_000;
const HAND_BACK_MS = 10_000;
const DISCONNECT_MS = 10_000;

export class Session {
  readonly #options: SessionOptions;
  readonly #consumer: Consumer;
  #current: Assignment | undefined;
  /** Assignments begin and end one after the other, however fast the group rebalances. */
  #turn: Promise<void> = Promise.resolve();
  #lastHeartbeat = performance.now();
  /** The check that runs now. */
  #checking: Promise<void> | undefined;
  #lagAsked = Number.NEGATIVE_INFINITY;
  #closed = false;
  #settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#consumer = options.kafka.consumer({
      groupId: options.group,
      sessionTimeout: options.sessionTimeoutMs,
      heartbeatInterval: Math.min(HEARTBEAT_MS, Math.floor(options.sessionTimeoutMs / 3)),
      metadataMaxAge: 60_000,
      allowAutoTopicCreation: false,
      maxBytes: 8 * 1024 * 1024,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      // How a crash goes on is decided by the source, which makes a new session: one place, and no restart behind its back.
      retry: { retries: 4, initialRetryTime: 200, maxRetryTime: 5_000, restartOnFailure: async () => false },
    });
  }

  /** Resolves when `stop` was called; rejects with whatever ended the consumer. The group is left in either case. */
  async run(): Promise<void> {
    const ended = new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    ended.catch(() => {});
    this.#listen();
    let timer: NodeJS.Timeout | undefined;
    try {
      await this.#consumer.connect();
      // Always from the beginning: with the other setting kafkajs jumps to the end when retention overtakes us.
      await this.#consumer.subscribe({ topics: this.#options.topics, fromBeginning: true });
      await this.#consumer.run({ autoCommit: false, eachBatch: (payload) => this.#take(payload) });
      timer = setInterval(() => this.#check(), CHECK_MS);
      await ended;
    } finally {
      clearInterval(timer);
      this.#closed = true;
      this.#options.onConnected(false);
      // Before leaving the group, and while the partitions still count as ours: what the pipeline commits while it hands back is kept.
      // One that hangs is not waited for.
      await settledWithin(this.#switch(this.#current, undefined), HAND_BACK_MS);
      this.#current = undefined;
      // What still asks the broker when its connections are closed would open them again.
      if (this.#checking) await settledWithin(this.#checking, HAND_BACK_MS);
      await settledWithin(this.#consumer.disconnect(), DISCONNECT_MS);
    }
  }

  stop(): void {
    this.#settle?.resolve();
  }

  /** @param offsets of partitions; those that are not ours now are left out. */
  async commit(offsets: (TopicPartition & { offset: string })[]): Promise<void> {
    const ours = offsets.filter((at) => this.#current?.lanes.has(partitionName(at)));
    if (ours.length > 0) await this.#consumer.commitOffsets(ours);
  }

  #listen(): void {
    const { events } = this.#consumer;
    this.#consumer.on(events.GROUP_JOIN, (event) => this.#joined(event));
    this.#consumer.on(events.REBALANCING, () => {
      const last = this.#current;
      this.#current = undefined;
      void this.#switch(last, undefined);
    });
    this.#consumer.on(events.HEARTBEAT, () => {
      this.#lastHeartbeat = performance.now();
      this.#options.onConnected(true);
    });
    this.#consumer.on(events.FETCH_START, () => fetchBegins());
    this.#consumer.on(events.END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0)
        this.#passOver(payload, Number(payload.lastOffset) + 1, Number(payload.highWatermark));
    });
    this.#consumer.on(events.CRASH, ({ payload }) => this.#settle?.reject(payload.error));
  }

  /** Runs in the tick of the join, before kafkajs fetches anything: the pause in `hold` closes the gap until positions are known. */
  #joined({ payload }: ConsumerGroupJoinEvent): void {
    if (this.#closed) return;
    const partitions = Object.entries(payload.memberAssignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => ({ topic, partition })),
    );
    const { log } = this.#options;
    log('info', `joined group ${payload.groupId} with ${partitions.length} partitions`, {
      partitions: partitions.length,
    });
    const last = this.#current;
    const next = new Assignment(partitions, {
      ...this.#options,
      consumer: quiet(this.#consumer),
      onDead: (error) => this.#settle?.reject(error),
    });
    this.#current = next;
    next.hold();
    this.#lastHeartbeat = performance.now();
    this.#options.onConnected(true);
    void this.#switch(last, next);
  }

  #switch(last: Assignment | undefined, next: Assignment | undefined): Promise<void> {
    const ending = last?.end();
    this.#turn = this.#turn.then(async () => {
      await ending;
      if (next && !next.over) await next.begin();
    });
    return this.#turn;
  }

  /** Puts a fetched batch into its lane and returns at once, so that the next fetch can begin. Never throws. */
  async #take({ batch }: EachBatchPayload): Promise<void> {
    const lane = this.#lane(batch);
    if (!lane) return;
    const { log } = this.#options;
    const high = Number(batch.highWatermark);
    const fetched = fetchedOffset(batch);
    const expected = lane.fetchNext;
    if (fetched < expected && high >= expected) {
      this.#consumer.seek({ ...lane.at, offset: String(expected) });
      return;
    }
    if (fetched < expected) {
      log(
        'error',
        `${lane.name} ends at ${high}, before our position ${expected}: the topic was made anew; reading it from ${fetched}`,
      );
    }
    // kafkajs asks for exactly the offset behind the last one it got, so a later one means that the broker called ours out of range:
    // retention or deletion. Offsets missing inside a batch are compaction, aborted records or transaction markers: no loss.
    const skipped = Math.max(0, fetched - expected);
    if (skipped > 0) log('error', `${lane.name}: ${skipped} records were deleted before they were read`);
    const { records, bytes } = toRecords(batch.messages, fetched);
    const next = Number(batch.lastOffset()) + 1;
    lane.push({ records, next, caughtUp: next >= high, ...(skipped > 0 ? { skipped } : {}) }, bytes);
    if (lane.full) {
      lane.paused = true;
      this.#consumer.pause([{ topic: lane.at.topic, partitions: [lane.at.partition] }]);
    }
  }

  /** A fetch that held only transaction markers or aborted records: it moves the position and may reach the end. */
  #passOver(at: TopicPartition, next: number, high: number): void {
    const lane = this.#lane(at);
    if (lane && next > lane.fetchNext) lane.push({ records: [], next, caughtUp: next >= high });
  }

  #lane(at: TopicPartition): Lane | undefined {
    const lane = this.#current?.lanes.get(partitionName(at));
    return lane && !lane.ended ? lane : undefined;
  }

  #check(): void {
    if (performance.now() - this.#lastHeartbeat > this.#options.sessionTimeoutMs) this.#options.onConnected(false);
    const lanes = this.#current?.lanes.values();
    if (!lanes || this.#checking || this.#closed) return;
    this.#checking = this.#checkLanes([...lanes]).finally(() => {
      this.#checking = undefined;
    });
  }

  async #checkLanes(lanes: Lane[]): Promise<void> {
    try {
      failStalledLanes(lanes, this.#options.stallMs);
      await reportQuietLanes(lanes, this.#options.admin, this.#options.log);
      if (!this.#closed) await this.#reportLag(lanes);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'NJ_SOURCE_DEAD') this.#settle?.reject(error);
      else this.#options.log('debug', `could not ask for the end of the partitions: ${String(error)}`);
    }
  }

  async #reportLag(lanes: readonly Lane[]): Promise<void> {
    // Between two assignments there are none; that is no lag of nothing.
    if (lanes.length === 0 || performance.now() - this.#lagAsked < LAG_MS) return;
    this.#lagAsked = performance.now();
    this.#options.onLag(await lagByTopic(lanes, this.#options.admin));
  }
}

/** The offset that the fetch asked for; kafkajs keeps it on the batch and leaves it out of its types. */
function fetchedOffset(batch: Batch): number {
  const { fetchedOffset: offset } = batch as Batch & { fetchedOffset?: string };
  return Number(offset ?? batch.messages[0]?.offset);
}

/** Pause and resume throw while the consumer is going down; then there is nothing to pause. */
function quiet(consumer: Consumer): AssignmentDeps['consumer'] {
  const unless = (act: () => void) => {
    try {
      act();
    } catch {
      // The crash itself is reported by the consumer.
    }
  };
  return {
    pause: (topics) => unless(() => consumer.pause(topics)),
    resume: (topics) => unless(() => consumer.resume(topics)),
    seek: (at) => consumer.seek(at),
    commitOffsets: (offsets) => consumer.commitOffsets(offsets),
  };
}
