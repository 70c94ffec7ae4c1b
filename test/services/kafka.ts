/** Starts Kafka 4.1.1 as one KRaft process (broker and controller) with small settings for tests. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { findJava } from './java.ts';
import { cached, copyJars } from './maven.ts';
import { ask, freePorts } from './ports.ts';
import { type RunningServer, type StartOptions, startServer } from './server.ts';
import { inServerDir } from './server-dir.ts';

const version = '4.1.1';
const javaOptions = ['-Xms256m', '-Xmx512m', '-XX:+UseSerialGC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];

function installation(): Promise<string> {
  return cached(`kafka-${version}`, (partial) =>
    copyJars([`org.apache.kafka:kafka_2.13:${version}`, 'org.slf4j:slf4j-simple:1.7.36'], partial),
  );
}

/** Further ways in, beside the one without TLS and login. */
export interface KafkaOptions extends StartOptions {
  /** By listener name: its port, and a protocol of Kafka (`SSL`, `SASL_SSL`, `SASL_PLAINTEXT`). */
  listeners?: Record<string, { port: number; protocol: string }>;
  /** Users for SCRAM, made before the first start: passwords by name. */
  scramUsers?: Record<string, string>;
}

function properties(
  port: number,
  controllerPort: number,
  dir: string,
  { settings, listeners: more = {} }: KafkaOptions,
): string {
  const added = Object.entries(more).map(([name, listener]) => `,${name}://127.0.0.1:${listener.port}`);
  const protocols = Object.entries(more).map(([name, { protocol }]) => `,${name}:${protocol}`);
  const values: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${added.join('')}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}${added.join('')}`,
    'listener.security.protocol.map': `PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT${protocols.join('')}`,
    'log.dirs': join(dir, 'data'),
    'auto.create.topics.enable': 'false',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '1',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    // A broker that was killed is let in again only when its former session has run out.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'message.max.bytes': String(10 * 1024 * 1024),
    'replica.fetch.max.bytes': String(10 * 1024 * 1024),
    // Records carry the times of recorded logs; the clock must not make the broker drop them in the middle of a test.
    'log.retention.ms': '-1',
    'log.cleaner.backoff.ms': '500',
    'log.cleaner.dedupe.buffer.size': String(16 * 1024 * 1024),
    ...settings,
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value.replaceAll('\n', '\\n')}\n`)
    .join('');
}

// An ApiVersions request: the broker answers any request only when it is registered and serves its listeners.
const apiVersions = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]);

/** A Kafka broker, up in about 4 s; address `127.0.0.1:port`. `settings` are broker properties. */
export async function startKafka(options: KafkaOptions = {}): Promise<RunningServer> {
  const command = join(findJava(17), 'bin', 'java');
  const jars = await installation();
  const [freeOne, controllerPort] = (await freePorts(2)) as [number, number];
  const port = options.port ?? freeOne;
  const java = [...javaOptions, '-cp', `${jars}/*`];
  const ready = async () => (await ask(port, apiVersions)).length > 0;
  const address = `127.0.0.1:${port}`;
  return inServerDir('kafka', options.dir, async (dir) => {
    const config = join(dir.path, 'server.properties');
    await writeFile(config, properties(port, controllerPort, dir.path, options));
    if (!existsSync(join(dir.path, 'data', 'meta.properties'))) {
      const cluster = randomBytes(16).toString('base64url').replace(/^-/, 'n');
      const users = Object.entries(options.scramUsers ?? {}).flatMap(([name, password]) =>
        ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((kind) => [
          '--add-scram',
          `${kind}=[name=${name},password=${password}]`,
        ]),
      );
      const args = [...java, 'kafka.tools.StorageTool', 'format', '-t', cluster, '-c', config, ...users];
      await run(command, args, { partial: dir.temporary });
    }
    const args = [...java, 'kafka.Kafka', config];
    return startServer({ name: 'kafka', command, args, port, address, ready }, dir);
  });
}
