/** Correlation: findings of one detector about one entity within a window are one incident; the same thing again is grouped, not repeated. */
import type { Alert, Finding, Incident, Severity } from '../model/finding.ts';
import { atLeast, worse } from '../model/finding.ts';
import { contentId } from '../model/ids.ts';
import { keyText } from '../model/key.ts';
import { Cells, type CellsSnapshot, type Changes } from '../stream/cells.ts';

/** An incident that sees no finding for this long is over; the next finding opens another. Milliseconds of event time. */
const QUIET = 60 * 60 * 1_000;
/** Source ids that one alert names. */
const MAX_EVENTS = 50;
/** Alerts of one incident; further ones are grouped, but for one that is worse than all before it: a flood must not hide it. */
const MAX_ALERTS = 50;

/** An alert to send, with the incident as it is after it. */
export interface Raised {
  id: string;
  alert: Alert;
  incident: Incident;
}

interface OpenAlert {
  about: string;
  id: string;
  severity: Severity;
  revision: number;
  /** Event time of the first finding: a later rise of severity does not move the alert. */
  raised: number;
  events: string[];
}

interface State {
  incident: Incident | null;
  alerts: OpenAlert[];
}

export interface CorrelatorHooks {
  /** A finding joined an existing alert. */
  grouped?: (finding: Finding) => void;
}

export class Correlator {
  readonly #cells: Cells<Finding, State, Raised>;

  constructor(hooks: CorrelatorHooks = {}) {
    this.#cells = new Cells<Finding, State, Raised>({
      lookback: () => QUIET,
      initial: () => ({ incident: null, alerts: [] }),
      step: (_key, finding, state, again) => step(finding, state, again ? {} : hooks),
    });
  }

  add(finding: Finding, changes: Changes<Raised>): void {
    this.#cells.put(keyOf(finding), finding, changes);
  }

  remove(finding: Finding, changes: Changes<Raised>): void {
    this.#cells.remove(keyOf(finding), finding, changes);
  }

  close(watermark: number): Raised[] {
    return this.#cells.close(watermark);
  }

  expire(): number {
    return this.#cells.expire();
  }

  snapshot(): CellsSnapshot<Finding> {
    return this.#cells.snapshot();
  }

  restore(snapshot: CellsSnapshot<Finding>): void {
    this.#cells.restore(snapshot);
  }
}

function keyOf(finding: Finding): string {
  return `${finding.detector}|${keyText(finding.key)}`;
}

function step(finding: Finding, state: State, hooks: CorrelatorHooks): Raised[] {
  const incident = state.incident ?? open(finding);
  state.incident = incident;
  incident.version++;
  incident.updated = new Date(finding.time).toISOString();
  const known = state.alerts.find((alert) => alert.about === finding.about);
  const full = known === undefined && incident.alerts >= MAX_ALERTS && atLeast(incident.severity, finding.severity);
  const rises = known !== undefined && worse(known.severity, finding.severity) !== known.severity;
  if (full || (known !== undefined && !rises)) {
    incident.grouped++;
    hooks.grouped?.(finding);
    return [];
  }
  const before = incident.severity;
  incident.severity = worse(before, finding.severity);
  incident.notify = incident.alerts === 0 ? 'opened' : incident.severity !== before ? 'raised' : null;
  const alert = known ?? {
    about: finding.about,
    id: contentId('al', [finding.id]),
    severity: finding.severity,
    revision: 0,
    raised: finding.time,
    events: [],
  };
  alert.severity = finding.severity;
  alert.revision++;
  alert.events = [...new Set([...alert.events, ...finding.eventIds])].slice(-MAX_EVENTS);
  if (known === undefined) {
    state.alerts.push(alert);
    incident.alerts++;
    incident.alert_ids.push(alert.id);
  }
  return [{ id: alert.id, alert: alertOf(finding, alert, incident.id), incident: structuredClone(incident) }];
}

function open(finding: Finding): Incident {
  const opened = new Date(finding.time).toISOString();
  return {
    id: contentId('in', [finding.id]),
    tenant: finding.key.tenant,
    status: 'open',
    detector: finding.detector,
    entity: `${finding.key.dimension}:${finding.key.id}`,
    title: finding.title,
    severity: finding.severity,
    opened,
    updated: opened,
    alerts: 0,
    grouped: 0,
    alert_ids: [],
    version: 0,
  };
}

function alertOf(finding: Finding, alert: OpenAlert, incident: string): Alert {
  return {
    id: alert.id,
    '@timestamp': new Date(alert.raised).toISOString(),
    detector: finding.detector,
    class: finding.class,
    maturity: finding.maturity,
    title: finding.title,
    severity: finding.severity,
    confidence: finding.confidence,
    entities: finding.entities,
    event_ids: alert.events,
    incident_id: incident,
    techniques: finding.techniques,
    evidence: finding.evidence,
    untrusted_trigger: finding.untrustedTrigger,
    stage: finding.stage,
    revision: alert.revision,
    final: false,
  };
}
