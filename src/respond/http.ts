/** One HTTP request as actions make it: no redirects, a deadline, a bounded answer, and an address check at connect time. */
import { lookup as systemLookup } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { describeError, NightjarError } from '../errors.ts';
import { GiveUp, RetryLater } from '../ports.ts';
import { hostOf, type Reach, within } from './address.ts';

const MAX_ANSWER_BYTES = 1024 * 1024;
const DEFAULT_WAIT_MS = 30_000;
const MAX_WAIT_MS = 3_600_000;

export interface Request {
  method: 'GET' | 'POST';
  url: URL;
  headers: Record<string, string>;
  body?: string;
  /** Where it may connect to; a name that resolves to anything else is refused. */
  reach: Reach;
}

export interface Response {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Sends a request; injected into actions. Any status resolves. */
export type Send = (request: Request) => Promise<Response>;

/** The request never left: trying again is safe, and nothing has happened. */
export class Unsent extends NightjarError {}

/** The far side refused or was never reached: whatever was asked of it has not happened. A timeout or a 5xx tells nothing. */
export function leftNoEffect(error: unknown): boolean {
  return error instanceof GiveUp || error instanceof RetryLater || error instanceof Unsent;
}

/** A connection was about to go where it must not. */
class Forbidden extends Error {}

/**
 * Makes the real `Send`. Rejects with `GiveUp` when an address is out of reach, `Unsent` when no connection came about, and
 * `NJ_UNREACHABLE` or `NJ_TIMEOUT` when the request was sent and the answer did not come.
 * @param options.timeoutMs for the whole exchange, default 10,000
 * @param options.resolve the resolver of names, default the system's
 */
export function createSend(options: { timeoutMs?: number; resolve?: typeof systemLookup } = {}): Send {
  const { timeoutMs = 10_000, resolve = systemLookup } = options;
  return (request) =>
    new Promise((settle, reject) => {
      const { url } = request;
      const host = hostOf(url);
      // The resolver is not asked about literal addresses, so these are checked here.
      if (isIP(host) !== 0 && !within(request.reach, host)) {
        reject(new GiveUp(forbidden(url.host, host, request.reach)));
        return;
      }
      const secure = url.protocol === 'https:';
      let sent = false;
      let late = false;
      const common: RequestOptions = {
        method: request.method,
        headers: {
          ...request.headers,
          ...(request.body === undefined ? {} : { 'content-length': Buffer.byteLength(request.body) }),
        },
        lookup: checkedLookup(resolve, request.reach),
      };
      // An agent of its own: a kept connection would skip the check.
      const outgoing = secure
        ? httpsRequest(url, { ...common, agent: new HttpsAgent({ keepAlive: false }) })
        : httpRequest(url, { ...common, agent: new HttpAgent({ keepAlive: false }) });
      const timer = setTimeout(() => {
        late = true;
        outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`));
      }, timeoutMs);
      const fail = (error: Error): void => {
        clearTimeout(timer);
        const message = `${url.host}: ${describeError(error)}`;
        if (error instanceof Forbidden) reject(new GiveUp(error.message));
        else if (!sent) reject(new Unsent('NJ_UNREACHABLE', message, { cause: error }));
        else reject(new NightjarError(late ? 'NJ_TIMEOUT' : 'NJ_UNREACHABLE', message, { cause: error }));
      };
      outgoing.on('socket', (socket) => {
        socket.once(secure ? 'secureConnect' : 'connect', () => {
          sent = true;
        });
      });
      outgoing.on('error', fail);
      outgoing.on('response', (incoming) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        incoming.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_ANSWER_BYTES)
            incoming.destroy(new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`));
          else chunks.push(chunk);
        });
        incoming.on('error', fail);
        incoming.on('end', () => {
          clearTimeout(timer);
          const text = Buffer.concat(chunks).toString('utf8');
          settle({ status: incoming.statusCode ?? 0, headers: incoming.headers, text });
        });
      });
      outgoing.end(request.body);
    });
}

/**
 * What an answer means for the job: returns on 2xx; 429 is `RetryLater`, any other 3xx or 4xx `GiveUp`, 5xx `NJ_UNREACHABLE`.
 * @param who names the far side in the message; the answer's own words are left out, since nobody vouches for them
 */
export function requireSuccess(response: Response, who: string, now: number): void {
  const { status, headers } = response;
  if (status >= 200 && status < 300) return;
  if (status === 429) throw new RetryLater(retryAfter(headers['retry-after'], now), `${who} asks to wait (429)`);
  if (status >= 500) throw new NightjarError('NJ_UNREACHABLE', `${who} answered ${status}`);
  throw new GiveUp(
    status < 400 ? `${who} answered ${status}: redirects are not followed` : `${who} refused: ${status}`,
  );
}

/** `Retry-After` in seconds or as a date; default 30 s, at least 1 s, at most an hour. */
function retryAfter(value: string | undefined, now: number): number {
  if (value === undefined) return DEFAULT_WAIT_MS;
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 1000), MAX_WAIT_MS) : DEFAULT_WAIT_MS;
}

/** One address out of reach is enough to refuse: the connection may be made to any of them. */
function checkedLookup(resolve: typeof systemLookup, reach: Reach): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const bad = error ? undefined : addresses.find(({ address }) => !within(reach, address));
      const first = error ? undefined : addresses[0];
      if (error) callback(error, []);
      else if (bad) callback(new Forbidden(forbidden(hostname, bad.address, reach)), []);
      else if (!first) callback(new Error(`${hostname} has no address`), []);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function forbidden(host: string, address: string, reach: Reach): string {
  return reach === 'loopback'
    ? `${host} resolves to ${address}, which is not this machine`
    : `${host} resolves to ${address}, which is not a public address`;
}
