/** Turns alerts, incidents and responses into documents with ECS names that no mapping can reject, and back. */
import type { Alert, Entities, Incident } from '../../model/finding.ts';
import type { ResponseRecord } from '../../model/response.ts';
import { sentence } from '../summary.ts';
import { list, number, present, text, texts } from './fields.ts';

const ECS = { version: '9.4.0' };
/** Numbers that analysts' tools sort by: the four severities on Elastic's scale of 0 to 100. */
const SEVERITY_SCORE: Record<string, number> = { low: 21, medium: 47, high: 73, critical: 99 };

/** `_id` of an alert's document: immutable, one per revision. */
export function alertDocumentId(alert: Alert): string {
  return `${alert.id}.r${alert.revision}`;
}

/**
 * The index of an alert, from its event time, so that writing it again finds itself. Times that no log can honestly have (before 2020,
 * after 2099, unreadable) share one index, so that a forged clock cannot make indices without end.
 * @example alertIndex('default', '2026-11-23T10:15:02Z') // 'nightjar-alerts-default-2026.11'
 */
export function alertIndex(namespace: string, timestamp: string): string {
  const time = new Date(timestamp);
  const year = time.getUTCFullYear();
  const month =
    year >= 2020 && year <= 2099 ? `${year}.${String(time.getUTCMonth() + 1).padStart(2, '0')}` : 'out-of-range';
  return `nightjar-alerts-${namespace}-${month}`;
}

/** ECS fields for search, our own under `nightjar.alert`, and the alert itself, unindexed, under `nightjar.alert_json`. */
export function alertDocument(alert: Alert): object {
  const entities = entitiesOf(alert.entities);
  const { principal, agent, endpoint, tool, tenant } = entities;
  const techniques = texts(alert.techniques);
  const atlas = techniques.filter((id) => id.startsWith('AML.'));
  const score = SEVERITY_SCORE[alert.severity] ?? 0;
  const confidence = number(alert.confidence);
  return {
    '@timestamp': text(alert['@timestamp']),
    ecs: ECS,
    event: {
      kind: 'alert',
      id: text(alert.id),
      category: ['intrusion_detection'],
      type: ['indicator'],
      module: 'nightjar',
      dataset: 'nightjar.alert',
      severity: score,
      risk_score: Math.round(score * (confidence ?? 0) * 100) / 100,
    },
    message: sentence({ ...alert, title: text(alert.title) ?? '', entities: { ...entities, tenant: tenant ?? '' } }),
    tags: ['nightjar', ...techniques.filter((id) => !id.startsWith('AML.'))],
    rule: { id: text(alert.detector), name: text(alert.title), category: text(alert.class) },
    ...(atlas.length > 0 && { threat: { framework: 'MITRE ATLAS', technique: { id: atlas } } }),
    organization: { id: tenant },
    ...(principal !== null && { user: { id: principal } }),
    ...((agent !== null || tool !== null) && { gen_ai: { agent: { name: agent }, tool: { name: tool } } }),
    ...(endpoint !== null && { server: { address: endpoint } }),
    related: { user: present(principal), hosts: present(endpoint) },
    nightjar: {
      alert: {
        id: text(alert.id),
        revision: number(alert.revision),
        incident_id: text(alert.incident_id),
        title: text(alert.title),
        severity: text(alert.severity),
        confidence,
        maturity: text(alert.maturity),
        stage: text(alert.stage),
        untrusted_trigger: alert.untrusted_trigger === true,
        final: alert.final === true,
        event_ids: texts(alert.event_ids),
        entities,
        entity: entityTerms(alert.entities),
        evidence: list(alert.evidence).map((item) => ({
          kind: text(item?.kind),
          observed: text(item?.observed),
          usual: text(item?.usual),
          quiet_if: text(item?.quiet_if),
        })),
      },
      alert_json: JSON.stringify(alert),
    },
  };
}

export function incidentDocument(incident: Incident): object {
  return {
    '@timestamp': text(incident.updated),
    ecs: ECS,
    event: {
      kind: 'event',
      id: text(incident.id),
      category: ['threat'],
      type: ['info'],
      module: 'nightjar',
      dataset: 'nightjar.incident',
      severity: SEVERITY_SCORE[incident.severity] ?? 0,
    },
    message: text(incident.title),
    tags: ['nightjar'],
    rule: { id: text(incident.detector) },
    organization: { id: text(incident.tenant) },
    nightjar: {
      incident: {
        id: text(incident.id),
        status: text(incident.status),
        title: text(incident.title),
        severity: text(incident.severity),
        entity: text(incident.entity),
        opened: text(incident.opened),
        updated: text(incident.updated),
        alerts: number(incident.alerts),
        grouped: number(incident.grouped),
        alert_ids: texts(incident.alert_ids),
        version: number(incident.version),
      },
      incident_json: JSON.stringify(incident),
    },
  };
}

export function responseDocument(record: ResponseRecord): object {
  const steps = list(record.steps);
  return {
    '@timestamp': text(record['@timestamp']),
    ecs: ECS,
    event: {
      kind: 'event',
      id: text(record.id),
      category: ['threat'],
      type: ['info'],
      module: 'nightjar',
      dataset: 'nightjar.response',
    },
    message: `playbook ${text(record.playbook)} (${text(record.mode)})`,
    tags: ['nightjar'],
    nightjar: {
      response: {
        id: text(record.id),
        playbook: text(record.playbook),
        alert_id: text(record.alert_id),
        incident_id: text(record.incident_id),
        mode: text(record.mode),
        outcomes: texts(steps.map((step) => step?.outcome)),
        actions: texts(steps.map((step) => step?.action)),
        targets: texts(steps.map((step) => `${step?.target?.kind}:${step?.target?.id}`)),
      },
      response_json: JSON.stringify(record),
    },
  };
}

/** The alert as it was written, from a document's source. */
export function alertFrom(source: unknown): Alert {
  return JSON.parse((source as { nightjar: { alert_json: string } }).nightjar.alert_json) as Alert;
}

export function incidentFrom(source: unknown): Incident {
  return JSON.parse((source as { nightjar: { incident_json: string } }).nightjar.incident_json) as Incident;
}

/** Each entity as `dimension:id` and as bare id: both are what people type into a search. */
export function entityTerms(entities: Entities | undefined): string[] {
  return Object.entries(entitiesOf(entities)).flatMap(([name, id]) => (id === null ? [] : [`${name}:${id}`, id]));
}

function entitiesOf(entities: Entities | undefined): Record<keyof Entities, string | null> {
  const of = (name: keyof Entities): string | null => text(entities?.[name]);
  return {
    tenant: of('tenant'),
    principal: of('principal'),
    credential: of('credential'),
    session: of('session'),
    agent: of('agent'),
    endpoint: of('endpoint'),
    tool: of('tool'),
    resource: of('resource'),
  };
}
