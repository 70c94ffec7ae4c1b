/** Simulated traffic as a source: for the demo, which plays it through the whole pipeline. */
import type { RawRecord, Source, SourceHandler } from '../ports.ts';
import type { SimulatedRecord } from './simulate.ts';
import type { Truth } from './truth.ts';

const BATCH = 200;
const PARTITION = 'simulation';

export class SimulationSource implements Source {
  readonly #traffic: Generator<SimulatedRecord, Truth, undefined>;
  readonly #progress: (records: number, time: number) => void;
  #truth: Truth = { campaigns: [], benign_odd: [] };
  #records = 0;
  #stopped = false;

  /** @param progress told after each batch: records so far, and the time of the last. */
  constructor(
    traffic: Generator<SimulatedRecord, Truth, undefined>,
    progress: (records: number, time: number) => void = () => {},
  ) {
    this.#traffic = traffic;
    this.#progress = progress;
  }

  /** What was planted; known once all has been played. */
  get truth(): Truth {
    return this.#truth;
  }

  get records(): number {
    return this.#records;
  }

  async run(handler: SourceHandler): Promise<void> {
    await handler.assigned([PARTITION]);
    for (let done = false; !done && !this.#stopped; ) {
      const records: RawRecord[] = [];
      let time = 0;
      while (records.length < BATCH && !done) {
        const step = this.#traffic.next();
        if (step.done) {
          this.#truth = step.value;
          done = true;
        } else {
          time = step.value.time;
          records.push({ value: Buffer.from(JSON.stringify(step.value.record)), position: this.#records++ });
        }
      }
      const batch = { partition: PARTITION, format: 'auto', records, next: this.#records, caughtUp: true };
      await handler.batch(batch, async () => undefined);
      if (records.length > 0) this.#progress(this.#records, time);
    }
  }

  /** Nothing is kept: the same seed makes the same records again. */
  async commit(): Promise<void> {}

  async stop(): Promise<void> {
    this.#stopped = true;
  }
}
