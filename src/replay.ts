/** Replay: files through the very pipeline of the service, at full speed, with no server and no effect. */
import { fileURLToPath } from 'node:url';
import type { Config } from './config/schema.ts';
import { loadDetectors } from './detect/registry.ts';
import type { Installed } from './engine.ts';
import { loadInventory } from './enrich/inventory.ts';
import { customFormats } from './format/custom.ts';
import type { Alert } from './model/finding.ts';
import { CoverageLedger, type CoverageReport } from './observe/coverage.ts';
import { Pipeline, type PipelineHooks } from './pipeline.ts';
import type { Checkpoints, DeadLetter, SourceHandler } from './ports.ts';
import { PUBLIC_TEST_KEY } from './scan/fingerprint.ts';
import { createScanner } from './scan/scan.ts';

/** Where the detector folders are, beside this file in a checkout and in an installed package. */
export const DETECTORS = fileURLToPath(new URL('../detectors', import.meta.url));

export interface ReplayResult {
  alerts: Alert[];
  records: number;
  events: number;
  notCalls: number;
  deadLetters: DeadLetter[];
  findings: number;
  grouped: number;
  coverage: CoverageReport;
}

const NO_CHECKPOINTS: Checkpoints = {
  load: async () => undefined,
  save: async () => undefined,
  close: async () => undefined,
};
const MAX_LETTERS = 1_000;

/**
 * Feeds records through the pipeline and returns the final alerts, in event-time order.
 * @param feed runs a source on the handler until its end.
 */
export async function replay(
  config: Config,
  feed: (handler: SourceHandler) => Promise<void>,
  key: Uint8Array = PUBLIC_TEST_KEY,
  installed?: Installed[],
): Promise<ReplayResult> {
  const result: ReplayResult = {
    alerts: [],
    records: 0,
    events: 0,
    notCalls: 0,
    deadLetters: [],
    findings: 0,
    grouped: 0,
    coverage: { sources: [] },
  };
  const coverage = new CoverageLedger();
  const inventory = loadInventory(config.inventory);
  const hooks: PipelineHooks = {
    read: (_partition, records) => {
      result.records += records;
    },
    decoded: ({ events, notCalls }, partition) => {
      result.events += events.length;
      result.notCalls += notCalls;
      coverage.notCalls(partition, notCalls);
    },
    scanned: (observation, partition) => coverage.observed(partition, observation),
    dead: ({ partition }) => coverage.deadLetter(partition),
    found: () => {
      result.findings++;
    },
    grouped: () => {
      result.grouped++;
    },
  };
  const pipeline = new Pipeline({
    tenant: config.tenant,
    installed: installed ?? (await loadDetectors(DETECTORS, config.detect.detectors)),
    ownFormats: customFormats(config.formats),
    enrich: (event) => inventory.enrich(event),
    scanner: createScanner(key, { knownLabels: (tool, server) => inventory.toolLabels(tool, server) }),
    latenessMs: config.detect.allowedLatenessMs,
    checkpointEveryMs: Number.POSITIVE_INFINITY,
    checkpoints: NO_CHECKPOINTS,
    deadLetters: {
      put: async (letters) => {
        result.deadLetters.push(...letters.slice(0, MAX_LETTERS - result.deadLetters.length));
      },
    },
    send: async () => undefined,
    commit: async () => undefined,
    hooks,
  });
  await feed(pipeline);
  pipeline.engine.finish();
  result.coverage = coverage.report();
  result.alerts = pipeline.engine.takeFinal();
  return result;
}
