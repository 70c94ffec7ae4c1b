/** The composition root: the only file that knows every adapter. Opens what the configuration names, and closes it in the right order. */
import { join } from 'node:path';
import { shippedClassifier } from './classifier.ts';
import { fingerprintKey, intakeToken } from './config/keys.ts';
import { readSecret } from './config/load.ts';
import { type Config, httpSettings } from './config/schema.ts';
import { alertJobs, handleAlertJob, sinkNames } from './deliver/alerts-worker.ts';
import { openPostgresEffects } from './deliver/effects/postgres.ts';
import { openRedisEffects } from './deliver/effects/redis.ts';
import { openSqlEffects } from './deliver/effects/sql.ts';
import { openElasticsearchStore } from './deliver/elasticsearch/store.ts';
import { openCheckpoints } from './deliver/embedded/checkpoints.ts';
import { type EmbeddedDatabase, openDatabase } from './deliver/embedded/database.ts';
import { openSpool } from './deliver/embedded/spool.ts';
import { embeddedStore } from './deliver/embedded/store.ts';
import { pagerdutyNotifier } from './deliver/pagerduty.ts';
import { openEmbeddedQueues } from './deliver/queues/embedded.ts';
import { openPostgresQueues } from './deliver/queues/postgres.ts';
import { openRedisQueues } from './deliver/queues/redis.ts';
import { slackNotifier } from './deliver/slack.ts';
import { loadDetectors } from './detect/registry.ts';
import type { Raised } from './engine.ts';
import { watchInventory } from './enrich/inventory.ts';
import { clientRule } from './enrich/proxies.ts';
import { describeError } from './errors.ts';
import type { Format } from './format/contract.ts';
import { customFormats } from './format/custom.ts';
import { decode, FORMAT_NAMES } from './format/decode.ts';
import type { Alert } from './model/finding.ts';
import type { AlertJob, ResponseJob } from './model/response.ts';
import { CoverageLedger } from './observe/coverage.ts';
import type { Log } from './observe/log.ts';
import { createMetrics, letterFields, type Metrics, showLag } from './observe/metrics.ts';
import { Pipeline, type PipelineHooks } from './pipeline.ts';
import type { Checkpoints, DeadLetters, Effects, Notifier, Queues, Source, Store, Worker } from './ports.ts';
import { DETECTORS } from './replay.ts';
import { openResponse } from './respond/index.ts';
import { responseJobs } from './respond/playbook.ts';
import { canaryBook } from './scan/canary.ts';
import { createScanner } from './scan/scan.ts';
import { FileDeadLetters } from './source/dead-letters.ts';
import { HttpSource } from './source/http.ts';
import { KafkaSource } from './source/kafka.ts';
import { KafkaCheckpoints } from './source/kafka-checkpoints.ts';
import { KafkaDeadLetters } from './source/kafka-dead-letters.ts';

export interface App {
  store: Store;
  queues: Queues;
  metrics: Metrics;
  coverage: CoverageLedger;
  pipeline: Pipeline;
  source: Source;
  /** Where records may be posted, when the intake is on. */
  intake: { url: string; tokenFile: string } | undefined;
  /** Reads until stopped; rejects when the source dies. */
  run(): Promise<void>;
  /** Stops reading, finishes work in hand, keeps state and position, closes everything. */
  stop(): Promise<void>;
  connected(): boolean;
  /** Offsets behind the end of all topics, as last told; undefined for a source without them, and before the first time. */
  lag(): number | undefined;
}

/** Well above the places that all notifiers together may hold, so that a hanging one never keeps the store waiting. */
const ALERT_WORKERS = 32;

export interface AppHooks {
  /** Told of each alert once the queue has it. */
  alerted?: (alert: Alert) => void;
  /** Read this instead of what the configuration names. */
  source?: Source;
}

/** Opened parts in the order in which they were opened; closed in reverse, each even when another fails. */
class Closers {
  readonly #parts: { name: string; close: () => Promise<void> }[] = [];

  add<T extends { close(): Promise<void> }>(name: string, part: T): T {
    this.#parts.push({ name, close: () => part.close() });
    return part;
  }

  async close(log: Log): Promise<void> {
    for (const { name, close } of this.#parts.reverse().splice(0)) {
      await close().catch((error) => log.warn({ part: name }, `could not close cleanly: ${describeError(error)}`));
    }
  }
}

interface Parts {
  config: Config;
  log: Log;
  metrics: Metrics;
  closers: Closers;
  /** Opened when the first part asks for it. */
  database: () => Promise<EmbeddedDatabase>;
}

/**
 * Opens everything and reads nothing yet.
 * @throws NightjarError with one line that says what is wrong; whatever was opened is closed again.
 */
export async function openApp(config: Config, log: Log, hooks: AppHooks = {}): Promise<App> {
  const closers = new Closers();
  let database: Promise<EmbeddedDatabase> | undefined;
  const parts: Parts = {
    config,
    log,
    metrics: createMetrics(),
    closers,
    database: () => {
      database ??= openDatabase(config.data).then((opened) => closers.add('embedded database', opened));
      return database;
    },
  };
  try {
    return await assemble(parts, hooks);
  } catch (error) {
    await closers.close(log);
    throw error;
  }
}

async function assemble(parts: Parts, hooks: AppHooks): Promise<App> {
  const { config, log, metrics, closers } = parts;
  const installed = await loadDetectors(DETECTORS, config.detect.detectors);
  const ownFormats = customFormats(config.formats);
  const client = clientRule(config.trustedProxies);
  const inventory = closers.add('inventory', watchInventory(config.inventory, log));
  const coverage = new CoverageLedger(sourceOf(config));
  const key = fingerprintKey(config);
  const store = closers.add('store', await openStore(parts));
  const effects = closers.add('effects', await openEffects(parts));
  const queues = closers.add('queues', await openQueues(parts));
  const checkpoints = closers.add('checkpoints', await openCheckpointStore(parts));
  const deadLetters = await openDeadLetters(parts);
  const response = closers.add('responses', await openResponse({ config, effects, store, secret: readSecretFile }));
  const sinks = { store, notifiers: notifiersOf(config) };
  const names = sinkNames(sinks);
  const alerts = queues.queue<AlertJob>('alerts');
  const responses = queues.queue<ResponseJob>('responses');

  const send = async (raised: Raised[]) => {
    await alerts.add(raised.flatMap(({ alert, incident }) => alertJobs(alert, incident, names)));
    const jobs = raised.flatMap(({ alert }) => responseJobs(response.playbooks, alert));
    if (jobs.length > 0) await responses.add(jobs);
    for (const { alert } of raised) {
      metrics.alerts.inc({ detector: alert.detector, severity: alert.severity });
      hooks.alerted?.(alert);
    }
  };

  const onFailed = (queue: string) => (job: { id: string }, error: Error) => {
    metrics.failedJobs.inc({ queue });
    log.error({ queue, job: job.id }, `job failed for good: ${describeError(error)}`);
  };
  const workers: Worker[] = [
    await queues.work<AlertJob>('alerts', handleAlertJob(sinks), {
      concurrency: ALERT_WORKERS,
      onFailed: onFailed('alerts'),
    }),
    await queues.work<ResponseJob>('responses', (job) => response.responder.handle(job), {
      onFailed: onFailed('responses'),
    }),
  ];
  const state: SourceState = { connected: false, lag: undefined };
  let stopping: Promise<void> | undefined;
  const { source, intake } = hooks.source
    ? { source: hooks.source, intake: undefined }
    : await openSource(parts, ownFormats, state);
  const pipeline = new Pipeline({
    tenant: config.tenant,
    installed,
    ownFormats,
    ...(client === undefined ? {} : { client }),
    enrich: (event) => inventory.enrich(event),
    scanner: createScanner(key, {
      canaries: canaryBook(key, config.canaries),
      knownLabels: (tool, server) => inventory.toolLabels(tool, server),
      classifier: shippedClassifier(),
    }),
    latenessMs: config.detect.allowedLatenessMs,
    checkpointEveryMs: config.detect.checkpointEveryMs,
    checkpoints,
    deadLetters,
    send,
    commit: (positions) => source.commit(positions),
    hooks: countingHooks(metrics, coverage, log),
  });
  return {
    store,
    queues,
    metrics,
    coverage,
    pipeline,
    source,
    intake,
    connected: () => state.connected,
    lag: () => state.lag,
    run: () => source.run(pipeline),
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };

  async function stop(): Promise<void> {
    await source.stop();
    await pipeline.flush().catch((error) => log.warn(`last checkpoint was not written: ${describeError(error)}`));
    await Promise.all(workers.map((worker) => worker.close()));
    await closers.close(log);
  }
}

async function openStore({ config, log, database }: Parts): Promise<Store> {
  const { elasticsearch } = config.store;
  const store = elasticsearch
    ? await openElasticsearchStore(elasticsearch, { notice: (line) => log.info(line) })
    : embeddedStore(await database());
  await store.setup();
  return store;
}

async function openQueues({ config, log, database }: Parts): Promise<Queues> {
  const { redis, postgres, prefix } = config.queue;
  const warn = (message: string) => log.warn(message);
  if (redis) return openRedisQueues({ url: redis.url, prefix, warn });
  if (postgres) return openPostgresQueues({ url: postgres.url, prefix, warn });
  return openEmbeddedQueues(await database(), { prefix, warn });
}

/** The ledger of effects lives where the queues live: what survives one survives the other. */
async function openEffects({ config, log, database }: Parts): Promise<Effects> {
  const { redis, postgres, prefix } = config.queue;
  const warn = (message: string) => log.warn(message);
  if (redis) return openRedisEffects({ url: redis.url, prefix, warn });
  if (postgres) return openPostgresEffects({ url: postgres.url, prefix, warn });
  return openSqlEffects((await database()).pool, { prefix });
}

async function openCheckpointStore({ config, log, database }: Parts): Promise<Checkpoints> {
  const { kafka } = config.source;
  return kafka ? new KafkaCheckpoints(kafka, kafka.checkpointTopic, sourceLog(log)) : openCheckpoints(await database());
}

async function openDeadLetters({ config, log, closers }: Parts): Promise<DeadLetters> {
  const { kafka } = config.source;
  if (kafka) return closers.add('dead letters', new KafkaDeadLetters(kafka, kafka.deadLetterTopic, sourceLog(log)));
  return closers.add('dead letters', await FileDeadLetters.open(join(config.data, 'dead-letters.ndjson')));
}

function notifiersOf(config: Config): Notifier[] {
  const { slack, pagerduty } = config.notify;
  const notifiers: Notifier[] = [];
  if (slack) notifiers.push(slackNotifier({ ...slack, token: readSecret(slack.tokenFile, 'notify.slack.tokenFile') }));
  if (pagerduty) {
    const routingKey = readSecret(pagerduty.routingKeyFile, 'notify.pagerduty.routingKeyFile');
    notifiers.push(pagerdutyNotifier({ ...pagerduty, routingKey }));
  }
  return notifiers;
}

async function readSecretFile(path: string): Promise<string> {
  return readSecret(path, 'respond');
}

/** What the source last said of itself. */
interface SourceState {
  connected: boolean;
  lag: number | undefined;
}

/** Kafka when it is configured, else the HTTP intake over the embedded spool. */
async function openSource(
  parts: Parts,
  own: readonly Format[],
  state: SourceState,
): Promise<{ source: Source; intake: App['intake'] }> {
  const { config, log, metrics, database } = parts;
  if (config.source.kafka) {
    const source = new KafkaSource(config.source.kafka, {
      log: sourceLog(log),
      onState: (now) => {
        state.connected = now === 'connected';
      },
      onLag: (lag) => {
        state.lag = [...lag.values()].reduce((sum, behind) => sum + behind, 0);
        showLag(metrics, lag);
      },
    });
    return { source, intake: undefined };
  }
  const { token, file } = intakeToken(config);
  const http = httpSettings(config);
  const source = new HttpSource(await openSpool(await database()), {
    ...http,
    token,
    formats: [...FORMAT_NAMES, ...own.map(({ id }) => id)],
    faults: (value, format) => decode(value, { format, tenant: config.tenant, own }).errors,
    log: sourceLog(log),
  });
  const url = await source.listen();
  state.connected = true;
  return { source, intake: { url, tokenFile: file } };
}

function sourceLog(log: Log) {
  return (level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: Record<string, unknown> = {}) =>
    log[level](fields, message);
}

/** In the coverage ledger all partitions of a topic are one source. */
function sourceOf({ source }: Config): (partition: string) => string {
  return source.kafka ? (partition) => partition.replace(/\/\d+$/, '') : (partition) => partition;
}

function countingHooks(metrics: Metrics, coverage: CoverageLedger, log: Log): PipelineHooks {
  return {
    read: (_partition, records) => metrics.records.inc(records),
    decoded: ({ events, notCalls }, partition) => {
      for (const event of events) metrics.events.inc({ format: event.format });
      metrics.notCalls.inc(notCalls);
      coverage.notCalls(partition, notCalls);
    },
    scanned: (observation, partition) => {
      coverage.observed(partition, observation);
      const { format } = observation;
      for (const shows of ['content', 'identity', 'tools'] as const)
        if (observation.coverage[shows]) metrics.coverage.inc({ format, shows });
      if (!observation.coverage.identity) metrics.unattributed.inc({ format });
    },
    dead: (letter) => {
      coverage.deadLetter(letter.partition);
      metrics.deadLetters.inc();
      log.warn(letterFields(letter), 'record could not be evaluated');
    },
    gap: (partition, records) => {
      metrics.gaps.inc(records);
      log.error(
        { partition, records },
        'records were gone before they could be read: raise the retention of the topic',
      );
    },
    repeated: () => metrics.repeats.inc(),
    found: (finding) => metrics.findings.inc({ detector: finding.detector }),
    grouped: (finding) => metrics.grouped.inc({ detector: finding.detector }),
    failed: (detector, error) => {
      metrics.detectorErrors.inc({ detector });
      log.error({ detector }, `detector failed on an observation: ${describeError(error)}`);
    },
    checkpointed: (bytes) => metrics.checkpointBytes.set(bytes),
    waiting: (error) => {
      metrics.sinkWaits.inc();
      log.warn(`waiting: ${describeError(error)}`);
    },
  };
}
