/** What every adapter of the port Queues must do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { NightjarError } from '../../src/errors.ts';
import { GiveUp, type Job, type Queues, RetryLater } from '../../src/ports.ts';
import { eventually } from './eventually.ts';

export interface QueuesUnderTest {
  /** Opens the same queues again each time it is called: same server, same prefix. */
  open(): Promise<Queues>;
  /** Undoes what `start` did, after all that was opened is closed. */
  end?(): Promise<void>;
}

interface Note {
  n: number;
  text?: string;
}

/** @param start own, empty queues per call; undefined when the test was skipped */
export function queuesSuite(
  name: string,
  start: (t: { skip(message?: string): void }) => Promise<QueuesUnderTest | undefined>,
): void {
  function check(title: string, body: (queues: Queues, reopen: () => Promise<Queues>) => Promise<void>): void {
    test(`queues on ${name}: ${title}`, { timeout: 60_000 }, async (t) => {
      const subject = await start(t);
      if (!subject) return;
      const opened: Queues[] = [];
      const open = async () => {
        const queues = await subject.open();
        opened.push(queues);
        return queues;
      };
      try {
        await body(await open(), open);
      } finally {
        await Promise.all(opened.map((queues) => queues.close()));
        await subject.end?.();
      }
    });
  }

  check('a job arrives with its data, whatever characters it holds', async (queues) => {
    const texts = ['plain', 'nul \0 in it', 'half \ud83d surrogate', '\\u0000 spelled out', '💥 "quoted"\n', ''];
    await queues.queue<Note>('alerts').add(texts.map((text, n) => ({ id: `job-${n}`, data: { n, text } })));
    const seen: Job<Note>[] = [];
    await queues.work<Note>('alerts', async (job) => void seen.push(job));
    await eventually(() => assert.equal(seen.length, texts.length));
    assert.deepEqual(
      seen.sort((a, b) => a.data.n - b.data.n),
      texts.map((text, n) => ({ id: `job-${n}`, data: { n, text } })),
    );
  });

  check('the two queues do not mix', async (queues) => {
    await queues.queue<Note>('alerts').add([{ id: 'same', data: { n: 1 } }]);
    await queues.queue<Note>('responses').add([{ id: 'same', data: { n: 2 } }]);
    const seen: number[] = [];
    await queues.work<Note>('responses', async (job) => void seen.push(job.data.n));
    await eventually(() => assert.deepEqual(seen, [2]));
    assert.equal((await queues.queue('alerts').counts()).waiting, 1);
  });

  check(
    'an id is taken once: in one batch, while waiting, after completion, after reopening',
    async (queues, reopen) => {
      const runs: string[] = [];
      const jobs = [
        { id: 'once-a', data: { n: 1 } },
        { id: 'once-a', data: { n: 2 } },
        { id: 'once-b', data: { n: 3 } },
      ];
      await queues.queue<Note>('responses').add(jobs);
      await queues.queue<Note>('responses').add(jobs);
      assert.equal((await queues.queue('responses').counts()).waiting, 2);
      const handle = async (job: Job<Note>) => void runs.push(job.id);
      await queues.work('responses', handle);
      await eventually(async () => assert.equal((await queues.queue('responses').counts()).completed, 2));
      await queues.queue<Note>('responses').add(jobs);
      await queues.close();
      const again = await reopen();
      await again.queue<Note>('responses').add([...jobs, { id: 'last', data: { n: 4 } }]);
      await again.work('responses', handle);
      await eventually(() => assert.equal(runs.at(-1), 'last'));
      assert.deepEqual(runs, ['once-a', 'once-b', 'last']);
    },
  );

  check('ids that BullMQ cannot take are refused by name, and nothing of the batch is added', async (queues) => {
    for (const id of ['a:b', '12345', '', 'marker']) {
      await assert.rejects(
        queues.queue('alerts').add([
          { id: 'good', data: 1 },
          { id, data: 2 },
        ]),
        (error) => {
          assert.ok(error instanceof NightjarError);
          assert.match(error.message, new RegExp(`"${id}"`));
          return true;
        },
      );
    }
    assert.equal((await queues.queue('alerts').counts()).waiting, 0);
  });

  check('a job that fails is tried again until it succeeds', async (queues) => {
    let runs = 0;
    const failed: string[] = [];
    await queues.queue('alerts').add([{ id: 'flaky', data: {} }]);
    await queues.work(
      'alerts',
      async () => {
        if (++runs < 3) throw new Error(`try ${runs}`);
      },
      { onFailed: (job) => void failed.push(job.id) },
    );
    await eventually(async () => assert.equal((await queues.queue('alerts').counts()).completed, 1));
    assert.equal(runs, 3);
    assert.deepEqual(failed, []);
  });

  check('a job fails for good after its attempts, told once, and stays to be seen', async (queues) => {
    let runs = 0;
    const failed: { id: string; data: unknown; message: string }[] = [];
    const job = { id: 'hopeless', data: { n: 7 } };
    await queues.queue('responses').add([job]);
    await queues.work(
      'responses',
      async () => {
        throw new Error(`no\0 way ${++runs}`);
      },
      { attempts: 3, onFailed: ({ id, data }, error) => void failed.push({ id, data, message: error.message }) },
    );
    await eventually(() => assert.equal(failed.length, 1));
    await sleep(300);
    assert.deepEqual(failed, [{ ...job, message: 'no\0 way 3' }]);
    assert.equal(runs, 3);
    assert.equal((await queues.queue('responses').counts()).failed, 1);
    assert.deepEqual(await queues.queue('responses').list(['failed'], 10), [job]);
  });

  check('GiveUp fails a job at once, told once', async (queues) => {
    let runs = 0;
    const failed: Error[] = [];
    await queues.queue('responses').add([{ id: 'refused', data: {} }]);
    const reason = new GiveUp('never touch');
    await queues.work(
      'responses',
      async () => {
        runs++;
        throw reason;
      },
      { onFailed: (_, error) => void failed.push(error) },
    );
    await eventually(() => assert.equal(failed.length, 1));
    await sleep(300);
    assert.equal(runs, 1);
    assert.deepEqual(failed, [reason]);
  });

  check('RetryLater is no attempt, and other jobs do not wait for it', async (queues) => {
    const runs: string[] = [];
    const failed: string[] = [];
    await queues.queue<Note>('alerts').add([{ id: 'limited', data: { n: 3 } }]);
    await queues.work<Note>(
      'alerts',
      async ({ id, data }) => {
        runs.push(id);
        if (runs.filter((run) => run === id).length <= data.n) throw new RetryLater(1_000, 'slow down');
      },
      { attempts: 1, onFailed: (job) => void failed.push(job.id) },
    );
    await eventually(() => assert.equal(runs.length, 1));
    await queues.queue<Note>('alerts').add([{ id: 'other', data: { n: 0 } }]);
    const asked = Date.now();
    await eventually(() => assert.equal(runs.includes('other'), true));
    assert.ok(Date.now() - asked < 900, 'the other job waited');
    await eventually(async () => assert.equal((await queues.queue('alerts').counts()).completed, 2));
    assert.equal(runs.filter((run) => run === 'limited').length, 4);
    assert.deepEqual(failed, []);
  });

  check('several workers process each of 1,000 jobs once', async (queues, reopen) => {
    const runs = new Map<string, number>();
    const byWorker = [0, 0];
    const other = await reopen();
    for (const [i, each] of [queues, other].entries()) {
      await each.work(
        'alerts',
        async ({ id }) => {
          runs.set(id, (runs.get(id) ?? 0) + 1);
          byWorker[i] = (byWorker[i] as number) + 1;
        },
        { concurrency: 8 },
      );
    }
    await queues.queue('alerts').add(Array.from({ length: 1_000 }, (_, i) => ({ id: `job-${i}`, data: { i } })));
    await eventually(async () => assert.equal((await queues.queue('alerts').counts()).completed, 1_000), 40_000);
    assert.equal(runs.size, 1_000);
    assert.deepEqual(
      [...runs.values()].filter((n) => n !== 1),
      [],
    );
    assert.ok(
      byWorker.every((n) => n > 0),
      `one worker did nothing: ${byWorker}`,
    );
  });

  check('list answers the oldest jobs first, over states, up to the limit', async (queues) => {
    const queue = queues.queue<Note>('alerts');
    for (const n of [0, 1, 2, 3]) {
      await queue.add([{ id: `job-${n}`, data: { n } }]);
      await sleep(5);
    }
    const ids = async (limit: number) => (await queue.list(['waiting', 'failed'], limit)).map((job) => job.id);
    assert.deepEqual(await ids(3), ['job-0', 'job-1', 'job-2']);
    const worker = await queues.work<Note>('alerts', async ({ data }) => {
      if (data.n === 0) throw new GiveUp('the first');
      await sleep(50);
    });
    await eventually(async () => assert.equal((await queue.counts()).failed, 1));
    await worker.close();
    assert.equal((await ids(1))[0], 'job-0');
    assert.deepEqual(await ids(0), []);
  });

  check('closing a worker waits for the job in hand, which then counts as done', async (queues, reopen) => {
    let started = 0;
    let finished = 0;
    await queues.queue('responses').add([{ id: 'in-hand', data: {} }]);
    const worker = await queues.work('responses', async () => {
      started++;
      await sleep(600);
      finished++;
    });
    await eventually(() => assert.equal(started, 1));
    await worker.close();
    assert.equal(finished, 1);
    await queues.close();
    const again = await reopen();
    assert.equal((await again.queue('responses').counts()).completed, 1);
  });
}
