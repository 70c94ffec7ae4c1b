/** Says in one plain sentence what an alert is about: what happened, who did it, where. */
import { type Alert, type Incident, type Severity, worse } from '../model/finding.ts';

/**
 * One sentence without markup.
 * @param show applied to each value that a log can influence (default: as it is)
 * @example sentence(alert) // 'Recipient taken from an untrusted document, by user-07, in session s-1, with tool send_email at llm.example.com.'
 */
export function sentence(alert: Alert, show: (value: string) => string = (value) => value): string {
  const { principal, agent, session, tool, endpoint, resource } = alert.entities;
  const parts = [show(alert.title)];
  const say = (words: string, value: string | null): void => {
    if (value) parts.push(`${words} ${show(value)}`);
  };
  say('by', principal);
  say('through agent', agent);
  say('in session', session);
  if (tool && endpoint) parts.push(`with tool ${show(tool)} at ${show(endpoint)}`);
  else {
    say('with tool', tool);
    say('at', endpoint);
  }
  say('towards', resource);
  return `${parts.join(', ')}.`;
}

/** What people are told: an incident never looks milder than the alert that speaks for it. */
export function shownSeverity(alert: Alert, incident: Incident): Severity {
  return worse(alert.severity, incident.severity);
}
