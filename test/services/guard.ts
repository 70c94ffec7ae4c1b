/** Makes sure that a child process group and its folder do not outlive this process, however this process ends. */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

// The shell waits for the end of its standard input, which comes when the parent exits, crashes or is killed.
const script = `read _
kill -s KILL -- "-$1" 2>/dev/null
[ -n "$2" ] || exit 0
rm -rf -- "$2" 2>/dev/null || { sleep 1; rm -rf -- "$2"; }`;

/**
 * Watches a process group from outside: when this process is gone, the group gets SIGKILL and `folder` is removed.
 * Returns a function that ends the watch; call it once the group has ended.
 */
export function guard(groupId: number, folder?: string): () => void {
  const watcher = spawn('sh', ['-c', script, 'sh', String(groupId), folder ?? ''], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  (watcher.stdin as unknown as Socket).unref();
  watcher.stdin.on('error', () => {});
  return () => {
    watcher.kill('SIGKILL');
  };
}
