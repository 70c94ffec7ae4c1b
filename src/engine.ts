/**
 * The engine: observations in, alerts out, nothing else. It is synchronous and has no clock, so the same observations give the same final
 * alerts whatever their batches, partitions and restarts. Live and replay run this same code.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { Correlator, type CorrelatorHooks, type Raised } from './correlate/correlator.ts';
import { Fusion } from './correlate/fusion.ts';
import type { Likelihoods } from './correlate/likelihoods.ts';
import { Detection, type DetectionHooks, type Installed } from './detect/detection.ts';
import type { Alert, Finding } from './model/finding.ts';
import type { Observation, OfferedTool } from './model/observation.ts';
import type { CellsSnapshot, Changes } from './stream/cells.ts';
import { byTime, Merge } from './stream/merge.ts';
import { Seen } from './stream/seen.ts';

export type { Installed, Raised };

export interface EngineHooks extends DetectionHooks, CorrelatorHooks {
  found?: (finding: Finding) => void;
  /** The same record again: evaluated once. */
  repeated?: (observation: Observation) => void;
}

/** Layout of the snapshot; raise it when it changes. */
export const ENGINE_VERSION = 3;
/** Event time between two sweeps for idle keys. */
const SWEEP = 60 * 60 * 1_000;

const NONE: Raised[] = [];

export class Engine {
  readonly #detection: Detection;
  readonly #fusion: Fusion;
  readonly #correlator: Correlator;
  readonly #merge = new Merge<Observation>();
  readonly #seen = new Seen();
  readonly #hooks: EngineHooks;
  readonly #lateness: number;
  /** Last revision sent of each alert that may still change. */
  #sent = new Map<string, { revision: number; time: number }>();
  #swept = Number.NEGATIVE_INFINITY;
  #final: Alert[] = [];

  /**
   * @param lateness milliseconds of event time that a record may be late and still count in its place.
   * @param likelihoods what signals say together; default as measured.
   */
  constructor(installed: Installed[], lateness: number, hooks: EngineHooks = {}, likelihoods?: Likelihoods) {
    this.#fusion = new Fusion(likelihoods);
    this.#detection = new Detection(installed, hooks);
    this.#correlator = new Correlator(hooks);
    this.#lateness = lateness;
    this.#hooks = hooks;
  }

  assign(partition: string): void {
    this.#merge.assign(partition);
  }

  /** Takes what a partition gave; returns the alerts to send now, new or with a higher revision. */
  push(partition: string, observations: readonly Observation[], caughtUp: boolean): Raised[] {
    const fresh = observations.filter((observation) => {
      if (this.#seen.add(`${observation.id}\0${observation.time}`)) return true;
      this.#hooks.repeated?.(observation);
      return false;
    });
    const raised: Raised[] = [];
    for (const observation of this.#merge.push(partition, fresh, caughtUp)) raised.push(...this.#observe(observation));
    this.#closeTo(this.#merge.reached - this.#lateness);
    return raised;
  }

  #observe(observation: Observation): Raised[] {
    const findings: Changes<Finding> = { added: [], changed: [], removed: [] };
    this.#detection.observe(observation, findings);
    if (findings.added.length + findings.changed.length + findings.removed.length === 0) return NONE;
    const fused: Changes<Finding> = { added: [], changed: [], removed: [] };
    for (const finding of [...findings.removed, ...findings.changed]) this.#fusion.remove(finding, fused);
    for (const finding of [...findings.added, ...findings.changed].sort(byTime)) {
      this.#hooks.found?.(finding);
      this.#fusion.add(finding, fused);
    }
    const alerts: Changes<Raised> = { added: [], changed: [], removed: [] };
    for (const { removed, changed } of [findings, fused])
      for (const finding of [...removed, ...changed]) if (!finding.signal) this.#correlator.remove(finding, alerts);
    for (const { added, changed } of [findings, fused])
      for (const finding of [...added, ...changed].sort(byTime))
        if (!finding.signal) this.#correlator.add(finding, alerts);
    return [...alerts.added, ...alerts.changed].map((raised) => this.#revise(raised));
  }

  /** A change that a late record brought about goes out under the next revision. */
  #revise(raised: Raised): Raised {
    const revision = Math.max(raised.alert.revision, (this.#sent.get(raised.id)?.revision ?? 0) + 1);
    this.#sent.set(raised.id, { revision, time: Date.parse(raised.alert['@timestamp']) });
    return { ...raised, alert: { ...raised.alert, revision } };
  }

  #closeTo(watermark: number): void {
    this.#detection.close(watermark);
    this.#fusion.close(watermark);
    for (const { alert } of this.#correlator.close(watermark)) this.#final.push({ ...alert, final: true });
    if (watermark - this.#swept < SWEEP) return;
    this.#swept = watermark;
    this.#detection.expire();
    this.#fusion.expire();
    this.#correlator.expire();
    for (const [id, { time }] of this.#sent) if (time < watermark - 24 * SWEEP) this.#sent.delete(id);
  }

  /** Final alerts since the last call, in event-time order; of each alert the last revision. */
  takeFinal(): Alert[] {
    const last = new Map(this.#final.map((alert) => [alert.id, alert]));
    this.#final = [];
    return [...last.values()].sort((a, b) =>
      byTime({ id: a.id, time: Date.parse(a['@timestamp']) }, { id: b.id, time: Date.parse(b['@timestamp']) }),
    );
  }

  /** For the live service, which sends alerts as they are raised: the closed ones are not collected. */
  forgetFinal(): void {
    this.#final = [];
  }

  /** The input has ended: everything becomes final. */
  finish(): void {
    this.#closeTo(Number.MAX_SAFE_INTEGER);
  }

  /** Observations of this partition that wait for slower ones. */
  waitingOf(partition: string): number {
    return this.#merge.waitingOf(partition);
  }

  get waiting(): number {
    return this.#merge.waiting;
  }

  /** Greatest event time processed, epoch milliseconds; -Infinity at the start. */
  get reached(): number {
    return this.#merge.reached;
  }

  /** Keys held per detector. */
  sizes(): Record<string, number> {
    return this.#detection.sizes();
  }

  /** Everything that the next observation could depend on, compressed. */
  snapshot(): Uint8Array {
    const offered = new Table<readonly OfferedTool[]>();
    const table = new Table<Observation>();
    const merge = this.#merge.snapshot();
    const body = {
      detection: this.#detection
        .snapshot()
        .map(([id, version, cells]) => [id, version, mapInputs(cells, (o) => table.add(o))]),
      peers: this.#detection.peers.snapshot(),
      fusion: this.#fusion.snapshot(),
      correlator: this.#correlator.snapshot(),
      merge: { ...merge, waiting: merge.waiting.map(({ item, partition }) => ({ item: table.add(item), partition })) },
      seen: this.#seen.snapshot(),
      sent: [...this.#sent],
      swept: Number.isFinite(this.#swept) ? this.#swept : null,
      // A list of tools comes with every call: each is written once.
      observations: table.items.map((o) => (o.offered === undefined ? o : { ...o, offered: offered.add(o.offered) })),
      offered: offered.items,
    };
    return gzipSync(JSON.stringify(body), { level: 1 });
  }

  restore(bytes: Uint8Array): void {
    const body = JSON.parse(gunzipSync(bytes).toString('utf8'));
    for (const one of body.observations) if (typeof one.offered === 'number') one.offered = body.offered[one.offered];
    const observation = (index: number): Observation => body.observations[index];
    this.#detection.peers.restore(body.peers);
    this.#detection.restore(
      body.detection.map(([id, version, cells]: [string, number, CellsSnapshot<number>]) => [
        id,
        version,
        mapInputs(cells, observation),
      ]),
    );
    this.#fusion.restore(body.fusion);
    this.#correlator.restore(body.correlator);
    this.#merge.restore({
      ...body.merge,
      waiting: body.merge.waiting.map(({ item, partition }: { item: number; partition: string }) => ({
        item: observation(item),
        partition,
      })),
    });
    this.#seen.restore(body.seen);
    this.#sent = new Map(body.sent);
    this.#swept = body.swept ?? Number.NEGATIVE_INFINITY;
  }
}

/** Each observation once, however many keys hold it. */
class Table<T> {
  readonly items: T[] = [];
  readonly #places = new Map<T, number>();

  add(item: T): number {
    const known = this.#places.get(item);
    if (known !== undefined) return known;
    this.#places.set(item, this.items.length);
    return this.items.push(item) - 1;
  }
}

function mapInputs<A, B>(cells: CellsSnapshot<A>, to: (input: A) => B): CellsSnapshot<B> {
  return { ...cells, cells: cells.cells.map(([key, rest, time, inputs]) => [key, rest, time, inputs.map(to)]) };
}
