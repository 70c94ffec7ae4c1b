/**
 * One owner per folder, even after `kill -9` and among simultaneous starters.
 *
 * Owners are numbered files. A new owner creates the next number exclusively, which only one starter can; the highest number counts and is
 * never removed by the owner that leaves, so that a slow starter cannot take a number that was free when it looked.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NightjarError } from '../../errors.ts';
import { type ProcessIdentity, stillRuns, thisProcess } from './process-identity.ts';

const HEARTBEAT_MS = 3_000;
/** Silence after which an owner that we cannot look up (another host or container, an unfinished file) counts as gone. */
const SILENCE_MS = 15_000;
const POLL_MS = 250;

export interface FolderLock {
  /** Lets the next process own the folder. */
  release(): void;
}

interface Owner extends ProcessIdentity {
  released: boolean;
}

/**
 * Takes the folder, making it when missing.
 * @param silenceMs how long an owner that cannot be looked up must stay silent; default 15 s
 * @throws NightjarError `NJ_OWNED` when another process has it, `NJ_CONFIG` when the folder cannot be written.
 * @example const lock = await lockFolder('.nightjar'); try { … } finally { lock.release(); }
 */
export async function lockFolder(folder: string, silenceMs = SILENCE_MS): Promise<FolderLock> {
  const path = resolve(folder);
  const me = thisProcess();
  try {
    mkdirSync(path, { recursive: true });
    for (;;) {
      const top = highest(path);
      if (top > 0) await requireGone(path, top, me, silenceMs);
      if (!create(path, top + 1, me)) continue;
      if (highest(path) !== top + 1) {
        rmSync(file(path, top + 1), { force: true });
        continue;
      }
      for (const number of numbers(path)) if (number <= top) rmSync(file(path, number), { force: true });
      return hold(file(path, top + 1), me);
    }
  } catch (error) {
    if (error instanceof NightjarError) throw error;
    throw new NightjarError('NJ_CONFIG', `cannot write to the data folder ${path}: ${(error as Error).message}`, {
      hint: 'name a folder that this user may write to, as `data` in the config',
      cause: error,
    });
  }
}

function hold(path: string, me: ProcessIdentity): FolderLock {
  const heartbeat = setInterval(() => {
    try {
      const now = new Date();
      utimesSync(path, now, now);
    } catch {
      // A folder that was removed under us has no next owner to tell.
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    release() {
      clearInterval(heartbeat);
      try {
        writeFileSync(path, JSON.stringify({ ...me, released: true } satisfies Owner));
      } catch {
        // As above.
      }
    },
  };
}

/** Resolves when the owner of that number is gone or was replaced by a higher one; throws when it lives. */
async function requireGone(folder: string, number: number, me: ProcessIdentity, silenceMs: number): Promise<void> {
  const path = file(folder, number);
  let seen = -1;
  for (let silent = 0; silent < silenceMs; silent += POLL_MS) {
    const owner = read(path);
    if (owner?.released) return;
    if (owner?.where === me.where) {
      if (stillRuns(owner)) throw owned(folder, owner, '');
      return;
    }
    const beat = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (beat === undefined) return;
    if (owner && seen >= 0 && beat !== seen) throw owned(folder, owner, ` on ${owner.where.split(' ')[0]}`);
    seen = beat;
    await sleep(POLL_MS);
  }
}

function owned(folder: string, owner: Owner, place: string): NightjarError {
  return new NightjarError('NJ_OWNED', `the data folder ${folder} belongs to process ${owner.pid}${place}`, {
    hint: 'stop that process first, or name another folder as `data` in the config',
  });
}

/** Undefined while its writer has not finished it. */
function read(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

/** False when another starter was faster. */
function create(folder: string, number: number, me: ProcessIdentity): boolean {
  try {
    writeFileSync(file(folder, number), JSON.stringify({ ...me, released: false } satisfies Owner), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function file(folder: string, number: number): string {
  return join(folder, `owner-${number}.lock`);
}

function numbers(folder: string): number[] {
  return readdirSync(folder).flatMap((name) => {
    const match = /^owner-(\d+)\.lock$/.exec(name);
    return match ? [Number(match[1])] : [];
  });
}

function highest(folder: string): number {
  return Math.max(0, ...numbers(folder));
}
