/** A Redis that jobs can be trusted to: reached, checked, and reported on when it goes away. */
import { type RedisOptions as ClientOptions, Redis } from 'ioredis';
import { NightjarError } from '../../errors.ts';
import { ANSWER_MS, ask, within } from './deadline.ts';

export interface RedisOptions {
  /** `redis://[user:password@]host:port[/database]`, or `rediss://` for TLS. */
  url: string;
  /** Prefix of all keys. */
  prefix: string;
  /** Told what a person should know: no persistence, connection lost, connection back. Default: standard error. */
  warn?: (message: string) => void;
}

export interface RedisConnection {
  /** For calls that must answer soon: what was sent during an outage is given up after about 15 s. */
  readonly client: Redis;
  /** For messages; without credentials. */
  readonly where: string;
  /** A further connection, for a worker: it waits for as long as an outage lasts. `end` also ends those made of it. */
  openWorker(): { client: Redis; end(): void };
  close(): void;
}

/** Reconnects at least once a second, so that work goes on soon after an outage of any length. */
const retryStrategy = (times: number) => Math.min(times * 100, 1_000);

/**
 * Connects and checks the server's settings.
 * @throws NightjarError `NJ_CONFIG` for a malformed address; `NJ_UNREACHABLE` within about 5 s when nothing answers; `NJ_REFUSED` when the
 * server rejects our credentials, or would drop jobs when its memory is full.
 */
export async function connectRedis({ url, warn = console.error }: RedisOptions): Promise<RedisConnection> {
  const where = `redis at ${hostOf(url)}`;
  const open = new Set<Redis>();
  const connect = (options: ClientOptions) => {
    const client = new Redis(url, {
      lazyConnect: true,
      connectTimeout: 4_000,
      keepAlive: 10_000,
      retryStrategy,
      ...options,
    });
    open.add(client);
    return client;
  };
  const watch = setInterval(() => {
    for (const client of open) renewWhenSilent(client, where);
  }, ANSWER_MS);
  watch.unref();
  const close = () => {
    clearInterval(watch);
    for (const client of open) endClient(client);
  };
  const client = connect({ maxRetriesPerRequest: 20 });
  let reason = 'connection closed';
  client.on('error', (error: Error & { code?: string }) => {
    reason = error.message || error.code || error.name;
  });
  try {
    await within(client.connect(), where);
    checkSettings(await within(client.info(), where), where, warn);
  } catch (error) {
    close();
    if (error instanceof NightjarError && error.code === 'NJ_REFUSED') throw error;
    if (/NOAUTH|WRONGPASS|NOPERM/.test(`${reason} ${error}`)) {
      throw new NightjarError('NJ_REFUSED', `${where} refuses the credentials: ${reason}`, {
        hint: 'check user and password in queue.redis.url',
      });
    }
    const why = error instanceof NightjarError ? error.message : `cannot reach ${where}: ${reason}`;
    throw new NightjarError('NJ_UNREACHABLE', why, { hint: 'start it, or correct queue.redis.url', cause: error });
  }
  reportOutages(client, where, warn);
  return {
    client,
    where,
    openWorker() {
      let ended = false;
      const worker = connect({
        maxRetriesPerRequest: null,
        lazyConnect: false,
        // A worker that closes while the server is away would otherwise go on connecting for ever.
        retryStrategy: (times) => (ended ? null : retryStrategy(times)),
      });
      // The first connection tells of outages; without a listener the error would end the process.
      worker.on('error', () => {});
      const all = [worker];
      // BullMQ makes its blocking connection of this one, and loses track of it when the server is away while it closes.
      const duplicate = worker.duplicate.bind(worker);
      worker.duplicate = (override) => {
        const copy = duplicate(override);
        all.push(copy);
        return copy;
      };
      return {
        client: worker,
        end() {
          ended = true;
          open.delete(worker);
          for (const each of all) endClient(each);
        },
      };
    },
    close,
  };
}

/** The reply of a command, or `NJ_TIMEOUT` after 5 s, or `NJ_UNREACHABLE` with the server's words. */
export function redisCall<T>(connection: RedisConnection, command: Promise<T>): Promise<T> {
  return ask(command, connection.where);
}

/** A connection on which nothing comes back, though it looks open, is made anew: waiting for the system to notice takes minutes. */
function renewWhenSilent(client: Redis, where: string): void {
  if (client.status !== 'ready' && client.status !== 'connect') return;
  within(client.ping(), where).catch(() => {
    if (client.status === 'ready' || client.status === 'connect') client.disconnect(true);
  });
}

/** Ends a connection, also one that is waiting to connect again: that one takes one more try, without which what waits on it hangs. */
function endClient(client: Redis): void {
  const waiting = client.status === 'reconnecting';
  client.disconnect();
  if (waiting) {
    client.connect().then(
      () => client.disconnect(),
      () => {},
    );
  }
}

/** INFO instead of CONFIG GET, which hosted servers forbid. */
function checkSettings(info: string, where: string, warn: (message: string) => void): void {
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  if (policy !== undefined && policy !== 'noeviction') {
    throw new NightjarError('NJ_REFUSED', `${where} would silently drop jobs: its maxmemory-policy is ${policy}`, {
      hint: 'set maxmemory-policy to noeviction',
    });
  }
  if (/^aof_enabled:0/m.test(info)) {
    warn(
      `${where} keeps no append-only file: jobs since its last snapshot are lost when it dies (set appendonly to yes)`,
    );
  }
}

function reportOutages(client: Redis, where: string, warn: (message: string) => void): void {
  let lost = false;
  client.on('error', (error: Error & { code?: string }) => {
    if (!lost) warn(`connection to ${where} lost: ${error.message || error.code}; trying again`);
    lost = true;
  });
  client.on('ready', () => {
    if (lost) warn(`connection to ${where} is back`);
    lost = false;
  });
}

function hostOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^rediss?:$/.test(parsed.protocol)) {
    throw new NightjarError('NJ_CONFIG', 'queue.redis.url is not an address of the form redis://host:port');
  }
  return parsed.host;
}
