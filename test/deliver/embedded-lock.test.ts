/** One owner per folder: after kill -9, among simultaneous starters, against reused process ids and other hosts. */
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { lockFolder } from '../../src/deliver/embedded/folder-lock.ts';
import { thisProcess } from '../../src/deliver/embedded/process-identity.ts';
import { NightjarError } from '../../src/errors.ts';

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-lock-'));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const ownedBy = (pid: number, folder: string) => (error: unknown) => {
  assert.ok(error instanceof NightjarError);
  assert.equal(error.code, 'NJ_OWNED');
  assert.match(error.message, new RegExp(`\\b${pid}\\b`));
  assert.ok(error.message.includes(folder));
  assert.ok(error.hint);
  assert.doesNotMatch(error.message, /\n/);
  return true;
};

const plant = (folder: string, owner: object | string) =>
  writeFileSync(join(folder, 'owner-1.lock'), typeof owner === 'string' ? owner : JSON.stringify(owner));

test('the second owner is refused, after the release it is not, and one file stays', () =>
  inFolder(async (folder) => {
    const first = await lockFolder(folder);
    await assert.rejects(lockFolder(folder), ownedBy(process.pid, folder));
    first.release();
    const second = await lockFolder(folder);
    await assert.rejects(lockFolder(folder), ownedBy(process.pid, folder));
    second.release();
    assert.equal(readdirSync(folder).length, 1);
  }));

test('a folder is made when missing; one that cannot be written is a fault of the config', () =>
  inFolder(async (folder) => {
    (await lockFolder(join(folder, 'a', 'b'))).release();
    writeFileSync(join(folder, 'file'), '');
    await assert.rejects(lockFolder(join(folder, 'file', 'sub')), (error) => {
      assert.ok(error instanceof NightjarError);
      assert.equal(error.code, 'NJ_CONFIG');
      return true;
    });
  }));

test('an owner whose process id now belongs to another process is gone', () =>
  inFolder(async (folder) => {
    plant(folder, { ...thisProcess(), started: '1', released: false });
    (await lockFolder(folder)).release();
  }));

test('an owner on another host lives while its file is touched, and is gone when it stays silent', () =>
  inFolder(async (folder) => {
    plant(folder, { pid: 4, started: '1', where: 'elsewhere boot pid:[1]', released: false });
    let time = 1_000;
    const beat = setInterval(() => utimesSync(join(folder, 'owner-1.lock'), time, time++), 300);
    try {
      await assert.rejects(lockFolder(folder, 2_000), ownedBy(4, folder));
    } finally {
      clearInterval(beat);
    }
    const from = Date.now();
    (await lockFolder(folder, 1_000)).release();
    assert.ok(Date.now() - from >= 900, `took it after ${Date.now() - from} ms`);
  }));

test('a file whose writer died before finishing it does not lock the folder for ever', () =>
  inFolder(async (folder) => {
    plant(folder, '{"pid":');
    (await lockFolder(folder, 1_000)).release();
  }));

test('of starters at the same time exactly one wins, on a free folder and on a dead owner’s', { timeout: 60_000 }, () =>
  inFolder(async (folder) => {
    const children = Array.from({ length: 4 }, startLocker);
    try {
      for (let round = 0; round < 40; round++) {
        const contested = join(folder, String(round));
        if (round % 2 === 1) {
          mkdirSync(contested);
          plant(contested, { ...thisProcess(), pid: 2 ** 22 + 1, released: false });
        }
        const answers = await Promise.all(children.map((child) => child.ask(contested)));
        assert.deepEqual(answers.sort(), ['NJ_OWNED', 'NJ_OWNED', 'NJ_OWNED', 'won'], `round ${round}`);
      }
    } finally {
      await Promise.all(children.map((child) => child.kill()));
    }
    // All owners are dead now, by SIGKILL: each folder can be taken.
    for (let round = 0; round < 40; round++) (await lockFolder(join(folder, String(round)))).release();
  }),
);

function startLocker() {
  const script = new URL('embedded-locker.ts', import.meta.url).pathname;
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, ['--import', 'tsx', script]);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(folder: string): Promise<string> {
      child.stdin.write(`${folder}\n`);
      return (await lines.next()).value as string;
    },
    async kill(): Promise<void> {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}
