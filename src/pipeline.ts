/** The pipeline: reads batches, decodes, scans, detects, hands outputs on, and only then moves its position. The order of work of the whole house. */

import { ENGINE_VERSION, Engine, type EngineHooks, type Installed, type Raised } from './engine.ts';
import { describeError, NightjarError } from './errors.ts';
import type { ClientRule, Format } from './format/contract.ts';
import { type Decoded, decode } from './format/decode.ts';
import { shapeOf } from './format/shape.ts';
import type { Event } from './model/event.ts';
import type { Observation } from './model/observation.ts';
import type { Checkpoints, DeadLetter, DeadLetters, RawRecord, RecordBatch, SourceHandler } from './ports.ts';
import type { Scanner } from './scan/scan.ts';

/** What the pipeline counts. Each record ends exactly one way. */
export interface PipelineHooks extends EngineHooks {
  read?: (partition: string, records: number) => void;
  decoded?: (decoded: Decoded, partition: string) => void;
  scanned?: (observation: Observation, partition: string) => void;
  dead?: (letter: DeadLetter) => void;
  gap?: (partition: string, records: number) => void;
  checkpointed?: (bytes: number, positions: Map<string, number>) => void;
  /** An output could not be handed on yet; it is tried again until it is. */
  waiting?: (error: unknown) => void;
}

export interface PipelineOptions {
  tenant: string;
  installed: Installed[];
  /** Formats of the configuration, taken before the built-in ones. */
  ownFormats?: readonly Format[];
  /** How far lists of proxies in a record are believed; default not at all. */
  client?: ClientRule;
  /** Adds what is known beyond the log. */
  enrich?: (event: Event) => Event;
  scanner: Scanner;
  latenessMs: number;
  checkpointEveryMs: number;
  checkpoints: Checkpoints;
  deadLetters: DeadLetters;
  /** Resolves when the queue has durably accepted the alert and what follows from it. */
  send: (raised: Raised[]) => Promise<void>;
  /** The source may forget what lies before these positions. */
  commit: (positions: Map<string, number>) => Promise<void>;
  /** Milliseconds that only ever grow; for pacing, never for results. */
  now?: () => number;
  hooks?: PipelineHooks;
}

interface Outputs {
  letters: DeadLetter[];
  raised: Raised[];
}

const NOTHING: Outputs = { letters: [], raised: [] };
const SHARD = 'direct';
/** Work between two signs of life. */
const SLICE_MS = 50;
const PULSE_MS = 1_000;
const RETRY_MS = 1_000;
const MAX_AHEAD_OF_CARRIER_MS = 60 * 60 * 1_000;
/** Observations of one partition that may wait for slower partitions. */
const MAX_AHEAD = 2_000;
const AHEAD_MS = 20;

export class Pipeline implements SourceHandler {
  readonly #options: PipelineOptions;
  readonly #hooks: PipelineHooks;
  readonly #now: () => number;
  #engine: Engine;
  #positions = new Map<string, number>();
  #lastCheckpoint: number;
  /** What the engine's input has led to and nobody has accepted yet: handed on before anything else. */
  #owed: Outputs = NOTHING;
  /** The engine failed half-way through a batch: its state may be handed to nobody. */
  #spoiled = false;
  /** Set while something was read that no checkpoint holds yet. */
  #timer: NodeJS.Timeout | undefined;
  /** Batches of several partitions arrive at once; they are worked through one by one. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#hooks = options.hooks ?? {};
    this.#now = options.now ?? (() => performance.now());
    this.#engine = this.#newEngine();
    this.#lastCheckpoint = this.#now();
  }

  get engine(): Engine {
    return this.#engine;
  }

  #newEngine(): Engine {
    return new Engine(this.#options.installed, this.#options.latenessMs, this.#hooks);
  }

  /** State and positions are taken from one checkpoint, so that they never disagree; what was read since is read again. */
  async assigned(partitions: string[]): Promise<Map<string, number>> {
    return this.#inTurn(async () => {
      const checkpoint = await this.#options.checkpoints.load(SHARD);
      this.#engine = this.#newEngine();
      this.#positions = new Map();
      this.#owed = NOTHING;
      this.#spoiled = false;
      if (checkpoint && checkpoint.version === ENGINE_VERSION) {
        this.#engine.restore(checkpoint.body);
        this.#positions = checkpoint.positions;
      }
      for (const partition of partitions) this.#engine.assign(partition);
      this.#lastCheckpoint = this.#now();
      return new Map([...this.#positions].filter(([partition]) => partitions.includes(partition)));
    });
  }

  /**
   * Keeps what was worked through; what is in memory is given up at the next assignment, which starts again from the checkpoint. Should
   * this fail, only more is read again.
   */
  async revoked(): Promise<void> {
    await this.flush().catch((error) => this.#hooks.waiting?.(error));
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async batch(batch: RecordBatch, alive: () => Promise<void>): Promise<void> {
    await this.#inTurn(async () => {
      await alive();
      // What an engine that failed half-way holds may be handed to nobody: only the checkpoint is to be trusted.
      if (this.#spoiled)
        throw new NightjarError('NJ_INTERNAL', 'an earlier batch failed: starting again from the checkpoint');
      this.#hooks.read?.(batch.partition, batch.records.length);
      if (batch.skipped) this.#hooks.gap?.(batch.partition, batch.skipped);
      const { observations, letters } = await this.#readRecords(batch, alive);
      this.#spoiled = true;
      const raised = this.#engine.push(batch.partition, observations, batch.caughtUp);
      this.#spoiled = false;
      this.#owed = { letters: this.#owed.letters.concat(letters), raised: this.#owed.raised.concat(raised) };
      await this.#handOn(alive);
      this.#positions.set(batch.partition, batch.next);
      if (this.#now() - this.#lastCheckpoint >= this.#options.checkpointEveryMs)
        await this.#insist(() => this.#checkpoint(), alive);
      else this.#checkpointLater();
    });
    await this.#letOthersCatchUp(batch.partition, alive);
  }

  /** A batch that is given up here leaves its outputs owed: read again, its records count as repeated and would make none. */
  async #handOn(alive: () => Promise<void>): Promise<void> {
    const { letters, raised } = this.#owed;
    if (letters.length > 0) await this.#insist(() => this.#options.deadLetters.put(letters), alive);
    if (raised.length > 0) await this.#insist(() => this.#options.send(raised), alive);
    this.#owed = NOTHING;
  }

  /** A partition that is far ahead in event time waits here, so that what is held for the order stays bounded. */
  async #letOthersCatchUp(partition: string, alive: () => Promise<void>): Promise<void> {
    const engine = this.#engine;
    while (engine === this.#engine && engine.waitingOf(partition) > MAX_AHEAD) {
      await alive();
      await new Promise((resolve) => setTimeout(resolve, AHEAD_MS));
    }
  }

  async #readRecords(
    batch: RecordBatch,
    alive: () => Promise<void>,
  ): Promise<{ observations: Observation[]; letters: DeadLetter[] }> {
    const observations: Observation[] = [];
    const letters: DeadLetter[] = [];
    let sliceStart = this.#now();
    for (const record of batch.records) {
      this.#readRecord(record, batch, observations, letters);
      if (this.#now() - sliceStart < SLICE_MS) continue;
      await alive();
      // Lets timers and sockets have their turn between slices.
      await new Promise((resolve) => setImmediate(resolve));
      sliceStart = this.#now();
    }
    return { observations, letters };
  }

  #readRecord(record: RawRecord, batch: RecordBatch, observations: Observation[], letters: DeadLetter[]): void {
    if (record.value === null && record.fault === undefined) return;
    const value = record.value ?? new Uint8Array();
    const bury = (reason: string) => {
      const letter = {
        partition: batch.partition,
        position: record.position,
        reason,
        shape: shapeOf(value),
        bytes: value.length,
      };
      this.#hooks.dead?.(letter);
      letters.push(letter);
    };
    try {
      if (record.fault !== undefined) throw new NightjarError('NJ_RECORD', record.fault);
      const decoded = decode(value, {
        format: batch.format,
        tenant: this.#options.tenant,
        ...(record.time === undefined ? {} : { time: record.time }),
        ...(record.headers === undefined ? {} : { headers: record.headers }),
        ...(this.#options.ownFormats === undefined ? {} : { own: this.#options.ownFormats }),
        ...(this.#options.client === undefined ? {} : { client: this.#options.client }),
      });
      for (const event of decoded.events) {
        // A clock that runs ahead must not make everyone else late: the carrier's time bounds the record's.
        if (record.time !== undefined && event.time > record.time + MAX_AHEAD_OF_CARRIER_MS) event.time = record.time;
        const observation = this.#options.scanner.scan(this.#options.enrich?.(event) ?? event);
        observations.push(observation);
        this.#hooks.scanned?.(observation, batch.partition);
      }
      this.#hooks.decoded?.(decoded, batch.partition);
      const first = decoded.errors[0];
      if (first) bury(`${decoded.errors.length} of its calls: ${first.reason}`);
    } catch (error) {
      if (error instanceof NightjarError && error.code === 'NJ_CONFIG') throw error;
      // Anything else thrown here belongs to this record: it must not stop the ones behind it.
      bury(error instanceof NightjarError ? error.message : `could not be evaluated: ${(error as Error)?.name}`);
    }
  }

  /** State that owes outputs is not kept: the checkpoint before it makes them again. */
  async #checkpoint(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#spoiled || this.#owed !== NOTHING) return;
    const positions = new Map(this.#positions);
    const body = this.#engine.snapshot();
    this.#engine.forgetFinal();
    await this.#options.checkpoints.save(SHARD, { positions, version: ENGINE_VERSION, body });
    await this.#options.commit(positions);
    this.#lastCheckpoint = this.#now();
    this.#hooks.checkpointed?.(body.length, positions);
  }

  /** When no further batch comes, what was read last is kept all the same. */
  #checkpointLater(): void {
    if (this.#timer !== undefined || !Number.isFinite(this.#options.checkpointEveryMs)) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#inTurn(() => this.#checkpoint()).catch((error) => {
        this.#hooks.waiting?.(error);
        this.#checkpointLater();
      });
    }, this.#options.checkpointEveryMs);
    // Nobody must wait for it: a clean stop writes the last checkpoint itself.
    this.#timer.unref();
  }

  /** Saves state and position now: after a clean stop, nothing is read twice. Tries once. */
  async flush(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#timer !== undefined) await this.#checkpoint();
    });
  }

  /** Tries until it succeeds: an output is never dropped. Shows signs of life meanwhile; ends when the batch is no longer ours. */
  async #insist(work: () => Promise<void>, alive: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await withPulse(work(), alive);
        return;
      } catch (error) {
        if (error instanceof NotOurs) throw error.cause;
        this.#hooks.waiting?.(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        // An output that fails at once never lets `withPulse` come to its first sign of life.
        await alive();
      }
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

/** `alive` threw: the batch belongs to someone else now. */
class NotOurs extends Error {
  constructor(cause: unknown) {
    super(describeError(cause), { cause });
  }
}

/** Waits for the work and calls `alive` every second meanwhile. */
async function withPulse(work: Promise<void>, alive: () => Promise<void>): Promise<void> {
  const settled = work.then(
    () => ({ ok: true as const }),
    (error: unknown) => ({ ok: false as const, error }),
  );
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const pulse = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), PULSE_MS);
    });
    const outcome = await Promise.race([settled, pulse]);
    clearTimeout(timer);
    if (outcome?.ok) return;
    if (outcome) throw outcome.error;
    try {
      await alive();
    } catch (error) {
      throw new NotOurs(error);
    }
  }
}
