/** The unprivileged user that runs the servers which refuse to run as root. */
import { existsSync, readFileSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import type { ServerDir } from './server-dir.ts';

/** Ids of a user in the system's user table. */
export interface User {
  uid: number;
  gid: number;
}

/** The user `nobody` when this process is root, else undefined: then the servers run as the present user. */
export function unprivilegedUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8').match(/^nobody:[^:]*:(\d+):(\d+):/m);
  if (!line) throw new Error('this server refuses to run as root and there is no user "nobody" to run it as');
  return { uid: Number(line[1]), gid: Number(line[2]) };
}

/** Hands a folder over to `user`; does nothing without one. */
export async function giveTo(user: User | undefined, folder: string): Promise<void> {
  if (user) await chown(folder, user.uid, user.gid);
}

/**
 * A path of an installation that `user` can read. The cache of root is closed to other users, so for another user the
 * installation is mirrored to `home` inside the server's own folder, with hard links where the file system allows.
 */
export async function readableInstallation(cached: string, dir: ServerDir, user: User | undefined): Promise<string> {
  if (!user) return cached;
  const home = join(dir.path, 'home');
  const partial = dir.temporary;
  if (!existsSync(home)) {
    await run('cp', ['-al', cached, home], { partial }).catch(async () => {
      await run('rm', ['-rf', home], { partial });
      await run('cp', ['-a', cached, home], { partial });
    });
  }
  return home;
}
