/** Runs one handler over the jobs of a queue, and turns what it throws into retry, wait or failure. */
import { type Job as BullJob, Worker as BullWorker, DelayedError, UnrecoverableError } from 'bullmq';
import { describeError } from '../../errors.ts';
import { GiveUp, type Job, RetryLater, type Worker, type WorkerOptions } from '../../ports.ts';
import { type Backend, DEFAULT_ATTEMPTS, type QueueName } from './backend.ts';
import { within } from './deadline.ts';
import { decodeData } from './job-data.ts';

/** How soon a job of a dead worker runs again: at the latest after lock plus two checks. Revocations must not wait. */
const LOCKS: Record<QueueName, { lockDuration: number; stalledInterval: number }> = {
  alerts: { lockDuration: 15_000, stalledInterval: 7_000 },
  responses: { lockDuration: 5_000, stalledInterval: 3_000 },
};
/** A rolling restart may kill several workers in turn while they hold the same job: that alone must not fail it. */
const MAX_STALLED = 3;
/** The far side may ask for any wait; an alert is still tried this often. */
const LONGEST_WAIT_MS = 3_600_000;
const CLOSE_MS = 10_000;

/** @throws NightjarError `NJ_TIMEOUT` when the server does not answer within 5 s. */
export async function startWorker<T>(
  backend: Backend,
  name: QueueName,
  handle: (job: Job<T>) => Promise<void>,
  { concurrency = 1, attempts = DEFAULT_ATTEMPTS, onFailed }: WorkerOptions,
): Promise<Worker> {
  const { end, ...connection } = backend.connect('worker');
  let closing = false;
  const worker = new BullWorker(
    backend.nameOf(name),
    async (job: BullJob, token) => {
      // The job was added with the default; how often it is tried is the worker's to say.
      job.opts.attempts = attempts;
      try {
        await handle(plain<T>(job));
      } catch (error) {
        if (error instanceof RetryLater) {
          await job.moveToDelayed(Date.now() + waitOf(error), token);
          throw new DelayedError();
        }
        throw asFailure(error);
      }
    },
    {
      ...connection,
      ...LOCKS[name],
      concurrency,
      maxStalledCount: MAX_STALLED,
      // The default of 15 s would idle that long after every outage.
      runRetryDelay: 1_000,
    },
    backend.factory,
  );
  // An outage repeats the same error with every try to connect.
  let told = '';
  worker.on('error', (error) => {
    const message = describeError(error);
    if (closing || message === told) return;
    told = message;
    backend.warn(`worker of queue ${name} on ${backend.where}: ${message}`);
  });
  worker.on('active', () => {
    told = '';
  });
  worker.on('failed', (job, error) => {
    // Set only when no attempt is left.
    if (job?.finishedOn === undefined) return;
    try {
      onFailed?.(plain(job), error.cause instanceof Error ? error.cause : error);
    } catch (failure) {
      backend.warn(`job ${job.id} of queue ${name} failed, and telling so failed too: ${describeError(failure)}`);
    }
  });
  let closed: Promise<void> | undefined;
  const close = () => {
    closing = true;
    closed ??= within(worker.close(), backend.where, CLOSE_MS)
      .catch(() => {})
      .finally(end);
    return closed;
  };
  try {
    await within(worker.waitUntilReady(), backend.where);
  } catch (error) {
    closing = true;
    worker.close(true).catch(() => {});
    end();
    throw error;
  }
  return { close };
}

function plain<T>(job: BullJob): Job<T> {
  return { id: job.id as string, data: decodeData<T>(job.data) };
}

function waitOf({ afterMs }: RetryLater): number {
  return Number.isFinite(afterMs) ? Math.min(Math.max(afterMs, 0), LONGEST_WAIT_MS) : LONGEST_WAIT_MS;
}

/** The error as a queue may keep it: no stack, and no character that a backend refuses. */
function asFailure(thrown: unknown): Error {
  const message = describeError(thrown).replaceAll('\0', '\ufffd').toWellFormed().slice(0, 1_000);
  const failure = thrown instanceof GiveUp ? new UnrecoverableError(message) : new Error(message);
  failure.cause = thrown;
  return failure;
}
