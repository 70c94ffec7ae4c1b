/** `nightjar run`: the service. Reads, detects and responds until it is told to stop. */
import type { Command } from 'commander';
import { type App, openApp } from '../app.ts';
import { defaultConfig, loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { serveHealth } from '../observe/health.ts';
import { createLog, type Log } from '../observe/log.ts';

export function register(program: Command): void {
  program
    .command('run')
    .description('run the service; without a configuration: HTTP intake and embedded database on this machine')
    .option('-c, --config <file>', 'configuration (YAML)')
    .addHelpText(
      'after',
      '\nExit codes: 0 stopped on request, 1 failed at run time, 2 wrong configuration.\nStops on SIGTERM or Ctrl-C after finishing what is in hand.',
    )
    .action(async ({ config }: { config?: string }) => run(config ? loadConfig(config) : defaultConfig()));
}

async function run(config: Config): Promise<void> {
  const log = createLog(config.log.level);
  const app = await openApp(config, log);
  let alive = true;
  const health = await serveHealth(
    config.metrics,
    () => ({ alive, ready: alive && app.connected(), parts: partsOf(app) }),
    app.metrics,
    () => refresh(app).catch(() => undefined),
    () => app.coverage.report(),
  ).catch(async (error) => {
    await app.stop();
    throw error;
  });
  announce(config, app, health.url, log);
  const stopped = stopOnSignal(app, log);
  try {
    await Promise.race([app.run(), stopped]);
  } catch (error) {
    alive = false;
    throw error;
  } finally {
    await app.stop();
    await health.close();
  }
  log.info('stopped');
}

/** A lag is told and fails nothing: only an operator knows how much is usual. */
function partsOf(app: App): Record<string, string> {
  const lag = app.lag();
  return {
    source: app.connected() ? 'ok' : 'not connected',
    ...(lag === undefined ? {} : { lag: `${lag} records` }),
  };
}

function announce(config: Config, app: App, health: string, log: Log): void {
  const from = config.source.kafka
    ? {
        kafka: config.source.kafka.brokers,
        topics: config.source.kafka.topics.map(({ topic, pattern }) => topic ?? `/${pattern}/`),
      }
    : { intake: app.intake?.url, tokenFile: app.intake?.tokenFile };
  log.info({ mode: config.respond.mode, health, ...from }, 'nightjar runs');
}

/** Resolves after the first signal, when everything is closed; a second signal ends the process at once. */
function stopOnSignal(app: App, log: Log): Promise<void> {
  return new Promise((resolve, reject) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) {
          process.stderr.write(`nightjar: ended at once by a second ${signal}\n`);
          process.exit(1);
        }
        asked = true;
        log.info({ signal }, 'stopping: finishing what is in hand');
        app.stop().then(resolve, reject);
      });
    }
  });
}

/** Gauges that are asked for, not counted. */
async function refresh(app: App): Promise<void> {
  const { metrics, pipeline, queues } = app;
  for (const [detector, size] of Object.entries(pipeline.engine.sizes())) metrics.keys.set({ detector }, size);
  metrics.waiting.set(pipeline.engine.waiting);
  if (Number.isFinite(pipeline.engine.reached)) metrics.eventTime.set(pipeline.engine.reached / 1_000);
  for (const queue of ['alerts', 'responses'] as const)
    for (const [state, count] of Object.entries(await queues.queue(queue).counts()))
      metrics.jobs.set({ queue, state }, count);
}
