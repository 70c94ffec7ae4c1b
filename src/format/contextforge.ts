/**
 * ContextForge MCP gateway: rows of its `AuditTrail` and `SecurityEvent` tables as JSON, its spans, and its console log lines (no calls).
 * No recorded samples: how rows reach a log is unverified, column names are those of its database model.
 *
 * Identity: principal is `user_email`, else `user_id`; team, client address, user agent and request path are columns. `correlation_id` groups
 * rows. Id is `id`, else `request_id`. An executed tool has a name but neither arguments nor result.
 */
import type { Event, Operation } from '../model/event.ts';
import { type Context, eventTime, type Format, makeEvent } from './contract.ts';
import { addressOf, firstIdent, ident, pathOf } from './identity.ts';
import { Thread } from './messages.ts';
import type { Span } from './otlp.ts';
import { toolCall } from './parts.ts';
import { bool, type Obj } from './read.ts';
import { recordId } from './record-id.ts';
import { toolEvent } from './span-event.ts';
import { timeOf } from './time.ts';

const PAST: Readonly<Record<string, string>> = { create: 'created', update: 'updated', delete: 'deleted' };

export const contextforge: Format = {
  id: 'contextforge',
  kind: 'json',
  recognise: (unit) => isAudit(unit) || isSecurity(unit) || isConsole(unit),
  toEvents: (unit, context) =>
    isAudit(unit) ? [audit(unit, context)] : isSecurity(unit) ? [security(unit, context)] : [],
};

function isAudit(unit: Obj): boolean {
  return typeof unit.action === 'string' && typeof unit.resource_type === 'string' && unit.category === undefined;
}

function isSecurity(unit: Obj): boolean {
  return typeof unit.event_type === 'string' && unit.threat_score !== undefined;
}

function isConsole(unit: Obj): boolean {
  return unit['@timestamp'] !== undefined && unit.process_id !== undefined && unit.message !== undefined;
}

function common(unit: Obj, context: Context) {
  return {
    id: firstIdent(unit.id, unit.request_id) ?? recordId(unit),
    time: eventTime(context, timeOf(unit.timestamp)),
    principal: firstIdent(unit.user_email, unit.user_id),
    trace: ident(unit.correlation_id),
    team: ident(unit.team_id),
    route: pathOf(unit.request_path),
    clientAddress: addressOf(unit.client_ip),
    userAgent: ident(unit.user_agent),
    input: [],
    tools: [],
  };
}

function audit(unit: Obj, context: Context): Event {
  const action = ident(unit.action)?.toLowerCase() ?? '';
  const facts = common(unit, context);
  const kind = ident(unit.resource_type) ?? 'unknown';
  const name = firstIdent(unit.resource_name, unit.resource_id);
  const operation: Operation = action === 'execute' ? 'tool' : Object.hasOwn(PAST, action) ? 'admin' : 'access';
  const failed = bool(unit.success) === false;
  const thread = new Thread();
  if (operation === 'tool') thread.addCalls([toolCall(facts.id, name, undefined)]);
  return makeEvent('contextforge', context, {
    ...facts,
    operation,
    status: failed ? 'error' : 'ok',
    errorType: failed ? 'error' : undefined,
    change:
      operation === 'admin'
        ? { action: PAST[action] as string, kind, object: firstIdent(unit.resource_id, name) ?? 'unknown' }
        : undefined,
    output: thread.messages,
  });
}

function security(unit: Obj, context: Context): Event {
  const stopped = /block|den(y|ied)|reject/i.test(ident(unit.action_taken) ?? '');
  return makeEvent('contextforge', context, {
    ...common(unit, context),
    operation: 'access',
    status: stopped ? 'denied' : 'ok',
    errorType: ident(unit.event_type),
    guardrail: stopped ? 'blocked' : 'flagged',
    output: [],
  });
}

/** The gateway's spans: `tool.invoke` is the execution, `mcp.client.call` its request to the server behind, which would count it twice. */
export const contextforgeSpan: Format = {
  id: 'contextforge',
  family: 'otlp',
  kind: 'span',
  recognise: (unit) => unit.name === 'tool.invoke' || unit.name === 'mcp.client.call',
  toEvents: (unit, context) => {
    const span = unit as Span;
    if (span.name !== 'tool.invoke') return [];
    const a = span.attributes;
    const name = firstIdent(a['tool.name'], a['mcp.tool.name'], a['tool.id']);
    return [
      toolEvent('contextforge', span, context, {
        id: undefined,
        name,
        server: a['tool.gateway_id'],
        arguments: undefined,
        result: undefined,
      }),
    ];
  },
};
