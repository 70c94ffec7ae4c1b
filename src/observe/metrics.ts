/** What Nightjar counts about itself, for Prometheus. Labels have few values: never a user, key, session or text. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { DeadLetter } from '../ports.ts';

export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'nightjar_' });
  const counter = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Counter<L>({ name: `nightjar_${name}`, help, labelNames, registers: [registry] });
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge<L>({ name: `nightjar_${name}`, help, labelNames, registers: [registry] });
  return {
    registry,
    records: counter('records_total', 'Records read, again after a restart included'),
    events: counter('events_total', 'Calls decoded', ['format']),
    coverage: counter('covered_events_total', 'Calls that showed messages, a caller, or tools', ['format', 'shows']),
    unattributed: counter('unattributed_events_total', 'Calls without principal, credential and session', ['format']),
    notCalls: counter('not_calls_total', 'Parts of records that are no LLM call'),
    deadLetters: counter('dead_letters_total', 'Records that could not be evaluated'),
    gaps: counter('gap_records_total', 'Records that were gone before they could be read'),
    repeats: counter('repeated_records_total', 'Records delivered more than once and evaluated once'),
    findings: counter('findings_total', 'Findings', ['detector']),
    grouped: counter('grouped_findings_total', 'Findings that joined an existing alert', ['detector']),
    alerts: counter('alerts_total', 'Alert revisions handed to the queue', ['detector', 'severity']),
    detectorErrors: counter('detector_errors_total', 'Observations on which a detector failed', ['detector']),
    sinkWaits: counter('output_waits_total', 'Times that an output could not be handed on and was tried again'),
    failedJobs: counter('failed_jobs_total', 'Jobs that failed for good', ['queue']),
    jobs: gauge('jobs', 'Jobs by state', ['queue', 'state']),
    keys: gauge('state_keys', 'Keys held in memory', ['detector']),
    kafkaLag: gauge('kafka_lag_records', 'Offsets of the topic that are not taken in yet', ['topic']),
    waiting: gauge('waiting_observations', 'Observations that wait for slower partitions'),
    eventTime: gauge('event_time_seconds', 'Event time reached, Unix seconds'),
    checkpointBytes: gauge('checkpoint_bytes', 'Size of the last checkpoint'),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;

/** Topics that have a label of their own: a pattern may find any number. */
const MAX_TOPICS = 100;
const OTHERS = '(others)';

/** Shows the lag of these topics and of no other; of very many, those with the most, and the sum of the others. */
export function showLag({ kafkaLag }: Pick<Metrics, 'kafkaLag'>, lag: ReadonlyMap<string, number>): void {
  const topics = [...lag].sort(([a, most], [b, less]) => less - most || (a < b ? -1 : 1));
  const others = topics.splice(MAX_TOPICS);
  if (others.length > 0) topics.push([OTHERS, others.reduce((sum, [, behind]) => sum + behind, 0)]);
  kafkaLag.reset();
  for (const [topic, behind] of topics) kafkaLag.set({ topic }, behind);
}

/** Where a dead letter came from and why, without its content. */
export function letterFields(letter: DeadLetter): Record<string, unknown> {
  return { partition: letter.partition, position: letter.position, reason: letter.reason, bytes: letter.bytes };
}
