/** Starts Redis 7.0.15 with the durability that the queues ask for. */
import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, unpackArtifact } from './maven.ts';
import { ask, freePort } from './ports.ts';
import { type RunningServer, type StartOptions, startServer } from './server.ts';
import { inServerDir } from './server-dir.ts';

const version = '7.0.15';

async function installation(): Promise<string> {
  const binary = `redis-server-${version}-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const folder = await cached(`redis-${version}`, async (partial) => {
    await unpackArtifact('org.signal:embedded-redis:0.9.1', partial);
    for (const name of await readdir(partial)) {
      if (name === binary) await chmod(join(partial, name), 0o755);
      else await rm(join(partial, name), { recursive: true });
    }
  });
  return join(folder, binary);
}

/**
 * A Redis server, up in well under a second; address `redis://127.0.0.1:port`. `settings` are redis.conf directives.
 *
 * @example
 * const redis = await startRedis();
 * await redis.kill();
 * const again = await startRedis({ port: redis.port, dir: redis.dir });
 */
export async function startRedis(options: StartOptions = {}): Promise<RunningServer> {
  const command = await installation();
  const port = options.port ?? (await freePort());
  const ready = async () => (await ask(port, Buffer.from('PING\r\n'))).toString().startsWith('+PONG');
  const address = `redis://127.0.0.1:${port}`;
  return inServerDir('redis', options.dir, (dir) => {
    const settings = {
      port: String(port),
      bind: '127.0.0.1',
      dir: dir.path,
      save: '',
      appendonly: 'yes',
      appendfsync: 'everysec',
      'maxmemory-policy': 'noeviction',
      ...options.settings,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    return startServer({ name: 'redis', command, args, port, address, ready }, dir);
  });
}
