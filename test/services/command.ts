/** Runs a command to its end and turns a failure into one error with the command's last lines. */
import { spawn } from 'node:child_process';
import { guard } from './guard.ts';

const keptOutput = 8_000;

/** How a command is run: its working folder, extra environment, the ids to run as, a folder to remove if we die. */
export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  uid?: number;
  gid?: number;
  partial?: string | undefined;
}

/** Resolves when the command ends with 0; rejects with the tail of its output, or with what is wrong with starting it. */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<void> {
  const { partial, ...spawnOptions } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...spawnOptions,
      env: { ...process.env, ...options.env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const release = child.pid === undefined ? undefined : guard(child.pid, partial);
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk).slice(-keptOutput);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => {
      release?.();
      reject(new Error(`cannot run "${command}": ${error.message}`));
    });
    child.once('close', (code, signal) => {
      release?.();
      if (code === 0) resolve();
      else reject(new Error(`"${command} ${args[0] ?? ''}" ended with ${signal ?? code}:\n${output.trim()}`));
    });
  });
}
