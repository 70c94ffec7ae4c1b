/** PagerDuty: triggers an incident through the Events API v2. Idempotent: the dedup key is the incident's id. */
import { NightjarError } from '../errors.ts';
import { type Alert, atLeast, type Entities, type Incident, type Severity } from '../model/finding.ts';
import { GiveUp, type Notifier, RetryLater } from '../ports.ts';
import { postJson, retryAfterMs } from './http.ts';
import { sentence, shownSeverity } from './summary.ts';
import { safeText, visible } from './text.ts';

export interface PagerdutyOptions {
  /** Integration key of a service, 32 characters. */
  routingKey: string;
  /** For example `https://events.pagerduty.com/v2/enqueue`. */
  url: string;
  /** Milder alerts are not sent. */
  minSeverity: Severity;
  /** Time limit of one request; default 10,000 ms. */
  timeoutMs?: number;
}

/** Body of a trigger event. */
export interface PagerdutyTrigger {
  routing_key: string;
  event_action: 'trigger';
  dedup_key: string;
  client: string;
  payload: {
    summary: string;
    source: string;
    severity: 'info' | 'warning' | 'error' | 'critical';
    timestamp?: string;
    component?: string;
    group: string;
    class: string;
    custom_details: Record<string, unknown>;
  };
}

const SEVERITY = { low: 'info', medium: 'warning', high: 'error', critical: 'critical' } as const;
/** PagerDuty's limits change with load and it asks for a back-off of minutes. */
const DEFAULT_WAIT_MS = 120_000;
/** With these no event comes near the limit of 512 KB, whatever the alert holds. */
const LIMITS = { summary: 1_024, name: 255, value: 1_000, evidence: 20, events: 50, techniques: 20 };

/**
 * The notifier. `notify` returns without sending below `minSeverity`; throws `RetryLater` on 429, `GiveUp` on 400 and other lasting
 * refusals, NightjarError NJ_UNREACHABLE on 5xx and network failures (a repeated trigger merges into the same incident).
 */
export function pagerdutyNotifier(options: PagerdutyOptions): Notifier {
  return {
    name: 'pagerduty',
    async notify(alert: Alert, incident: Incident): Promise<void> {
      if (!atLeast(shownSeverity(alert, incident), options.minSeverity)) return;
      const { status, headers, text } = await post(options, pagerdutyTrigger(options.routingKey, alert, incident));
      if (status >= 200 && status < 300) return;
      if (status === 429) {
        const ms = retryAfterMs(headers, DEFAULT_WAIT_MS);
        throw new RetryLater(ms, `PagerDuty asks to wait ${Math.ceil(ms / 1_000)} s`);
      }
      if (status >= 500) throw unavailable(`status ${status}`);
      const reason = visible(text).replaceAll(options.routingKey, '[routing key]').slice(0, 300);
      throw new GiveUp(`PagerDuty refused the event with status ${status}: ${reason} (check the routing key file)`);
    },
  };
}

/** The event for an alert, within PagerDuty's limits; text from logs is defanged. */
export function pagerdutyTrigger(routingKey: string, alert: Alert, incident: Incident): PagerdutyTrigger {
  const severity = shownSeverity(alert, incident);
  const { tenant, endpoint, agent, tool } = alert.entities;
  const component = tool ?? agent;
  const time = Date.parse(alert['@timestamp']);
  return {
    routing_key: routingKey,
    event_action: 'trigger',
    dedup_key: incident.id.slice(0, LIMITS.name),
    client: 'Nightjar',
    payload: {
      summary: safeText(`[${severity.toUpperCase()}] ${sentence(alert)}`, LIMITS.summary),
      source: safeText(endpoint ?? agent ?? tenant, LIMITS.name) || 'nightjar',
      severity: SEVERITY[severity],
      ...(Number.isNaN(time) ? {} : { timestamp: new Date(time).toISOString() }),
      ...(component ? { component: safeText(component, LIMITS.name) } : {}),
      group: safeText(tenant, LIMITS.name),
      class: safeText(alert.detector, LIMITS.name),
      custom_details: detailsOf(alert, incident),
    },
  };
}

function detailsOf(alert: Alert, incident: Incident): Record<string, unknown> {
  const show = (value: string): string => safeText(value, LIMITS.value);
  const showAll = (values: string[], most: number): string[] => values.slice(0, most).map(show);
  return {
    incident_id: show(incident.id),
    alert_id: show(alert.id),
    revision: alert.revision,
    detector: show(alert.detector),
    class: show(alert.class),
    confidence: alert.confidence,
    alerts_in_incident: incident.alerts,
    entities: entitiesOf(alert.entities, show),
    evidence: alert.evidence.slice(0, LIMITS.evidence).map((item) => ({
      kind: show(item.kind),
      observed: show(item.observed),
      ...(item.usual ? { usual: show(item.usual) } : {}),
      ...(item.quiet_if ? { quiet_if: show(item.quiet_if) } : {}),
    })),
    techniques: showAll(alert.techniques, LIMITS.techniques),
    event_ids: showAll(alert.event_ids.slice(-LIMITS.events), LIMITS.events),
  };
}

function entitiesOf(entities: Entities, show: (value: string) => string): Record<string, string> {
  const known = Object.entries(entities).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return Object.fromEntries(known.map(([name, value]) => [name, show(value)]));
}

async function post(options: PagerdutyOptions, event: PagerdutyTrigger) {
  try {
    return await postJson('PagerDuty', options.url, event, { timeoutMs: options.timeoutMs ?? 10_000 });
  } catch (error) {
    throw error instanceof NightjarError ? unavailable(error.message) : error;
  }
}

function unavailable(what: string): NightjarError {
  return new NightjarError('NJ_UNREACHABLE', `PagerDuty could not take the event: ${what}`, {
    hint: 'it is sent when PagerDuty answers again; the dedup key keeps it one incident',
  });
}
