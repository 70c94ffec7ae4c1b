/**
 * Access logs of model servers and of what stands before them: vLLM (uvicorn), Ollama (gin), nginx combined and common. Seen, not read: the
 * operation is `access`, and only path, status and client address are known.
 *
 * uvicorn lines have no time (the carrier's is used). gin writes local time without a zone: it is taken as UTC, or, when the carrier's time
 * is known, in the zone that brings it nearest to that. The client address behind a proxy is the proxy's. Id is a hash of line and time.
 * Lines of the model servers themselves are all accesses except health checks; nginx lines only where the path is a model API's.
 */
import { statusOf } from './answer.ts';
import { type Context, eventTime, type Format, makeEvent } from './contract.ts';
import { addressOf, httpStatus, ident, pathOf } from './identity.ts';
import { isModelPath } from './model-path.ts';
import { type Obj, str } from './read.ts';
import { recordId } from './record-id.ts';
import { timeOf } from './time.ts';

const MAX_LINE = 16_384;
const UVICORN = /^(?:\([^)]{1,80}\) )?INFO:\s+(\S+) - "([A-Z]{3,10}) (\S+) HTTP\/[\d.]+" (\d{3})/;
const GIN =
  /\[GIN\] (\d{4})\/(\d\d)\/(\d\d) - (\d\d:\d\d:\d\d) \|\s*(\d{3}) \|\s*(\S+) \|\s*(\S+) \|\s*([A-Z]{3,10})\s+"([^"]*)"/;
const COMBINED =
  /^(\S+) \S+ (\S+) \[([^\]]{20,30})\] "([A-Z]{3,10}) (\S+)[^"]*" (\d{3}) (?:\d+|-)(?: "([^"]*)" "([^"]*)")?/;
const HEALTH = /^\/(health|healthz|livez|readyz|metrics|ping|load|favicon\.ico)?$/;

interface Access {
  address: string | undefined;
  target: string | undefined;
  status: string | undefined;
  time: number | undefined;
  principal?: string | undefined;
  userAgent?: string | undefined;
  durationMs?: number | undefined;
  isCall: (path: string | undefined) => boolean;
}

export const accessLog: Format = {
  id: 'access-log',
  kind: 'line',
  recognise: (unit) => {
    const line = str(unit.line) ?? '';
    return line.length <= MAX_LINE && (UVICORN.test(line) || GIN.test(line) || COMBINED.test(line));
  },
  toEvents: (unit: Obj, context: Context) => {
    const line = str(unit.line) ?? '';
    const access = uvicorn(line) ?? gin(line, context) ?? combined(line);
    const route = pathOf(access?.target);
    if (access === undefined || !access.isCall(route)) return [];
    const code = httpStatus(access.status);
    const status = statusOf(code);
    const time = eventTime(context, access.time);
    return [
      makeEvent('access-log', context, {
        id: recordId(line, time),
        time,
        operation: 'access',
        principal: access.principal,
        route,
        clientAddress: addressOf(access.address),
        userAgent: access.userAgent,
        status,
        errorType: status === 'ok' ? undefined : String(code),
        httpStatus: code,
        durationMs: access.durationMs,
        input: [],
        output: [],
        tools: [],
      }),
    ];
  },
};

function isServed(path: string | undefined): boolean {
  return path === undefined || !HEALTH.test(path);
}

function uvicorn(line: string): Access | undefined {
  const match = UVICORN.exec(line);
  return match
    ? { address: match[1], target: match[3], status: match[4], time: undefined, isCall: isServed }
    : undefined;
}

const QUARTER_HOUR = 900_000;
const WIDEST_ZONE = 14 * 3_600_000;

function gin(line: string, context: Context): Access | undefined {
  const match = GIN.exec(line);
  if (!match) return undefined;
  const [, year, month, day, clock, status, duration, address, , target] = match;
  const utc = timeOf(`${year}-${month}-${day}T${clock}Z`);
  const away = utc === undefined || context.time === undefined ? 0 : context.time - utc;
  const zone = Math.abs(away) <= WIDEST_ZONE ? Math.round(away / QUARTER_HOUR) * QUARTER_HOUR : 0;
  return {
    address,
    target,
    status,
    time: utc === undefined ? undefined : utc + zone,
    durationMs: goDuration(duration as string),
    isCall: isServed,
  };
}

const GO_UNITS: Readonly<Record<string, number>> = {
  h: 3.6e6,
  m: 6e4,
  s: 1e3,
  ms: 1,
  µs: 1e-3,
  us: 1e-3,
  μs: 1e-3,
  ns: 1e-6,
};

/** Milliseconds of a Go duration such as `29m59s` or `414.019µs`. */
function goDuration(text: string): number | undefined {
  let total = 0;
  let matched = 0;
  for (const match of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|µs|μs|us|ns)/g)) {
    total += Number(match[1]) * (GO_UNITS[match[2] as string] as number);
    matched += match[0].length;
  }
  return matched === text.length && matched > 0 ? total : undefined;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function combined(line: string): Access | undefined {
  const match = COMBINED.exec(line);
  if (!match) return undefined;
  const [, address, user, stamp, , target, status, , agent] = match;
  const parts = /^(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})$/.exec(stamp as string);
  const month = MONTHS.indexOf(parts?.[2] ?? '') + 1;
  return {
    address,
    target,
    status,
    time:
      parts && month > 0
        ? timeOf(`${parts[3]}-${String(month).padStart(2, '0')}-${parts[1]}T${parts[4]}${parts[5]}`)
        : undefined,
    principal: user === '-' ? undefined : ident(user),
    userAgent: agent === '-' ? undefined : ident(agent),
    isCall: isModelPath,
  };
}
