/** Starts one server process, waits until it answers, and stops or kills it by its process group. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { guard } from './guard.ts';
import { removeIfTemporary, type ServerDir } from './server-dir.ts';

/** What every starter takes; a server that was killed comes back with the `port` and `dir` of its handle. */
export interface StartOptions {
  /** Port on 127.0.0.1; default: a free one. */
  port?: number;
  /** Folder of data and logs, left to the caller; default: an own temporary one that `stop` removes. */
  dir?: string;
  /** Settings of the server's own configuration that replace or extend those for tests. */
  settings?: Record<string, string>;
}

/** A server that answers. */
export interface RunningServer {
  /** In the form that `need` gives to tests. */
  address: string;
  port: number;
  dir: string;
  /** Process id, which is also the id of the server's process group. */
  pid: number;
  /** Sends a signal to the whole server, for example SIGSTOP and SIGCONT to freeze and thaw it. */
  signal(name: NodeJS.Signals): void;
  /** Ends it with SIGKILL and keeps its folder, so that it can be started again on it. */
  kill(): Promise<void>;
  /** Ends it in order (by force after 20 s) and removes the folder if it was made by the starter. */
  stop(): Promise<void>;
  /** False once the process has ended for whatever reason. */
  alive(): boolean;
}

/** How a server is started and recognised as ready. */
export interface ServerCommand {
  name: string;
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  user?: { uid: number; gid: number } | undefined;
  port: number;
  address: string;
  /** Signal that asks the server to end in order; default SIGTERM. */
  stopSignal?: NodeJS.Signals;
  ready(): Promise<boolean>;
}

const readyWithinMs = 120_000;
const stopWithinMs = 20_000;

function groupAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  if (groupAlive(pid)) process.kill(-pid, name);
}

function logTail(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').slice(-15).join('\n');
}

/** Starts the process in `dir` (log in `server.log`) and resolves once `ready` says so; else rejects with the log's end. */
export async function startServer(spec: ServerCommand, dir: ServerDir): Promise<RunningServer> {
  const logFile = join(dir.path, 'server.log');
  const log = openSync(logFile, 'a');
  const child = spawn(spec.command, spec.args, {
    cwd: dir.path,
    env: { ...process.env, ...spec.env },
    ...(spec.user ?? {}),
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let ended = false;
  const exited = once(child, 'exit').catch((error: Error) => error);
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${spec.name}: cannot run ${spec.command}: ${await exited}`);
  const release = guard(pid, dir.temporary);
  exited.then(() => {
    ended = true;
    release();
  });
  child.unref();

  const end = async (signal: NodeJS.Signals) => {
    child.ref();
    signalGroup(pid, signal);
    signalGroup(pid, 'SIGCONT'); // a frozen server acts on a signal only once it runs again
    const deadline = AbortSignal.timeout(stopWithinMs);
    while ((!ended || groupAlive(pid)) && !deadline.aborted) await sleep(20);
    signalGroup(pid, 'SIGKILL');
    await exited;
  };
  const server: RunningServer = {
    address: spec.address,
    port: spec.port,
    dir: dir.path,
    pid,
    signal: (name) => signalGroup(pid, name),
    kill: () => end('SIGKILL'),
    stop: async () => {
      await end(spec.stopSignal ?? 'SIGTERM');
      await removeIfTemporary(dir);
    },
    alive: () => !ended,
  };

  const deadline = Date.now() + readyWithinMs;
  while (!(await spec.ready())) {
    if (!ended && Date.now() < deadline) {
      await sleep(50);
      continue;
    }
    const why = ended ? 'ended at once' : `gave no answer within ${readyWithinMs / 1000} s`;
    const tail = logTail(logFile);
    await server.stop();
    throw new Error(`${spec.name} ${why}; end of its log:\n${tail}`);
  }
  return server;
}
