/** A Kafka broker with every way in that we support: TLS with and without a client certificate, and login by PLAIN and SCRAM. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAuthority } from './certificates.ts';
import { startKafka } from './kafka.ts';
import { freePorts } from './ports.ts';

export const USER = 'ada';
export const PASSWORD = 'a-password-of-the-test';

export interface SecureKafka {
  /** Without TLS and login, for making topics and records. */
  open: string;
  /** `host:port` by way in. */
  tls: string;
  mutualTls: string;
  saslTls: string;
  saslPlaintext: string;
  /** Paths of PEM files: `ca` signed the broker and `client`; `otherCa` signed neither. */
  ca: string;
  otherCa: string;
  client: { cert: string; key: string };
  stop(): Promise<void>;
}

const MECHANISMS = 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512';
const SECURITY = 'org.apache.kafka.common.security';

export async function startSecureKafka(): Promise<SecureKafka> {
  const folder = await mkdtemp(join(tmpdir(), 'nightjar-certificates-'));
  const cleanUp = () => rm(folder, { recursive: true, force: true });
  try {
    const authority = await makeAuthority(folder, 'authority');
    const other = await makeAuthority(folder, 'other');
    const server = await authority.issue('broker');
    const client = await authority.issue('client');
    const [tls, mutual, saslTls, saslPlain] = (await freePorts(4)) as [number, number, number, number];
    const read = (file: string) => readFileSync(file, 'utf8');
    const broker = await startKafka({
      scramUsers: { [USER]: PASSWORD },
      listeners: {
        TLS: { port: tls, protocol: 'SSL' },
        MUTUAL: { port: mutual, protocol: 'SSL' },
        SASLTLS: { port: saslTls, protocol: 'SASL_SSL' },
        SASLPLAIN: { port: saslPlain, protocol: 'SASL_PLAINTEXT' },
      },
      settings: {
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.certificate.chain': read(server.cert),
        'ssl.keystore.key': read(server.key),
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.certificates': read(authority.ca),
        'listener.name.mutual.ssl.client.auth': 'required',
        ...saslSettings('sasltls'),
        ...saslSettings('saslplain'),
      },
    });
    const at = (port: number) => `127.0.0.1:${port}`;
    return {
      open: broker.address,
      tls: at(tls),
      mutualTls: at(mutual),
      saslTls: at(saslTls),
      saslPlaintext: at(saslPlain),
      ca: authority.ca,
      otherCa: other.ca,
      client,
      async stop() {
        await broker.stop();
        await cleanUp();
      },
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

function saslSettings(listener: string): Record<string, string> {
  const jaas = (mechanism: string) => `listener.name.${listener}.${mechanism}.sasl.jaas.config`;
  return {
    'sasl.enabled.mechanisms': MECHANISMS,
    [jaas('plain')]: `${SECURITY}.plain.PlainLoginModule required user_${USER}="${PASSWORD}";`,
    [jaas('scram-sha-256')]: `${SECURITY}.scram.ScramLoginModule required;`,
    [jaas('scram-sha-512')]: `${SECURITY}.scram.ScramLoginModule required;`,
  };
}
