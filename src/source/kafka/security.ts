/** TLS and login as kafkajs wants them, from the files that the configuration names. */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { SASLOptions } from 'kafkajs';
import { readSecret } from '../../config/load.ts';
import type { KafkaConfig } from '../../config/schema.ts';
import { NightjarError } from '../../errors.ts';

/** @throws NightjarError `NJ_CONFIG` when the password file cannot be read or is empty. */
export function saslOptions(sasl: KafkaConfig['sasl']): SASLOptions | undefined {
  if (!sasl) return undefined;
  const password = readSecret(sasl.passwordFile, 'source.kafka.sasl.passwordFile');
  return { mechanism: sasl.mechanism, username: sasl.username, password } as SASLOptions;
}

/** Certificates are checked whatever is given. @throws NightjarError `NJ_CONFIG` when a file cannot be read. */
export function tlsOptions(ssl: KafkaConfig['ssl']): ConnectionOptions | boolean {
  if (typeof ssl === 'boolean') return ssl;
  const { caFile, certFile, keyFile } = ssl;
  return {
    ...(caFile === undefined ? {} : { ca: pem(caFile, 'caFile') }),
    ...(certFile === undefined ? {} : { cert: pem(certFile, 'certFile') }),
    ...(keyFile === undefined ? {} : { key: pem(keyFile, 'keyFile') }),
  };
}

function pem(file: string, setting: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    throw new NightjarError('NJ_CONFIG', `source.kafka.ssl.${setting}: cannot read ${file}: ${reason}`, { cause });
  }
  // Node takes a file without any certificate in silence, and then trusts nobody.
  if (!text.includes('-----BEGIN '))
    throw new NightjarError('NJ_CONFIG', `source.kafka.ssl.${setting}: ${file} is no PEM`);
  return text;
}
