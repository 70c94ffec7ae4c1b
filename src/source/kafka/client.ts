/** How every Kafka adapter connects: one client per configuration, quiet, with the codecs registered. */
import kafkajs, { type Kafka } from 'kafkajs';
import type { KafkaConfig } from '../../config/schema.ts';
import { type Log, silent } from '../log.ts';
import { registerCodecs } from './codecs.ts';
import { saslOptions, tlsOptions } from './security.ts';

/** What is needed to reach the brokers. */
export type KafkaConnection = Pick<KafkaConfig, 'brokers' | 'clientId' | 'ssl' | 'sasl'>;

/**
 * A kafkajs client. Does not connect yet. What kafkajs says goes to `log` as debug: the adapters say the same in one clear line.
 * @throws NightjarError `NJ_CONFIG` when a password or certificate file cannot be read.
 */
export function kafkaClient(connection: KafkaConnection, log: Log = silent): Kafka {
  registerCodecs();
  const sasl = saslOptions(connection.sasl);
  return new kafkajs.Kafka({
    brokers: connection.brokers,
    clientId: connection.clientId,
    ssl: tlsOptions(connection.ssl),
    ...(sasl ? { sasl } : {}),
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries: 4 },
    logLevel: kafkajs.logLevel.INFO,
    logCreator:
      () =>
      ({ namespace, log: { message, error } }) =>
        log('debug', `kafkajs ${namespace}: ${message}`, error === undefined ? {} : { error: String(error) }),
  });
}

/** Options that every producer here needs; the partitioner is named because kafkajs warns on the console of its default. */
export const producerOptions = {
  createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  allowAutoTopicCreation: false,
};
