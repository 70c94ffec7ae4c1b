/** What the engine's memory costs: bytes of an idle principal, time of a record among many principals, checkpoint and restore. */
import { loadDetectors } from '../../src/detect/registry.ts';
import { Engine, type Installed } from '../../src/engine.ts';
import { decode } from '../../src/format/decode.ts';
import type { Observation } from '../../src/model/observation.ts';
import { DETECTORS } from '../../src/replay.ts';
import { PUBLIC_TEST_KEY } from '../../src/scan/fingerprint.ts';
import { createScanner } from '../../src/scan/scan.ts';
import { cpuMs, round3 } from './timing.ts';

const LATENESS = 2 * 60 * 1_000;
const HOUR = 60 * 60 * 1_000;
const START = Date.UTC(2026, 0, 5, 8);
/** Records of each principal before it goes idle. */
const EACH = 3;
const BATCH = 100;
const TIMED = 5_000;
/** Between two records of the timed part, so that few principals are in use at once. */
const STEP_MS = 50;

export interface StateCost {
  principals: number;
  bytes_per_idle_principal: number;
  us_per_record: number;
  checkpoint_bytes: number;
  checkpoint_ms: number;
  restore_seconds: number;
  /** Why there is no checkpoint. */
  checkpoint_failed?: string;
}

/** @param records single calls, from which those of all principals are made. */
export async function measureState(records: readonly Buffer[], sizes: readonly number[]): Promise<StateCost[]> {
  const scanner = createScanner(PUBLIC_TEST_KEY);
  const templates = records
    .flatMap((record) => decode(record, { format: 'auto', tenant: 'default' }).events)
    .map((event) => scanner.scan(event));
  const installed = await loadDetectors(DETECTORS);
  measure(templates, installed, 500);
  return sizes.map((size) => measure(templates, installed, size));
}

/** A call of the numbered principal, with its own key, in a session of its own. */
function callOf(templates: readonly Observation[], principal: number, call: number, time: number): Observation {
  return {
    ...(templates[(principal * 7 + call) % templates.length] as Observation),
    id: `call-${principal}-${call}-${time}`,
    time,
    principal: `principal-${principal}`,
    credential: `sha256:${principal.toString(16).padStart(64, '0')}`,
    session: `session-${principal}-${Math.floor(call / EACH)}`,
  };
}

function measure(templates: readonly Observation[], installed: Installed[], size: number): StateCost {
  const engine = new Engine(installed, LATENESS);
  engine.assign('bench');
  let batch: Observation[] = [];
  let time = START;
  const call = (principal: number, number: number, later: number) => {
    time += later;
    batch.push(callOf(templates, principal, number, time));
    if (batch.length < BATCH) return;
    engine.push('bench', batch, true);
    engine.forgetFinal();
    batch = [];
  };
  const before = heap();
  // Eight hours of event time, whatever the number of principals.
  const step = Math.max(1, Math.floor((8 * HOUR) / (size * EACH)));
  for (let number = 0; number < EACH; number++)
    for (let principal = 0; principal < size; principal++) call(principal, number, step);
  time += HOUR;
  for (let i = 0; i < BATCH; i++) call(i % size, EACH, STEP_MS);
  const bytes = (heap() - before) / size;
  const begin = cpuMs();
  for (let i = 0; i < TIMED; i++) call((i * 7_919) % size, EACH + 1, STEP_MS);
  const us = ((cpuMs() - begin) * 1_000) / TIMED;
  return {
    principals: size,
    bytes_per_idle_principal: Math.round(bytes),
    us_per_record: round3(us),
    ...measureCheckpoint(engine, installed),
  };
}

function measureCheckpoint(
  engine: Engine,
  installed: Installed[],
): Pick<StateCost, 'checkpoint_bytes' | 'checkpoint_ms' | 'restore_seconds' | 'checkpoint_failed'> {
  try {
    const begin = cpuMs();
    const snapshot = engine.snapshot();
    const made = cpuMs();
    new Engine(installed, LATENESS).restore(snapshot);
    return {
      checkpoint_bytes: snapshot.length,
      checkpoint_ms: round3(made - begin),
      restore_seconds: round3((cpuMs() - made) / 1_000),
    };
  } catch (error) {
    // One text may not be longer than half a gigabyte.
    return { checkpoint_bytes: 0, checkpoint_ms: 0, restore_seconds: 0, checkpoint_failed: (error as Error).message };
  }
}

function heap(): number {
  if (globalThis.gc === undefined) throw new Error('memory is measured with node --expose-gc: npm run bench');
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
