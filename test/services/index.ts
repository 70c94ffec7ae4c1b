/** Gives a test the addresses of the real servers it names, or skips the test and says loudly what is missing. */
import type { TestContext } from 'node:test';

/** The servers a test can ask for, each with the environment variable that carries its address. */
export const serviceVariables = {
  kafka: 'NIGHTJAR_TEST_KAFKA',
  redis: 'NIGHTJAR_TEST_REDIS',
  postgres: 'NIGHTJAR_TEST_POSTGRES',
  elasticsearch: 'NIGHTJAR_TEST_ELASTICSEARCH',
} as const;

/** A server that tests can ask for. */
export type ServiceName = keyof typeof serviceVariables;

/** All server names, in the order in which they are listed to people. */
export const serviceNames = Object.keys(serviceVariables) as readonly ServiceName[];

/**
 * Addresses by server: kafka `host:port` (comma-separated when there are several), redis `redis://host:port`,
 * postgres `postgres://user:password@host:port/database`, elasticsearch `http://host:port`.
 */
export type Addresses<N extends ServiceName = ServiceName> = Record<N, string>;

/**
 * Addresses of the named servers, or undefined when one is missing; then the test is already marked as skipped and
 * should return at once. Throws instead of skipping when REQUIRE_SERVICES=1.
 *
 * @example
 * const servers = need(t, 'kafka', 'redis');
 * if (!servers) return;
 * const kafka = new Kafka({ brokers: servers.kafka.split(',') });
 */
export function need<N extends ServiceName>(t: Pick<TestContext, 'skip'>, ...names: N[]): Addresses<N> | undefined {
  const missing = names.filter((name) => !process.env[serviceVariables[name]]);
  if (missing.length > 0) {
    const variables = missing.map((name) => serviceVariables[name]).join(', ');
    const reason = `needs ${missing.join(', ')}: set ${variables}, or run through "npm run test:integration", which starts them`;
    if (process.env.REQUIRE_SERVICES === '1') throw new Error(`${reason} (REQUIRE_SERVICES=1 forbids to skip)`);
    t.skip(`SKIPPED, ${reason}`);
    return undefined;
  }
  return Object.fromEntries(names.map((name) => [name, process.env[serviceVariables[name]]])) as Addresses<N>;
}
