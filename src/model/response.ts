/** Response: a playbook run, its steps, and what became of each. */
import type { Alert, Incident } from './finding.ts';

/** Where an action may be aimed: the dimension of the alert's entity. */
export type TargetKind = 'credential' | 'principal' | 'session' | 'agent' | 'tool' | 'endpoint' | 'alert';

export interface Target {
  kind: TargetKind;
  id: string;
}

/** Job on the queue `alerts`: deliver this alert to one sink, so that no sink waits for or repeats another. */
export interface AlertJob {
  /** `store`, or the name of a notifier. */
  sink: string;
  alert: Alert;
  /** The incident as it was right after this alert. */
  incident: Incident;
}

/** Job on the queue `responses`: run this playbook for this alert. Holds ids and redacted evidence only, never credentials. */
export interface ResponseJob {
  id: string;
  playbook: string;
  alert: Alert;
}

/**
 * How a step ended. `observed`: would have run, but the mode is observe · `refused`: a guard said no (reason says which) ·
 * `done`: the effect happened now · `already`: the ledger says that it happened before · `failed`.
 */
export type StepOutcome = 'observed' | 'refused' | 'done' | 'already' | 'failed';

export interface StepRecord {
  action: string;
  target: Target;
  outcome: StepOutcome;
  reason: string | null;
  /** Key under which the effect happens at most once. */
  effect: string;
}

export interface ResponseRecord {
  id: string;
  '@timestamp': string;
  playbook: string;
  alert_id: string;
  incident_id: string;
  mode: 'observe' | 'enforce';
  steps: StepRecord[];
}
