/** The folder of a server's data and logs: given by the caller, or temporary. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server's folder. */
export interface ServerDir {
  path: string;
  /** The same path when the folder is temporary and has to go with the server. */
  temporary?: string;
}

/** Removes a temporary folder; leaves a given one. */
export async function removeIfTemporary(dir: ServerDir): Promise<void> {
  // A server that was killed a moment ago may still be writing.
  if (dir.temporary) await rm(dir.temporary, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** Calls `start` with the given folder, made when absent, or with a temporary one that is removed if `start` fails. */
export async function inServerDir<T>(
  name: string,
  given: string | undefined,
  start: (dir: ServerDir) => Promise<T>,
): Promise<T> {
  if (given !== undefined) {
    await mkdir(given, { recursive: true });
    return start({ path: given });
  }
  const temporary = await mkdtemp(join(tmpdir(), `nightjar-${name}-`));
  const dir = { path: temporary, temporary };
  try {
    return await start(dir);
  } catch (error) {
    await removeIfTemporary(dir);
    throw error;
  }
}
