/** The seams: what the pipeline asks of the outside world. Each port has one contract suite that every adapter passes. */
import type { Alert, Incident, Severity } from './model/finding.ts';
import type { ResponseRecord, Target } from './model/response.ts';

/** Bytes from Kafka, a file, stdin or HTTP. May hold many calls. Never trusted. */
export interface RawRecord {
  /** Null is a tombstone. */
  value: Uint8Array | null;
  /** Position in its partition; the next one to read is greater. */
  position: number;
  /** The record's own time, epoch milliseconds, where the carrier has one. */
  time?: number;
  /** Lower-case names; values as UTF-8 text. */
  headers?: Record<string, string>;
  /** Why the source itself could not decode it: to be dead-lettered with this reason. `value` then holds what could be had. */
  fault?: string;
}

export interface RecordBatch {
  /** Stable name of the stream this came from: `topic/3`, a file's path, `intake`. */
  partition: string;
  /** Format fixed for this stream, or `auto`. */
  format: string;
  records: RawRecord[];
  /** Position to read next after this batch. */
  next: number;
  /** True when nothing more was waiting behind this batch when it was read: the partition does not hold event time back. */
  caughtUp: boolean;
  /** Records that the source could not deliver (retention, compaction): counted as a gap. */
  skipped?: number;
}

/** What the pipeline does with records. */
export interface SourceHandler {
  /**
   * Partitions are now ours. Returns the position to read from per partition (from a checkpoint); a partition that is
   * absent starts where the source says (its own committed position, else its configured start).
   */
  assigned(partitions: string[]): Promise<Map<string, number>>;
  /** Partitions are no longer ours. */
  revoked(partitions: string[]): Promise<void>;
  /**
   * Resolves when every output of the batch is durably accepted. `alive` must be called between slices of work and while
   * waiting; it throws when the batch no longer belongs to us, and then the batch is given up.
   */
  batch(batch: RecordBatch, alive: () => Promise<void>): Promise<void>;
}

export interface Source {
  /** Reads until the input ends (files), `stop` is called, or the source dies; rejects with `NJ_SOURCE_DEAD` in the last case. */
  run(handler: SourceHandler): Promise<void>;
  /** The pipeline holds a checkpoint at these positions: nothing before them will be asked for again. */
  commit(positions: Map<string, number>): Promise<void>;
  stop(): Promise<void>;
}

/** A record that could not be evaluated. */
export interface DeadLetter {
  partition: string;
  position: number;
  reason: string;
  /** What its first 1,024 bytes look like, without what they say. */
  shape: string;
  bytes: number;
}

export interface DeadLetters {
  /** Resolves when they are durable. Writing one again (same partition and position) has no second effect where the sink can tell. */
  put(letters: DeadLetter[]): Promise<void>;
}

export interface Job<T> {
  /** Idempotency key: adding it again while the queue remembers it has no effect. No `:`; not all digits. */
  id: string;
  data: T;
}

export interface QueueCounts {
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
  completed: number;
}

export interface Queue<T> {
  /** Resolves when the queue has durably accepted all jobs; rejects with `NJ_TIMEOUT` after 5 s. Never hangs. */
  add(jobs: Job<T>[]): Promise<void>;
  counts(): Promise<QueueCounts>;
  /** Jobs in any of these states, oldest first, at most `limit`. For people and tests. */
  list(states: (keyof QueueCounts)[], limit: number): Promise<Job<T>[]>;
  close(): Promise<void>;
}

/** Why a job should wait: the far side asked for it (429 with Retry-After). Not counted as an attempt. */
export class RetryLater extends Error {
  readonly afterMs: number;
  constructor(afterMs: number, message: string) {
    super(message);
    this.name = 'RetryLater';
    this.afterMs = afterMs;
  }
}

/** A failure that no further attempt can mend: the job fails at once. */
export class GiveUp extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'GiveUp';
  }
}

export interface WorkerOptions {
  concurrency?: number;
  /** Attempts before a job has failed for good; default 8, exponential back-off with jitter from 500 ms. */
  attempts?: number;
  /** Told once when a job failed for good. */
  onFailed?: (job: Job<unknown>, error: Error) => void;
}

export interface Queues {
  queue<T>(name: 'alerts' | 'responses'): Queue<T>;
  /** Runs `handle` for each job, at least once. Throw `RetryLater` to wait, `GiveUp` to fail at once, anything else to be tried again. */
  work<T>(
    name: 'alerts' | 'responses',
    handle: (job: Job<T>) => Promise<void>,
    options?: WorkerOptions,
  ): Promise<Worker>;
  close(): Promise<void>;
}

export interface Worker {
  /** Waits for jobs in hand, at most 10 s. */
  close(): Promise<void>;
}

/** Everything detect knows at one place in the input. `positions` are the next to read; written and read as one whole. */
export interface Checkpoint {
  positions: Map<string, number>;
  /** Version of the layout of `body`; a checkpoint of an unknown version is not loaded. */
  version: number;
  body: Uint8Array;
}

export interface Checkpoints {
  /** The newest complete one of this shard. */
  load(shard: string): Promise<Checkpoint | undefined>;
  /** Atomic: after a crash either this one or the one before is found whole. */
  save(shard: string, checkpoint: Checkpoint): Promise<void>;
  close(): Promise<void>;
}

export interface AlertQuery {
  detector?: string;
  severity?: Severity;
  entity?: string;
  /** Newest first; default 100. */
  limit?: number;
}

/** Where analysts look: alerts (immutable per revision), incidents (newest version wins), responses. */
export interface Store {
  /** Creates what it needs (templates, tables); idempotent. */
  setup(): Promise<void>;
  /** Writing the same id and revision again has no effect. */
  putAlert(alert: Alert): Promise<void>;
  /** An older version never overwrites a newer one. */
  putIncident(incident: Incident): Promise<void>;
  /** The last write of an id wins: a run that is tried again replaces its record. */
  putResponse(record: ResponseRecord): Promise<void>;
  findAlerts(query: AlertQuery): Promise<Alert[]>;
  /** The newest revision, or undefined. */
  getAlert(id: string): Promise<Alert | undefined>;
  getIncident(id: string): Promise<Incident | undefined>;
  close(): Promise<void>;
}

/** Slack, PagerDuty, a webhook. Throws `RetryLater` when the far side asks to wait. */
export interface Notifier {
  readonly name: string;
  notify(alert: Alert, incident: Incident): Promise<void>;
}

/**
 * What has been done to the world, so that it is done once. A row outlives the process; `key` is made of incident, action, target.
 */
export interface Effects {
  /**
   * Claims the effect. `new`: go on · `done`: it happened, do not repeat · `unknown`: an earlier try began and never reported: look at
   * the target's state before going on.
   */
  begin(key: string, detail: { action: string; target: Target }): Promise<'new' | 'done' | 'unknown'>;
  complete(key: string): Promise<void>;
  /** The try failed before any effect: the next begin is `new`. */
  abandon(key: string): Promise<void>;
  /**
   * Distinct targets with an effect completed since this time (epoch ms), for the limit per hour.
   * @param actions count effects of these actions only; default all
   */
  countSince(time: number, actions?: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

/** One way to change something outside. */
export interface Action {
  readonly id: string;
  readonly targets: readonly Target['kind'][];
  /** How far it goes: `contain` cuts something off · `throttle` slows it · `notify` changes nothing but tells somebody. */
  readonly strength: 'contain' | 'throttle' | 'notify';
  /** The action that undoes it, or null with the reason in `describe`. */
  readonly inverse: string | null;
  readonly describe: string;
  /** Rights that its credential needs at the far side. */
  readonly permissions: readonly string[];
  /** True when the target is already in the wanted state: nothing to do. */
  holds(target: Target, alert: Alert): Promise<boolean>;
  run(target: Target, alert: Alert, effect: string): Promise<void>;
}

export interface SpoolEntry {
  value: Uint8Array;
  format: string;
  /** When it arrived, epoch milliseconds: read again, a record has the same. Absent in what an earlier version kept. */
  time?: number;
}

/** Records taken in over HTTP, kept until the pipeline's checkpoint has passed them. */
export interface Spool {
  /** Resolves with the last position when all are durable. */
  append(values: SpoolEntry[]): Promise<number>;
  read(from: number, limit: number): Promise<(SpoolEntry & { position: number })[]>;
  /** Records before this position may be forgotten. */
  trim(position: number): Promise<void>;
}
