/** Finding, Alert, Incident: what detectors say, what people and playbooks get, and what belongs together. */
import type { Key } from './key.ts';

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
/** Harm if true. */
export type Severity = (typeof SEVERITIES)[number];

/** The more severe of two. */
export function worse(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) >= SEVERITIES.indexOf(b) ? a : b;
}

export function atLeast(severity: Severity, floor: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(floor);
}

/**
 * What kind of claim a detector makes, which bounds what may follow by itself: `artifact` a fact with no benign use (may contain) ·
 * `behaviour` statistical (may throttle or ask) · `judgment` needs context (alert only).
 */
export type DetectorClass = 'artifact' | 'behaviour' | 'judgment';

export type Maturity = 'experimental' | 'incubating' | 'stable';

/** How much history the key had: `learning` (too little to page, unless an artefact), `peer` (judged by its peers), `own`. */
export type Stage = 'learning' | 'peer' | 'own';

export interface Entities {
  tenant: string;
  principal: string | null;
  credential: string | null;
  session: string | null;
  agent: string | null;
  endpoint: string | null;
  tool: string | null;
  resource: string | null;
}

/** One reason. All strings are safe to show: no prompt, no secret. */
export interface Evidence {
  kind: string;
  observed: string;
  /** What is normal here, or null where nothing is known yet. */
  usual: string | null;
  /** The counterfactual: what would have kept the detector quiet. */
  quiet_if: string | null;
}

/** What a detector returns; the engine adds ids, key and defaults. */
export interface FindingDraft {
  severity?: Severity;
  /** Probability that the claim is true, 0 to 1. */
  confidence: number;
  title?: string;
  /**
   * What this finding is about: findings of one detector and key with the same `about` are one alert. A fingerprint in it is written
   * `print:<hex>` (a secret's `secret:<hex>`), so that ids can leave it out: they must not depend on the fingerprint key.
   */
  about: string;
  entities?: Partial<Omit<Entities, 'tenant'>>;
  /** Earlier source ids that belong to it; the current one is added last. */
  eventIds?: string[];
  evidence: Evidence[];
  techniques?: string[];
  /** True when text from an untrusted source set it off: a response must then spare the victim's own key. */
  untrustedTrigger?: boolean;
  stage?: Stage;
  /** A signal raises no alert of its own: it only adds weight to what else is found about the same entities. */
  signal?: true;
}

/** What one detector saw. The id is made of tenant, detector, key, subject and source id. */
export interface Finding {
  id: string;
  time: number;
  detector: string;
  class: DetectorClass;
  maturity: Maturity;
  key: Key;
  about: string;
  title: string;
  severity: Severity;
  confidence: number;
  entities: Entities;
  eventIds: string[];
  evidence: Evidence[];
  techniques: string[];
  untrustedTrigger: boolean;
  stage: Stage | null;
  /** See {@link FindingDraft}. */
  signal?: true;
}

/** Findings worth a person's or a playbook's time. This is the shape that leaves Nightjar; field names are fixed. */
export interface Alert {
  id: string;
  '@timestamp': string;
  detector: string;
  class: DetectorClass;
  maturity: Maturity;
  title: string;
  severity: Severity;
  confidence: number;
  entities: Entities;
  /** Source ids, the one that completed the alert last. */
  event_ids: string[];
  incident_id: string;
  techniques: string[];
  evidence: Evidence[];
  untrusted_trigger: boolean;
  stage: Stage | null;
  /** 1 when first raised; each change raises it. */
  revision: number;
  /** Closed by the watermark or the end of the input: nothing will change it any more. */
  final: boolean;
}

export type IncidentStatus = 'open' | 'acknowledged' | 'resolved';

/** Alerts about one entity. The PagerDuty dedup key is its id. */
export interface Incident {
  id: string;
  tenant: string;
  status: IncidentStatus;
  detector: string;
  /** The entity it is about, as `dimension:id`. */
  entity: string;
  title: string;
  severity: Severity;
  opened: string;
  updated: string;
  alerts: number;
  /** Findings that joined an existing alert instead of raising a new one. */
  grouped: number;
  alert_ids: string[];
  /** Grows with every change: the external version in the store. */
  version: number;
  /** Why people should hear of this change: it opened the incident, or raised its severity. Null: nothing new for them. */
  notify?: 'opened' | 'raised' | null;
}
