/** What an error of kafkajs means for us, and the one line that a person reads. */
import { describeError, NightjarError } from '../../errors.ts';

/** Broken for good: kafkajs itself failed; another attempt gives the same. */
const FATAL_NAMES = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'KafkaJSNotImplemented']);
const REFUSED_NAMES = new Set(['KafkaJSSASLAuthenticationError', 'KafkaJSSASLMechanismNotSupported']);
/** Codes of Node.js for a certificate of the broker that cannot be trusted. */
const UNTRUSTED =
  /SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|^CERT_|^ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE/;
/** Alerts with which a broker answers a missing or unknown client certificate. */
const CLIENT_CERTIFICATE = /^ERR_SSL_.*(?:CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/;
/** Kafka says nothing to a client that speaks TLS where it does not, or the other way round: it closes. */
const CLOSED = /Closed connection|before secure TLS connection/;

/** What is to be done about an error. */
export type KafkaFailure = 'refused' | 'fatal' | 'unreachable' | 'other';

/** Sorts an error by what to do about it. A passing state of the broker (electing, rebalancing) counts as unreachable. */
export function kafkaFailure(error: unknown): KafkaFailure {
  const chain = causes(error);
  if (chain.some((e) => REFUSED_NAMES.has(e.name) || /AUTHORIZATION_FAILED|SASL/.test(field(e, 'type'))))
    return 'refused';
  if (certificateFault(chain) !== undefined) return 'refused';
  if (chain.some((e) => FATAL_NAMES.has(e.name))) return 'fatal';
  if (chain.some((e) => e.name === 'KafkaJSProtocolError' && 'retriable' in e && e.retriable === true))
    return 'unreachable';
  if (chain.some((e) => /Connection|Broker|Timeout|Coordinator|Metadata/.test(e.name))) return 'unreachable';
  return 'other';
}

/** The error of `work` as one of ours, named by `what`. */
export function kafkaError(error: unknown, what: string, brokers: string[]): NightjarError {
  if (error instanceof NightjarError) return error;
  const chain = causes(error);
  const said = describeError(chain.at(-1) ?? error);
  const kind = kafkaFailure(error);
  const at = brokers.join(', ');
  const certificate = certificateFault(chain);
  if (certificate === 'broker') {
    return new NightjarError('NJ_REFUSED', `${what}: the certificate of Kafka at ${at} is not trusted: ${said}`, {
      cause: error,
      hint: 'name the authority that signed it in source.kafka.ssl.caFile',
    });
  }
  if (certificate === 'client') {
    return new NightjarError('NJ_REFUSED', `${what}: Kafka at ${at} refuses our client certificate, or misses one`, {
      cause: error,
      hint: 'check source.kafka.ssl.certFile and keyFile',
    });
  }
  if (kind === 'refused') {
    return new NightjarError('NJ_REFUSED', `${what}: Kafka refuses us: ${said}`, {
      cause: error,
      hint: 'check source.kafka.sasl and the access rights',
    });
  }
  if (kind === 'unreachable') {
    return new NightjarError('NJ_UNREACHABLE', `${what}: Kafka at ${at}: ${said}`, {
      cause: error,
      hint: CLOSED.test(said)
        ? 'check source.kafka.brokers, and that ssl and sasl are what that port wants'
        : 'check source.kafka.brokers and that the server runs',
    });
  }
  return new NightjarError('NJ_INTERNAL', `${what}: ${said}`, { cause: error });
}

function certificateFault(chain: Error[]): 'broker' | 'client' | undefined {
  const codes = chain.map((e) => field(e, 'code'));
  if (codes.some((code) => UNTRUSTED.test(code))) return 'broker';
  return codes.some((code) => CLIENT_CERTIFICATE.test(code)) ? 'client' : undefined;
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

function field(error: Error, name: 'type' | 'code'): string {
  const value: unknown = name in error ? (error as Error & Record<typeof name, unknown>)[name] : undefined;
  return typeof value === 'string' ? value : '';
}
