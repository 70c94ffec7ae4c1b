/** Runs the real `nightjar` command as a process of its own, as a user would, and ends it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  /** Everything printed so far. */
  stderr(): string;
  /** Resolves with the first stderr line that matches; rejects when the process ends before, or after the time. */
  line(pattern: RegExp, timeoutMs?: number): Promise<string>;
  finished: Promise<Finished>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<Finished>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
}

/** Starts `nightjar ARGS…` in a folder. */
export function start(args: string[], options: { cwd?: string; env?: Record<string, string> } = {}): Running {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), join(ROOT, 'src/main.ts'), ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const heard = new Set<() => void>();
  child.stdout?.on('data', (data) => {
    stdout += data;
  });
  child.stderr?.on('data', (data) => {
    stderr += data;
    for (const listener of heard) listener();
  });
  const finished = once(child, 'close').then(([code]) => {
    for (const listener of heard) listener();
    return { code: code as number | null, stdout, stderr };
  });
  return {
    process: child,
    stderr: () => stderr,
    finished,
    line: (pattern, timeoutMs = 60_000) =>
      new Promise((resolve, reject) => {
        const end = (work: () => void) => {
          clearTimeout(timer);
          heard.delete(look);
          work();
        };
        const look = () => {
          const found = stderr.split('\n').find((one) => pattern.test(one));
          if (found !== undefined) end(() => resolve(found));
          else if (child.exitCode !== null || child.signalCode !== null)
            end(() => reject(new Error(`nightjar ended before ${pattern}:\n${stderr.slice(-3_000)}`)));
        };
        const timer = setTimeout(
          () => end(() => reject(new Error(`no ${pattern} in time:\n${stderr.slice(-3_000)}`))),
          timeoutMs,
        );
        heard.add(look);
        look();
      }),
    stop() {
      child.kill('SIGTERM');
      return finished;
    },
    async kill() {
      child.kill('SIGKILL');
      await finished;
    },
  };
}

/** Runs `nightjar ARGS…` to its end. */
export function run(args: string[], options: { cwd?: string; env?: Record<string, string> } = {}): Promise<Finished> {
  return start(args, options).finished;
}

/** A folder of its own for a test, removed at its end. */
export function tempFolder(t: { after(fn: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Waits until the check passes; rejects with its last failure after the time. */
export async function eventually<T>(check: () => Promise<T>, timeoutMs = 60_000, everyMs = 250): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}
