/** How every Kafka adapter connects: one client per configuration, quiet, with the codecs registered. */
import { readFileSync } from 'node:fs';
import kafkajs, { type Kafka, type SASLOptions } from 'kafkajs';
import type { KafkaConfig } from '../../config/schema.ts';
import { describeError, NightjarError } from '../../errors.ts';
import { type Log, silent } from '../log.ts';
import { registerCodecs } from './codecs.ts';

/** What is needed to reach the brokers. */
export type KafkaConnection = Pick<KafkaConfig, 'brokers' | 'clientId' | 'ssl' | 'sasl'>;

/**
 * A kafkajs client. Does not connect yet. What kafkajs says goes to `log` as debug: the adapters say the same in one clear line.
 * @throws NightjarError `NJ_CONFIG` when the password file cannot be read.
 */
export function kafkaClient(connection: KafkaConnection, log: Log = silent): Kafka {
  registerCodecs();
  const sasl = saslOptions(connection);
  return new kafkajs.Kafka({
    brokers: connection.brokers,
    clientId: connection.clientId,
    ssl: connection.ssl,
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

function saslOptions({ sasl }: KafkaConnection): SASLOptions | undefined {
  if (!sasl) return undefined;
  let password: string;
  try {
    password = readFileSync(sasl.passwordFile, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new NightjarError('NJ_CONFIG', `source.kafka.sasl.passwordFile: cannot read ${sasl.passwordFile}`, { cause });
  }
  return { mechanism: sasl.mechanism, username: sasl.username, password } as SASLOptions;
}

/** Broken for good: kafkajs itself failed, or the broker refuses us; another attempt gives the same. */
const FATAL_NAMES = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'KafkaJSNotImplemented']);
const REFUSED_NAMES = new Set(['KafkaJSSASLAuthenticationError', 'KafkaJSSASLMechanismNotSupported']);

/** What an error of kafkajs means for us. */
export type KafkaFailure = 'refused' | 'fatal' | 'unreachable' | 'other';

/** Sorts an error by what to do about it. A passing state of the broker (electing, rebalancing) counts as unreachable. */
export function kafkaFailure(error: unknown): KafkaFailure {
  const chain = causes(error);
  if (chain.some((e) => REFUSED_NAMES.has(e.name) || /AUTHORIZATION_FAILED|SASL/.test(errorType(e)))) return 'refused';
  if (chain.some((e) => FATAL_NAMES.has(e.name))) return 'fatal';
  if (chain.some((e) => e.name === 'KafkaJSProtocolError' && 'retriable' in e && e.retriable === true))
    return 'unreachable';
  if (chain.some((e) => /Connection|Broker|Timeout|Coordinator|Metadata/.test(e.name))) return 'unreachable';
  return 'other';
}

/** The error of `work` as one of ours, named by `what`. */
export function kafkaError(error: unknown, what: string, brokers: string[]): NightjarError {
  if (error instanceof NightjarError) return error;
  const inner = causes(error).at(-1) ?? error;
  const kind = kafkaFailure(error);
  if (kind === 'refused') {
    return new NightjarError('NJ_REFUSED', `${what}: Kafka refuses us: ${describeError(inner)}`, {
      cause: error,
      hint: 'check source.kafka.sasl and the access rights',
    });
  }
  if (kind === 'unreachable') {
    return new NightjarError('NJ_UNREACHABLE', `${what}: Kafka at ${brokers.join(', ')}: ${describeError(inner)}`, {
      cause: error,
      hint: 'check source.kafka.brokers and that the server runs',
    });
  }
  return new NightjarError('NJ_INTERNAL', `${what}: ${describeError(inner)}`, { cause: error });
}

function causes(error: unknown): Error[] {
  const chain: Error[] = [];
  let at = error;
  while (at instanceof Error && chain.length < 8) {
    chain.push(at);
    at = at.cause;
  }
  return chain;
}

function errorType(error: Error): string {
  return 'type' in error && typeof error.type === 'string' ? error.type : '';
}
