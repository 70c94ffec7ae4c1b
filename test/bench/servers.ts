/** Kafka and Redis for the bench: the ones that the environment names, else started here. */
import { serviceVariables } from '../services/index.ts';
import { startKafka } from '../services/kafka.ts';
import { startRedis } from '../services/redis.ts';

export interface Servers {
  kafka: string;
  redis: string;
  stop(): Promise<void>;
}

/** @throws Error with what is missing to start them */
export async function startServers(): Promise<Servers> {
  const started: { stop(): Promise<void> }[] = [];
  const open = async (name: 'kafka' | 'redis', start: () => Promise<{ address: string; stop(): Promise<void> }>) => {
    const given = process.env[serviceVariables[name]];
    if (given) return given;
    const server = await start();
    started.push(server);
    return server.address;
  };
  const stop = async () => {
    for (const server of started) await server.stop();
  };
  try {
    return { kafka: await open('kafka', startKafka), redis: await open('redis', startRedis), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
