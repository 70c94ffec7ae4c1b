/** What one generation of the consumer group gave us: asks the pipeline where to begin, runs the lanes, hands them back. */
import type { Admin, Consumer } from 'kafkajs';
import type { KafkaConfig } from '../../config/schema.ts';
import type { SourceHandler } from '../../ports.ts';
import type { Failures } from '../failures.ts';
import type { Log } from '../log.ts';
import { pause } from '../timing.ts';
import { Lane } from './lane.ts';
import { byTopic, partitionName, type TopicPartition } from './names.ts';
import { type Start, startPositions } from './start-positions.ts';
import type { Subscription } from './subscription.ts';

/** Most bytes that wait between fetching and the pipeline, over all partitions. */
const QUEUE_BYTES = 64 * 1024 * 1024;
const LANE_BYTES = { least: 256 * 1024, most: 4 * 1024 * 1024 };

export interface AssignmentDeps {
  consumer: Pick<Consumer, 'pause' | 'resume' | 'seek' | 'commitOffsets'>;
  admin: Admin;
  handler: SourceHandler;
  group: string;
  from: KafkaConfig['from'];
  subscription: Pick<Subscription, 'formatOf' | 'isLate'>;
  log: Log;
  /** Failures in a row, over all assignments of the source. */
  failures: Failures;
  /** The source cannot go on. */
  onDead: (error: unknown) => void;
}

export class Assignment {
  readonly partitions: TopicPartition[];
  /** Lanes by partition name; empty until the positions are known. */
  lanes = new Map<string, Lane>();
  readonly #deps: AssignmentDeps;
  readonly #over = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #told = false;

  constructor(partitions: TopicPartition[], deps: AssignmentDeps) {
    this.partitions = partitions;
    this.#deps = deps;
  }

  /** Nothing is fetched from here on until the positions are set. Must run in the same tick in which kafkajs joined the group. */
  hold(): void {
    this.#deps.consumer.pause(byTopic(this.partitions));
  }

  /** Asks for the positions, seeks, and lets fetching begin. Retries while the assignment lasts. Never rejects. */
  begin(): Promise<void> {
    this.#work = this.#attempt();
    return this.#work;
  }

  /** The partitions are no longer ours: batches in hand are given up, and the pipeline is told. Safe to call twice. */
  async end(): Promise<void> {
    this.#over.abort();
    const lanes = [...this.lanes.values()].map((lane) => lane.end());
    await this.#work;
    await Promise.all(lanes);
    await this.#tellRevoked();
  }

  get over(): boolean {
    return this.#over.signal.aborted;
  }

  async #attempt(): Promise<void> {
    while (!this.over && this.partitions.length > 0) {
      try {
        await this.#start();
        return;
      } catch (error) {
        await this.#tellRevoked();
        await this.#backOff(error, 'taking over the partitions');
      }
    }
  }

  async #start(): Promise<void> {
    const { handler, admin, group, from, subscription, log } = this.#deps;
    const names = this.partitions.map(partitionName);
    this.#told = true;
    const wanted = await handler.assigned(names);
    if (this.over) return;
    const configured = { from, isLate: (topic: string) => subscription.isLate(topic) };
    const starts = await startPositions(admin, group, this.partitions, wanted, configured, log);
    if (this.over) return;
    this.#open(starts);
    await this.#remember(starts);
  }

  #open(starts: Map<string, Start>): void {
    const { consumer, subscription, handler } = this.#deps;
    const share = QUEUE_BYTES / this.partitions.length;
    const maxQueuedBytes = Math.min(Math.max(share, LANE_BYTES.least), LANE_BYTES.most);
    this.lanes = new Map();
    for (const at of this.partitions) {
      const name = partitionName(at);
      const start = starts.get(name);
      if (!start) continue;
      const lane = new Lane({
        name,
        at,
        format: subscription.formatOf(at.topic),
        start: start.position,
        maxQueuedBytes,
        handle: (batch, alive) => handler.batch(batch, alive),
        onRoom: () => this.#resume(lane),
        onDone: () => this.#deps.failures.reset(),
        onFailure: (error) => void this.#restart(error),
      });
      this.lanes.set(name, lane);
      consumer.seek({ ...at, offset: String(start.position) });
    }
    for (const [name, { position, skipped, high }] of starts) {
      // The pipeline waits for partitions that lag; one that holds nothing must say so, and a gap must be known at once.
      const caughtUp = position >= high;
      if (caughtUp || skipped > 0) this.#push(name, { records: [], next: position, caughtUp, skipped });
    }
    consumer.resume(byTopic(this.partitions));
  }

  #push(name: string, batch: { records: []; next: number; caughtUp: boolean; skipped: number }): void {
    const { skipped, ...rest } = batch;
    this.lanes.get(name)?.push(skipped > 0 ? batch : rest);
  }

  #resume(lane: Lane): void {
    if (this.over || lane.ended) return;
    lane.paused = false;
    this.#deps.consumer.resume([{ topic: lane.at.topic, partitions: [lane.at.partition] }]);
  }

  /** A start that is not the earliest is committed, so that a restart before the first checkpoint does not skip what came in between. */
  async #remember(starts: Map<string, Start>): Promise<void> {
    const offsets = this.partitions.flatMap((at) => {
      const start = starts.get(partitionName(at));
      return start?.remember ? [{ ...at, offset: String(start.position) }] : [];
    });
    if (offsets.length === 0) return;
    try {
      await this.#deps.consumer.commitOffsets(offsets);
    } catch (error) {
      this.#deps.log('warn', `could not commit the start positions: ${String(error)}`);
    }
  }

  /**
   * The pipeline refused a batch. What it did with the records since the last checkpoint is undone by beginning again from
   * there, without leaving the group.
   */
  async #restart(error: unknown): Promise<void> {
    if (this.over) return;
    this.hold();
    const ending = [...this.lanes.values()].map((lane) => lane.end());
    const before = this.#work;
    this.#work = (async () => {
      await before;
      await Promise.all(ending);
      await this.#tellRevoked();
      await this.#backOff(error, 'a batch');
      await this.#attempt();
    })();
    await this.#work;
  }

  async #backOff(error: unknown, what: string): Promise<void> {
    if (this.over) return;
    try {
      const delay = this.#deps.failures.delayAfter(error, what);
      this.#deps.log('warn', `${what} failed, trying again in ${delay} ms: ${String(error)}`);
      await pause(delay, this.#over.signal);
    } catch (dead) {
      this.#over.abort();
      this.#deps.onDead(dead);
    }
  }

  async #tellRevoked(): Promise<void> {
    if (!this.#told) return;
    this.#told = false;
    try {
      await this.#deps.handler.revoked(this.partitions.map(partitionName));
    } catch (error) {
      this.#deps.log('error', `handing back partitions failed: ${String(error)}`);
    }
  }
}
