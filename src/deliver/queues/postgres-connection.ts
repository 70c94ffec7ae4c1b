/** A pool of connections to PostgreSQL, reached and ready for BullMQ's tables and ours. */
import pg from 'pg';
import { describeError, NightjarError } from '../../errors.ts';
import { within } from './deadline.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database` */
  url: string;
  /** Keeps several Nightjars in one database apart. */
  prefix: string;
  /** Told what a person should know: connection lost. Default: standard error. */
  warn?: (message: string) => void;
}

/**
 * Connects.
 * @throws NightjarError `NJ_CONFIG` for a malformed address, `NJ_UNREACHABLE` within about 5 s when nothing answers, `NJ_REFUSED` when
 * the server rejects user, password or database.
 */
export async function connectPostgres({ url, warn = console.error }: PostgresOptions) {
  const where = `postgres at ${hostOf(url)}`;
  const pool = new pg.Pool({
    connectionString: url,
    // Each worker keeps one of them to listen on.
    max: 10,
    connectionTimeoutMillis: 4_000,
    query_timeout: 10_000,
    keepAlive: true,
    application_name: 'nightjar',
    options: '-c search_path=bullmq,public',
  });
  pool.setMaxListeners(0);
  pool.on('error', (error) => warn(`connection to ${where} lost: ${describeError(error)}; trying again`));
  try {
    await within(pool.query('SELECT 1'), where);
  } catch (error) {
    // Not awaited: it waits for connections that may never answer.
    pool.end().catch(() => {});
    // SQLSTATE classes 28 (authorization) and 3D (no such database).
    const refused = /^(28|3D)/.test((error as { code?: string }).code ?? '');
    throw new NightjarError(refused ? 'NJ_REFUSED' : 'NJ_UNREACHABLE', `cannot use ${where}: ${describeError(error)}`, {
      hint: refused ? 'check queue.postgres.url' : 'start it, or correct queue.postgres.url',
      cause: error,
    });
  }
  return { pool, where };
}

function hostOf(url: string): string {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
    throw new NightjarError(
      'NJ_CONFIG',
      'queue.postgres.url is not an address of the form postgres://host:port/database',
    );
  }
  return new URL(url).host;
}
