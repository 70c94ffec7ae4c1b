/** HTTP intake as a source: what senders post is spooled durably, and read back from the spool in order. */
import type { FastifyInstance } from 'fastify';
import { describeError, NightjarError } from '../errors.ts';
import type { RawRecord, RecordBatch, Source, SourceHandler, Spool } from '../ports.ts';
import { Failures } from './failures.ts';
import { Backlog } from './http-backlog.ts';
import { intakeServer } from './http-server.ts';
import { type Log, silent } from './log.ts';
import { pacer, pause, settledWithin } from './timing.ts';

export interface HttpSourceOptions {
  /** Default 127.0.0.1. */
  host?: string;
  /** 0 takes a free port. */
  port: number;
  /** The bearer token that senders need. */
  token: string;
  maxBodyBytes: number;
  /** Format ids that may be named in the path: `/intake/<format>`. */
  formats?: string[];
  /**
   * Parts of a record that cannot be read, so that an OTLP sender hears of them at once; throws NJ_RECORD when none of it can.
   * Without it an export is taken when it is framed as one.
   */
  faults?: (value: Uint8Array, format: string) => { reason: string }[];
  /** Records that may wait in the spool before senders get 429 (LiteLLM's logger 503); default 50,000. */
  maxBacklog?: number;
  /** Bytes of records taken in since the start that may wait there, likewise; default 1 GiB. */
  maxBacklogBytes?: number;
  log?: Log;
}

/** The only partition of this source. */
export const INTAKE = 'intake';
const READ_RECORDS = 500;
/** The spool is asked again after this long even when nobody posted. */
const POLL_MS = 1_000;
const CLOSE_MS = 5_000;

type Spooled = Awaited<ReturnType<Spool['read']>>;

/**
 * `POST /intake` (format `auto`) and `/intake/<format>`: a JSON value, an array, or NDJSON, also gzipped, answered with
 * `202 {"accepted": n}` once they are durable; `POST /v1/traces` and `/v1/logs` as OTLP/HTTP defines them. Partition `intake`, positions are those of the
 * spool, the time of a record is that of its arrival; `commit` trims it.
 */
export class HttpSource implements Source {
  readonly #spool: Spool;
  readonly #options: HttpSourceOptions;
  readonly #log: Log;
  readonly #backlog: Backlog;
  readonly #failures = new Failures();
  readonly #stopping = new AbortController();
  #wake = new AbortController();
  #running: Promise<void> | undefined;
  #server: FastifyInstance | undefined;
  #port: number | undefined;

  constructor(spool: Spool, options: HttpSourceOptions) {
    this.#spool = spool;
    this.#options = options;
    this.#backlog = new Backlog(options.maxBacklog ?? 50_000, options.maxBacklogBytes ?? 1024 ** 3);
    this.#log = options.log ?? silent;
  }

  /** The port that is listened on; undefined before `listen` or `run`. */
  get port(): number | undefined {
    return this.#port;
  }

  /**
   * Opens the port. Called by `run` when it was not called before.
   * @returns the address to post to
   * @throws NightjarError `NJ_PORT_IN_USE`, `NJ_CONFIG`
   */
  async listen(): Promise<string> {
    const { host = '127.0.0.1', port, token, maxBodyBytes, formats = [], faults = () => [] } = this.#options;
    this.#server ??= intakeServer({
      token,
      maxBodyBytes,
      formats,
      faults,
      log: this.#log,
      accept: (records) => this.#accept(records),
      refusal: () => this.#refusal(),
    });
    try {
      await this.#server.listen({ host, port });
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? cause.code : '';
      if (code === 'EADDRINUSE') {
        throw new NightjarError('NJ_PORT_IN_USE', `port ${port} on ${host} is in use`, {
          cause,
          hint: 'set source.http.port, or 0 for a free one',
        });
      }
      throw new NightjarError('NJ_CONFIG', `cannot listen on ${host}:${port}: ${describeError(cause)}`, { cause });
    }
    const address = this.#server.server.address();
    this.#port = typeof address === 'object' ? address?.port : port;
    return `http://${host}:${this.#port}/intake`;
  }

  run(handler: SourceHandler): Promise<void> {
    this.#running ??= this.#run(handler);
    return this.#running;
  }

  async commit(positions: Map<string, number>): Promise<void> {
    const position = positions.get(INTAKE);
    if (position === undefined) return;
    this.#backlog.passed(position);
    try {
      await this.#spool.trim(position);
    } catch (error) {
      this.#log('warn', `could not trim the spool: ${describeError(error)}`);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    await this.#running?.catch(() => {});
    if (this.#server) await settledWithin(this.#server.close(), CLOSE_MS);
  }

  async #run(handler: SourceHandler): Promise<void> {
    if (this.#port === undefined) await this.listen();
    while (!this.#stopping.signal.aborted) {
      try {
        const positions = await handler.assigned([INTAKE]);
        const from = positions.get(INTAKE) ?? 0;
        this.#backlog.passed(from);
        await this.#readFrom(from, handler);
      } catch (error) {
        if (!this.#stopping.signal.aborted) await this.#backOff(error);
      } finally {
        await handler.revoked([INTAKE]);
      }
    }
  }

  async #backOff(error: unknown): Promise<void> {
    const delay = this.#failures.delayAfter(error, 'a batch of the intake');
    this.#log('warn', `a batch of the intake failed, trying again in ${delay} ms: ${describeError(error)}`);
    await pause(delay, this.#stopping.signal);
  }

  async #readFrom(from: number, handler: SourceHandler): Promise<void> {
    const pace = pacer();
    const alive = async () => {
      if (this.#stopping.signal.aborted) throw new NightjarError('NJ_SOURCE_DEAD', 'the intake is stopping');
      await pace();
    };
    let next = from;
    let caughtUp = false;
    while (!this.#stopping.signal.aborted) {
      // Renewed before reading: what is appended during the read must wake the wait behind it.
      this.#wake = new AbortController();
      const spooled = await this.#spool.read(next, READ_RECORDS);
      if (spooled.length > 0) {
        caughtUp = spooled.length < READ_RECORDS;
        // What lies before the oldest record was trimmed earlier and does not wait.
        if (next === from) this.#backlog.passed(spooled[0]?.position ?? 0);
        for (const batch of batches(spooled, caughtUp)) await handler.batch(batch, alive);
        next = (spooled.at(-1)?.position ?? next) + 1;
        this.#backlog.reaches(next);
        this.#failures.reset();
        continue;
      }
      if (!caughtUp) {
        await handler.batch({ partition: INTAKE, format: 'auto', records: [], next, caughtUp: true }, alive);
        caughtUp = true;
      }
      if (!this.#stopping.signal.aborted) await pause(POLL_MS, this.#wake.signal);
    }
  }

  async #accept(records: { value: Uint8Array; format: string }[]): Promise<void> {
    // Kept with the record: it stands for a time that the record lacks, and bounds one that lies ahead.
    const time = Date.now();
    const last = await this.#spool.append(records.map((record) => ({ ...record, time })));
    this.#backlog.kept(
      last + 1,
      records.reduce((sum, { value }) => sum + value.byteLength, 0),
    );
    this.#wake.abort();
  }

  #refusal(): 'full' | 'stopping' | undefined {
    if (this.#stopping.signal.aborted) return 'stopping';
    return this.#backlog.full ? 'full' : undefined;
  }
}

/** One batch per run of records with the same format. Only the last one is caught up. */
function* batches(spooled: Spooled, caughtUp: boolean): Generator<RecordBatch> {
  let records: RawRecord[] = [];
  for (const [i, { position, value, format, time }] of spooled.entries()) {
    records.push({ position, value, ...(time === undefined ? {} : { time }) });
    const following = spooled[i + 1];
    if (following?.format === format) continue;
    yield { partition: INTAKE, format, records, next: position + 1, caughtUp: caughtUp && following === undefined };
    records = [];
  }
}
