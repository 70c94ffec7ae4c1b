/** Builds and starts an OpenTelemetry Collector that takes OTLP/HTTP and writes to Kafka, as JSON and as protobuf. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { cached } from './maven.ts';
import { freePort } from './ports.ts';
import { type RunningServer, startServer } from './server.ts';
import { inServerDir } from './server-dir.ts';

const source = join(import.meta.dirname, 'otelcol');
const encodings = ['otlp_proto', 'otlp_json'] as const;

/** Where the exporters write, per encoding. */
export type CollectorTopics = Record<(typeof encodings)[number], { traces: string; logs: string }>;

/** Path of the binary; some minutes on first use. The checksums of all modules are pinned beside the source. */
async function binary(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['main.go', 'go.mod', 'go.sum']) hash.update(readFileSync(join(source, name)));
  const folder = await cached(`otelcol-${hash.digest('hex').slice(0, 12)}`, (partial) =>
    run('go', ['build', '-mod=readonly', '-trimpath', '-ldflags=-s -w', '-o', join(partial, 'otelcol'), '.'], {
      cwd: source,
      partial,
    }),
  );
  return join(folder, 'otelcol');
}

/** Builds the binary where it is not cached yet. @throws when there is no Go, or the modules cannot be had */
export async function buildOtelcol(): Promise<void> {
  await binary();
}

function config(port: number, brokers: string[], topics: CollectorTopics, compression: string): object {
  const exporters = Object.fromEntries(
    encodings.map((encoding) => [
      `kafka/${encoding}`,
      {
        brokers,
        traces: { topic: topics[encoding].traces, encoding },
        logs: { topic: topics[encoding].logs, encoding },
        producer: { compression },
      },
    ]),
  );
  const pipeline = { receivers: ['otlp'], processors: ['batch'], exporters: Object.keys(exporters) };
  return {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    processors: { batch: { timeout: '200ms' } },
    exporters,
    service: { pipelines: { traces: pipeline, logs: pipeline }, telemetry: { metrics: { level: 'none' } } },
  };
}

/** A Collector, up in about a second; address `http://127.0.0.1:port` for OTLP/HTTP. */
export async function startOtelcol(
  brokers: string[],
  topics: CollectorTopics,
  compression: 'zstd' | 'gzip' | 'snappy' | 'lz4',
): Promise<RunningServer> {
  const command = await binary();
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const ready = () =>
    fetch(address).then(
      () => true,
      () => false,
    );
  return inServerDir('otelcol', undefined, async (dir) => {
    const file = join(dir.path, 'config.json');
    await writeFile(file, JSON.stringify(config(port, brokers, topics, compression)));
    return startServer({ name: 'otelcol', command, args: ['--config', `file:${file}`], port, address, ready }, dir);
  });
}
