/** Time limits around calls that may never answer. */
import { describeError, NightjarError } from '../../errors.ts';

/** How long anything waits for a queue server. */
export const ANSWER_MS = 5_000;

/** SQLSTATE classes in which the statement itself is at fault: trying again cannot help. */
const OUR_FAULT = /^(22|23|42)/;

/**
 * The result of `work`, or `NJ_TIMEOUT` after `ms`. The work itself goes on; a later failure of it is swallowed.
 * @param where the server, for the message: `redis at localhost:6379`
 */
export async function within<T>(work: Promise<T>, where: string, ms = ANSWER_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new NightjarError('NJ_TIMEOUT', `${where} did not answer within ${ms / 1_000} s`)),
      ms,
    );
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    work.catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** As `within`; whatever else the server says becomes one clear NightjarError: retriable unless the call itself is at fault. */
export async function ask<T>(work: Promise<T>, where: string): Promise<T> {
  try {
    return await within(work, where);
  } catch (error) {
    if (error instanceof NightjarError) throw error;
    const fault = OUR_FAULT.test((error as { code?: string }).code ?? '');
    throw new NightjarError(fault ? 'NJ_INTERNAL' : 'NJ_UNREACHABLE', `${where} failed: ${describeError(error)}`, {
      cause: error,
    });
  }
}
