/** Queues and workers on BullMQ; which server stands behind them is injected. */
import { Queue as BullQueue } from 'bullmq';
import type { Job, Queue, QueueCounts, Queues, Worker } from '../../ports.ts';
import { type Backend, DEFAULT_ATTEMPTS, type QueueName } from './backend.ts';
import { startWorker } from './bull-worker.ts';
import { ask, within } from './deadline.ts';
import { checkId, decodeData, encodeData } from './job-data.ts';

const DAY_S = 86_400;
/** Adding an id again has no effect only while its job is kept, so completed ones stay for the longest replay we expect. */
const KEEP_COMPLETED = { age: 7 * DAY_S };
/** 0.5 s, 1 s, 2 s, … each shortened by up to half at random. */
const BACKOFF = { type: 'exponential', delay: 500, jitter: 0.5 };
const JOBS_PER_CALL = 500;

/** The port `Queues` over one backend. `close` ends workers (each as `Worker.close`), queues and connections. */
export function bullQueues(backend: Backend): Queues {
  const queues = new Map<QueueName, ReturnType<typeof openQueue>>();
  const workers = new Set<Worker>();
  let closed: Promise<void> | undefined;
  return {
    queue<T>(name: QueueName): Queue<T> {
      let queue = queues.get(name);
      if (queue === undefined) {
        queue = openQueue(backend, name, () => queues.delete(name));
        queues.set(name, queue);
      }
      return queue as Queue<T>;
    },
    async work(name, handle, options = {}) {
      const worker = await startWorker(backend, name, handle, options);
      workers.add(worker);
      return worker;
    },
    close() {
      closed ??= (async () => {
        await Promise.all([...workers].map((worker) => worker.close()));
        await Promise.all([...queues.values()].map((queue) => queue.close()));
        // Connections that a dead server or a stuck handler holds end with the process.
        await within(backend.close(), backend.where).catch(() => {});
      })();
      return closed;
    },
  };
}

function openQueue(backend: Backend, name: QueueName, closed: () => void): Queue<unknown> {
  const { end, ...connection } = backend.connect('queue');
  const queue = new BullQueue(
    backend.nameOf(name),
    {
      ...connection,
      defaultJobOptions: {
        attempts: DEFAULT_ATTEMPTS,
        backoff: BACKOFF,
        removeOnComplete: KEEP_COMPLETED,
        removeOnFail: false,
        // Stack traces are for our log, not for a queue that others can read.
        stackTraceLimit: 0,
      },
    },
    backend.factory,
  );
  // The connection tells of outages; without a listener an error would end the process.
  queue.on('error', () => {});
  return {
    async add(jobs) {
      for (const { id } of jobs) checkId(id);
      const encoded = jobs.map(({ id, data }) => ({ name, data: encodeData(data), opts: { jobId: id } }));
      await ask(addAll(queue, encoded), backend.where);
    },
    async counts() {
      const counts = await ask(
        queue.getJobCounts('waiting', 'active', 'delayed', 'failed', 'completed'),
        backend.where,
      );
      return counts as unknown as QueueCounts;
    },
    async list(states, limit) {
      if (limit < 1) return [];
      const jobs = (await ask(Promise.all(states.map((state) => oldest(queue, state, limit))), backend.where)).flat();
      return jobs
        .filter((job) => job?.id !== undefined)
        .sort((a, b) => a.timestamp - b.timestamp)
        .slice(0, limit)
        .map((job): Job<unknown> => ({ id: job.id as string, data: decodeData(job.data) }));
    },
    async close() {
      closed();
      await ask(queue.close(), backend.where).catch(() => {});
      end();
    },
  };
}

async function oldest(queue: BullQueue, state: keyof QueueCounts, limit: number) {
  if (state !== 'waiting' && state !== 'active') return queue.getJobs(state, 0, limit - 1, true);
  // These two are kept newest first, and the PostgreSQL backend ignores a wish for the other order.
  const count = await queue.getJobCountByTypes(state);
  return count === 0 ? [] : queue.getJobs(state, Math.max(0, count - limit), count - 1, false);
}

async function addAll(queue: BullQueue, jobs: Parameters<BullQueue['addBulk']>[0]): Promise<void> {
  for (let at = 0; at < jobs.length; at += JOBS_PER_CALL) await queue.addBulk(jobs.slice(at, at + JOBS_PER_CALL));
}
