/** Starts PostgreSQL on an own, empty cluster. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { run } from './command.ts';
import { cached, unpackArtifact } from './maven.ts';
import { freePort } from './ports.ts';
import { type RunningServer, type StartOptions, startServer } from './server.ts';
import { inServerDir } from './server-dir.ts';
import { giveTo, readableInstallation, unprivilegedUser } from './user.ts';

const version = '17.6.0';

function installation(): Promise<string> {
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : 'arm64v8'}`;
  return cached(`postgres-${version}`, async (partial) => {
    await unpackArtifact(`io.zonky.test.postgres:embedded-postgres-binaries-${platform}:${version}`, partial);
    const archive = (await readdir(partial)).find((name) => name.endsWith('.txz'));
    if (!archive) throw new Error('the PostgreSQL artifact holds no .txz archive');
    await run('tar', ['-xJf', archive], { cwd: partial });
    await rm(join(partial, archive));
  });
}

async function answers(address: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: address, connectionTimeoutMillis: 1000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * A PostgreSQL server, up in about 2 s; address `postgres://postgres@127.0.0.1:port/postgres`, no password.
 * `settings` are those of postgresql.conf.
 */
export async function startPostgres(options: StartOptions = {}): Promise<RunningServer> {
  const user = unprivilegedUser();
  const cache = await installation();
  const port = options.port ?? (await freePort());
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    fsync: 'off', // the tests kill processes, not machines
    ...options.settings,
  };
  const address = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return inServerDir('postgres', options.dir, async (dir) => {
    await giveTo(user, dir.path);
    const home = await readableInstallation(cache, dir, user);
    const data = join(dir.path, 'data');
    if (!existsSync(join(data, 'PG_VERSION'))) {
      await mkdir(data, { recursive: true });
      await giveTo(user, data);
      const initArgs = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
      await run(join(home, 'bin', 'initdb'), initArgs, { cwd: dir.path, partial: dir.temporary, ...user });
    }
    return startServer(
      {
        name: 'postgres',
        command: join(home, 'bin', 'postgres'),
        args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
        user,
        port,
        address,
        stopSignal: 'SIGINT', // SIGTERM would wait until every client has gone
        ready: () => answers(address),
      },
      dir,
    );
  });
}
