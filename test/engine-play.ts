/** Plays a log through the engine in different ways: batches, partitions, orders of arrival, restarts. */
import { Engine, type EngineHooks, type Installed } from '../src/engine.ts';
import type { Alert } from '../src/model/finding.ts';
import type { Observation } from '../src/model/observation.ts';

export interface Way {
  batch: number;
  partitions: number;
  /** Batches after which the engine is thrown away and made again from its snapshot. */
  restarts?: Set<number>;
}

/** Plays observations in the order given; partition by session, as a keyed topic would. Returns the final alerts, by time and id. */
export function playEngine(
  installed: Installed[],
  lateness: number,
  log: readonly Observation[],
  { batch, partitions, restarts }: Way,
  hooks: EngineHooks = {},
): Alert[] {
  const names = Array.from({ length: partitions }, (_, n) => `p${n}`);
  const start = () => {
    const engine = new Engine(installed, lateness, hooks);
    for (const name of names) engine.assign(name);
    return engine;
  };
  let engine = start();
  const final: Alert[] = [];
  for (let at = 0, turn = 0; at < log.length; at += batch, turn++) {
    const slice = log.slice(at, at + batch);
    for (const [number, name] of names.entries()) {
      const mine = slice.filter(
        (one) => [...(one.session ?? '')].reduce((sum, c) => sum + c.charCodeAt(0), 0) % partitions === number,
      );
      engine.push(name, mine, false);
    }
    final.push(...engine.takeFinal());
    if (!restarts?.has(turn)) continue;
    const kept = engine.snapshot();
    engine = start();
    engine.restore(kept);
  }
  for (const name of names) engine.push(name, [], true);
  engine.finish();
  final.push(...engine.takeFinal());
  const last = new Map(final.map((alert) => [alert.id, alert]));
  return [...last.values()].sort((a, b) => (a['@timestamp'] + a.id < b['@timestamp'] + b.id ? -1 : 1));
}
