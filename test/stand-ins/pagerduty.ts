/** A stand-in for PagerDuty's Events API v2 that obeys its documented limits and merges by dedup key as it does. */
import { type Answer, type RecordedRequest, type Recorder, startRecorder } from './recorder.ts';

export interface PagerdutyEvent {
  routing_key: string;
  event_action: 'trigger' | 'acknowledge' | 'resolve';
  dedup_key?: string;
  client?: string;
  payload: {
    summary: string;
    source: string;
    severity: string;
    timestamp?: string;
    component?: string;
    group?: string;
    class?: string;
    custom_details?: Record<string, unknown>;
  };
}

export interface PagerdutyStandIn extends Recorder {
  /** To be given as `url`. */
  readonly enqueueUrl: string;
  readonly routingKey: string;
  /** Events that were accepted with 202, in order. */
  readonly events: PagerdutyEvent[];
  /** Open incidents: dedup key to the number of triggers merged into it. */
  readonly open: Map<string, number>;
}

const SEVERITIES = ['critical', 'error', 'warning', 'info'];
const ACTIONS = ['trigger', 'acknowledge', 'resolve'];
const MAX_BYTES = 512 * 1024;

export async function startPagerDutyStandIn(options: { port?: number } = {}): Promise<PagerdutyStandIn> {
  const routingKey = 'a'.repeat(32);
  const events: PagerdutyEvent[] = [];
  const open = new Map<string, number>();

  const answer = (request: RecordedRequest): Answer => {
    if (request.path !== '/v2/enqueue' || request.method !== 'POST') return { status: 404, body: 'not found' };
    const errors = faultsOf(request, routingKey);
    if (errors.length > 0) {
      return { status: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors } };
    }
    const event = request.json as PagerdutyEvent;
    events.push(event);
    const key = event.dedup_key ?? `generated-${events.length}`;
    if (event.event_action === 'trigger') open.set(key, (open.get(key) ?? 0) + 1);
    if (event.event_action === 'resolve') open.delete(key);
    return { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: key } };
  };

  const recorder = await startRecorder(answer, options);
  return Object.assign(recorder, { enqueueUrl: `${recorder.url}/v2/enqueue`, routingKey, events, open });
}

function faultsOf(request: RecordedRequest, routingKey: string): string[] {
  const event = request.json as PagerdutyEvent | undefined;
  if (typeof event !== 'object' || event === null) return ['body is not JSON'];
  const faults: string[] = [];
  const check = (holds: boolean, message: string): void => {
    if (!holds) faults.push(message);
  };
  check(Buffer.byteLength(request.body) <= MAX_BYTES, 'event exceeds 512 KB');
  check(event.routing_key === routingKey, "'routing_key' is invalid");
  check(ACTIONS.includes(event.event_action), "'event_action' is invalid");
  check((event.dedup_key ?? '').length <= 255, "'dedup_key' is too long");
  if (event.event_action !== 'trigger') return faults;
  const payload = event.payload ?? {};
  check(typeof payload.summary === 'string' && payload.summary.length > 0, "'payload.summary' is missing or blank");
  check((payload.summary ?? '').length <= 1024, "'payload.summary' is too long");
  check(typeof payload.source === 'string' && payload.source.length > 0, "'payload.source' is missing or blank");
  check(SEVERITIES.includes(payload.severity), "'payload.severity' is invalid (must be one of the known values)");
  check(
    payload.timestamp === undefined || !Number.isNaN(Date.parse(payload.timestamp)),
    "'payload.timestamp' is not ISO 8601",
  );
  const details = payload.custom_details ?? {};
  check(typeof details === 'object' && !Array.isArray(details), "'payload.custom_details' is not an object");
  return faults;
}
