/** The queue `alerts`: one job per alert revision and sink, so that each sink is retried, delayed or failed on its own. */
import { NightjarError } from '../errors.ts';
import type { Alert, Incident } from '../model/finding.ts';
import type { AlertJob } from '../model/response.ts';
import { GiveUp, type Job, type Notifier, RetryLater, type Store } from '../ports.ts';

/** Sink name of the store; notifiers go by their own names. */
export const STORE_SINK = 'store';

/** How long a job rests when its sink is away: long enough not to hammer, short enough to catch up soon. */
const OUTAGE_WAIT_MS = 15_000;

/** Requests to one notifier at a time. A service that hangs holds these places, and not the whole worker. */
const PLACES = 4;
const FULL_WAIT_MS = 1_000;

export interface AlertSinks {
  store: Store;
  notifiers: readonly Notifier[];
}

/** Names for `alertJobs`: the store first, then each notifier. */
export function sinkNames(sinks: AlertSinks): string[] {
  return [STORE_SINK, ...sinks.notifiers.map((notifier) => notifier.name)];
}

/**
 * Whether people should hear of this alert: it opened its incident or raised the incident's severity. All other alerts of an open
 * incident are stored and counted, not announced again. Without `incident.notify` only the first revision of the first alert is.
 */
export function shouldNotify(alert: Alert, incident: Incident): boolean {
  if (incident.notify !== undefined) return incident.notify !== null;
  return alert.revision === 1 && incident.alerts === 1;
}

/**
 * The jobs that deliver one alert revision: always one for the store, one per notifier when `shouldNotify` says so. Job ids
 * `<alert id>.r<revision>.<sink>` make adding them again harmless.
 * @param incident as it was right after this alert
 */
export function alertJobs(alert: Alert, incident: Incident, sinks: readonly string[]): Job<AlertJob>[] {
  const announced = shouldNotify(alert, incident);
  return sinks
    .filter((sink) => sink === STORE_SINK || announced)
    .map((sink) => ({ id: `${alert.id}.r${alert.revision}.${sink}`, data: { sink, alert, incident } }));
}

/**
 * Handles one job of the queue `alerts`. A sink that is away or refuses us (NJ_UNREACHABLE, NJ_REFUSED) is no fault of the job: it
 * waits with `RetryLater`, uncounted, until the sink is back; so does a job whose notifier is busy with as many as it takes. `GiveUp`
 * when the job names a sink that is not configured. Give the worker a concurrency well above 4 per notifier: 32.
 */
export function handleAlertJob(sinks: AlertSinks): (job: Job<AlertJob>) => Promise<void> {
  const notifiers = new Map(sinks.notifiers.map((notifier) => [notifier.name, limited(notifier)]));
  return async ({ data: { sink, alert, incident } }) => {
    try {
      if (sink === STORE_SINK) {
        await Promise.all([sinks.store.putAlert(alert), sinks.store.putIncident(incident)]);
        return;
      }
      const notifier = notifiers.get(sink);
      if (!notifier) throw new GiveUp(`no sink ${sink} is configured (the job comes from an earlier configuration)`);
      await notifier.notify(alert, incident);
    } catch (error) {
      throw isOutage(error) ? new RetryLater(OUTAGE_WAIT_MS, error.message) : error;
    }
  };
}

function limited(notifier: Notifier): Notifier {
  let taken = 0;
  return {
    name: notifier.name,
    async notify(alert, incident) {
      if (taken >= PLACES) throw new RetryLater(FULL_WAIT_MS, `${notifier.name} is busy`);
      taken++;
      try {
        await notifier.notify(alert, incident);
      } finally {
        taken--;
      }
    },
  };
}

function isOutage(error: unknown): error is NightjarError {
  return error instanceof NightjarError && (error.code === 'NJ_UNREACHABLE' || error.code === 'NJ_REFUSED');
}
