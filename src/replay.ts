/** Replay: files through the very pipeline of the service, at full speed, with no server and no effect. */
import { fileURLToPath } from 'node:url';
import { shippedClassifier } from './classifier.ts';
import type { Config } from './config/schema.ts';
import { loadDetectors } from './detect/registry.ts';
import type { Installed } from './engine.ts';
import { loadInventory } from './enrich/inventory.ts';
import { clientRule } from './enrich/proxies.ts';
import { customFormats } from './format/custom.ts';
import type { Alert, Finding } from './model/finding.ts';
import type { Observation } from './model/observation.ts';
import { CoverageLedger, type CoverageReport } from './observe/coverage.ts';
import { Pipeline, type PipelineHooks } from './pipeline.ts';
import type { Checkpoints, DeadLetter, SourceHandler } from './ports.ts';
import { canaryBook } from './scan/canary.ts';
import type { Classifier } from './scan/classify.ts';
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

export interface ReplayOptions {
  /** Fingerprint key; default the public test key. */
  key?: Uint8Array;
  /** Default every detector as the config sets it. */
  installed?: Installed[] | undefined;
  /** Default the one that ships. */
  classifier?: Classifier | undefined;
  /** Told of every finding, and of every observation as it is scanned. */
  found?: (finding: Finding) => void;
  scanned?: (observation: Observation) => void;
}

/**
 * Feeds records through the pipeline and returns the final alerts, in event-time order.
 * @param feed runs a source on the handler until its end.
 */
export async function replay(
  config: Config,
  feed: (handler: SourceHandler) => Promise<void>,
  options: ReplayOptions = {},
): Promise<ReplayResult> {
  const { key = PUBLIC_TEST_KEY, installed, classifier = shippedClassifier(), found, scanned } = options;
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
  const client = clientRule(config.trustedProxies);
  const hooks: PipelineHooks = {
    read: (_partition, records) => {
      result.records += records;
    },
    decoded: ({ events, notCalls }, partition) => {
      result.events += events.length;
      result.notCalls += notCalls;
      coverage.notCalls(partition, notCalls);
    },
    scanned: (observation, partition) => {
      coverage.observed(partition, observation);
      scanned?.(observation);
    },
    dead: ({ partition }) => coverage.deadLetter(partition),
    found: (finding) => {
      result.findings++;
      found?.(finding);
    },
    grouped: () => {
      result.grouped++;
    },
  };
  const pipeline = new Pipeline({
    tenant: config.tenant,
    installed: installed ?? (await loadDetectors(DETECTORS, config.detect.detectors)),
    ownFormats: customFormats(config.formats),
    ...(client === undefined ? {} : { client }),
    enrich: (event) => inventory.enrich(event),
    scanner: createScanner(key, {
      knownLabels: (tool, server) => inventory.toolLabels(tool, server),
      canaries: canaryBook(key, config.canaries),
      classifier,
    }),
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

/** Records per batch of {@link feedOf}. */
const BATCH = 500;

/** Hands records in memory to a pipeline as if they came from one file, and tells how many after each batch. */
export function feedOf(
  records: AsyncIterable<Uint8Array>,
  progress: (count: number) => void = () => {},
): (handler: SourceHandler) => Promise<void> {
  return async (handler) => {
    let batch: { value: Uint8Array; position: number }[] = [];
    let next = 0;
    const flush = async () => {
      const taken = { partition: 'records', format: 'auto', records: batch, next, caughtUp: true } as const;
      batch = [];
      await handler.batch(taken, async () => undefined);
      progress(next);
    };
    for await (const value of records) {
      batch.push({ value, position: next++ });
      if (batch.length === BATCH) await flush();
    }
    await flush();
  };
}
