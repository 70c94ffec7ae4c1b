/** Tells whether the process that wrote something down is still the one that runs under that id. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessIdentity {
  pid: number;
  /** When it started, in the system's own words: tells it from a later process with the same id. */
  started: string;
  /** Host, boot and process namespace: process ids mean something only among processes that share it. */
  where: string;
}

/** The identity of this process. */
export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, started: startOf(process.pid) ?? 'unknown', where: whereWeRun() };
}

/** Whether that process still runs; only meaningful when `where` equals ours. */
export function stillRuns(identity: ProcessIdentity): boolean {
  return startOf(identity.pid) === identity.started;
}

/** Undefined when no such process runs; one that ended and waits for its parent does not run. */
function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const stat = readText(`/proc/${pid}/stat`);
    // The name in parentheses may hold anything, so the fields are counted from the last closing one.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields === undefined || 'ZX'.includes(fields[0] as string) ? undefined : fields[19];
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function whereWeRun(): string {
  return [hostname(), readText('/proc/sys/kernel/random/boot_id')?.trim(), processNamespace()]
    .filter((part) => part !== undefined)
    .join(' ');
}

function processNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
