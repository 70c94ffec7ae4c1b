/** Each sink gets its own job; people hear of an incident when it opens and when it gets worse, not on every alert. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertJobs, handleAlertJob, shouldNotify, sinkNames } from '../../src/deliver/alerts-worker.ts';
import { NightjarError } from '../../src/errors.ts';
import type { Alert, Incident } from '../../src/model/finding.ts';
import { GiveUp, type Notifier, RetryLater, type Store } from '../../src/ports.ts';
import { sampleAlert, sampleIncident } from './sample.ts';

function sinks(fail: Record<string, Error> = {}) {
  const seen: string[] = [];
  const take = (name: string) => async (thing: { id: string }) => {
    if (fail[name]) throw fail[name];
    seen.push(`${name} ${thing.id}`);
  };
  const notifier = (name: string): Notifier => ({ name, notify: take(name) });
  const store = { putAlert: take('alert'), putIncident: take('incident') } as unknown as Store;
  return { seen, store, notifiers: [notifier('slack'), notifier('pagerduty')] };
}

test('one job per sink, with ids that tell revision and sink', () => {
  const jobs = alertJobs(sampleAlert({ revision: 3 }), sampleIncident({ notify: 'raised' }), sinkNames(sinks()));
  assert.deepEqual(
    jobs.map((job) => [job.id, job.data.sink]),
    [
      ['al_0123456789abcdefghjk.r3.store', 'store'],
      ['al_0123456789abcdefghjk.r3.slack', 'slack'],
      ['al_0123456789abcdefghjk.r3.pagerduty', 'pagerduty'],
    ],
  );
  assert.ok(jobs.every((job) => !job.id.includes(':')));
});

test('an alert that says nothing new about its incident is stored only', () => {
  const jobs = alertJobs(sampleAlert(), sampleIncident({ notify: null, alerts: 9 }), ['store', 'slack', 'pagerduty']);
  assert.deepEqual(
    jobs.map((job) => job.data.sink),
    ['store'],
  );
});

test('without a word from correlation only the first revision of the first alert is announced', () => {
  const say = (alert: Partial<Alert>, incident: Partial<Incident>): boolean => {
    const { notify: _, ...silent } = sampleIncident(incident);
    return shouldNotify(sampleAlert(alert), silent);
  };
  assert.equal(say({}, {}), true);
  assert.equal(say({ revision: 2 }, {}), false);
  assert.equal(say({}, { alerts: 2 }), false);
});

test('each job reaches its sink and no other', async () => {
  const to = sinks();
  const handle = handleAlertJob(to);
  for (const job of alertJobs(sampleAlert(), sampleIncident(), sinkNames(to))) await handle(job);
  assert.deepEqual(to.seen, [
    'alert al_0123456789abcdefghjk',
    'incident in_0123456789abcdefghjk',
    'slack al_0123456789abcdefghjk',
    'pagerduty al_0123456789abcdefghjk',
  ]);
});

test('a sink that is away makes its job wait; refusals and other errors pass through', async () => {
  const cases: [Error, (error: unknown) => boolean][] = [
    [new NightjarError('NJ_UNREACHABLE', 'away'), (error) => error instanceof RetryLater && error.message === 'away'],
    [new NightjarError('NJ_REFUSED', 'no'), (error) => error instanceof RetryLater],
    [new NightjarError('NJ_TIMEOUT', 'slow'), (error) => error instanceof NightjarError],
    [new GiveUp('never'), (error) => error instanceof GiveUp],
    [new RetryLater(70_000, 'soon'), (error) => error instanceof RetryLater && error.afterMs === 70_000],
  ];
  for (const [failure, expected] of cases) {
    const to = sinks({ slack: failure });
    const jobs = alertJobs(sampleAlert(), sampleIncident(), sinkNames(to));
    const handle = handleAlertJob(to);
    await assert.rejects(handle(jobs[1]!), expected);
    await handle(jobs[2]!);
    assert.deepEqual(to.seen, ['pagerduty al_0123456789abcdefghjk']);
  }
});

test('a job for a sink that is no longer configured gives up by name', async () => {
  const [job] = alertJobs(sampleAlert(), sampleIncident(), ['teams']);
  await assert.rejects(handleAlertJob(sinks())(job!), /no sink teams is configured/);
});

test('a notifier that hangs holds four jobs; the others step aside, and other sinks go on', async () => {
  const to = sinks();
  let release = (): void => {};
  const hanging = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slack: Notifier = { name: 'slack', notify: () => hanging };
  const handle = handleAlertJob({ ...to, notifiers: [slack, to.notifiers[1]!] });
  const jobs = Array.from({ length: 6 }, (_, n) =>
    alertJobs(sampleAlert({ id: `al_${n}` }), sampleIncident(), ['slack', 'pagerduty']),
  );
  const held = jobs.slice(0, 4).map(([job]) => handle(job!));
  for (const [job] of jobs.slice(4)) await assert.rejects(handle(job!), RetryLater);
  for (const [, job] of jobs) await handle(job!);
  assert.equal(to.seen.length, 6);
  release();
  await Promise.all(held);
  await handle(jobs[4]![0]!);
});
