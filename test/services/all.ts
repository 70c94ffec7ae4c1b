/** Starts every server that the environment does not already name, all at once. */
import { startElasticsearch } from './elasticsearch.ts';
import { type ServiceName, serviceVariables } from './index.ts';
import { startKafka } from './kafka.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';
import type { RunningServer, StartOptions } from './server.ts';

// In the order of downloading: the slowest to start comes first.
const starters: Record<ServiceName, (options?: StartOptions) => Promise<RunningServer>> = {
  elasticsearch: startElasticsearch,
  kafka: startKafka,
  postgres: startPostgres,
  redis: startRedis,
};

/** The servers of one run. */
export interface Services {
  /** Values for the NIGHTJAR_TEST_* variables of the servers that are up, given ones included. */
  environment: Record<string, string>;
  /** Why a server is not there, by its name. */
  missing: Partial<Record<ServiceName, string>>;
  /** Names of the servers started here whose process has ended since. */
  dead(): ServiceName[];
  /** Stops what was started here; given addresses are left alone. May be called while servers are still starting. */
  stop(): Promise<void>;
}

/** Tells one line of progress to a person. */
export type Progress = (line: string) => void;

function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

/** Starts the servers; never rejects, what cannot be started is named in `missing`. */
export function startServices(progress: Progress): { services: Services; started: Promise<void> } {
  const running = new Map<ServiceName, RunningServer>();
  let stopping = false;
  const services: Services = {
    environment: {},
    missing: {},
    dead: () => [...running].filter(([, server]) => !server.alive()).map(([name]) => name),
    stop: async () => {
      stopping = true;
      await Promise.all([...running.values()].map((server) => server.stop()));
    },
  };
  const start = async (name: ServiceName) => {
    const variable = serviceVariables[name];
    const given = process.env[variable];
    if (given) {
      services.environment[variable] = given;
      progress(`${name}: ${given} (given by ${variable})`);
      return;
    }
    const begin = Date.now();
    try {
      const server = await starters[name]();
      if (stopping) return await server.stop();
      running.set(name, server);
      services.environment[variable] = server.address;
      progress(`${name}: ${server.address}, up after ${seconds(begin)}`);
    } catch (error) {
      services.missing[name] = (error as Error).message;
    }
  };
  const started = Promise.all((Object.keys(starters) as ServiceName[]).map(start)).then(() => {});
  return { services, started };
}
