/** A local HTTP server on a free port that records every request and can be told to misbehave: the base of all stand-ins. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface RecordedRequest {
  method: string;
  /** Path with its query, as sent. */
  path: string;
  headers: IncomingHttpHeaders;
  /** The raw body: what a signature is made over. */
  body: string;
  /** The body as JSON, or undefined when it is none. */
  json: unknown;
  /** Status that was answered; null when the request got no answer (hang, drop, lost answer). */
  status: number | null;
  /** Local clock, epoch milliseconds, when the whole request had arrived. */
  at: number;
}

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  /** Text is sent as it is, anything else as JSON. */
  body?: unknown;
}

/**
 * One way to fail. `answer`: this answer instead of the right one · `hang`: the request is read and never answered ·
 * `drop`: the connection is cut before anything happens · `lose-answer`: the request takes effect, then the connection is cut.
 */
export type Misbehaviour = { kind: 'answer'; answer: Answer } | { kind: 'hang' | 'drop' | 'lose-answer' };

export interface Recorder {
  /** `http://127.0.0.1:<port>`, without a trailing slash. */
  readonly url: string;
  /** Every request, in order of arrival, whatever became of it. */
  readonly requests: RecordedRequest[];
  /** Fails the next `times` requests (default: all until `behave`). Calls queue up behind one another. */
  misbehave(how: Misbehaviour, times?: number): void;
  /** Shorthand: the next `times` requests get status 429 with `Retry-After` in seconds. */
  tooManyRequests(retryAfterSeconds: number, times?: number): void;
  behave(): void;
  /** Resolves when at least `count` requests have arrived; rejects after `timeoutMs` (default 5,000). */
  waitFor(count: number, timeoutMs?: number): Promise<RecordedRequest[]>;
  /** Cuts open connections, frees the port. */
  close(): Promise<void>;
}

/**
 * Starts one. `answer` makes the right answer (default: 200 and `{}`); it runs only for requests that take effect.
 * @param options.port a fixed port, to come back on after an outage; default a free one
 * @example const hook = await startRecorder((request) => ({ status: 202, body: { path: request.path } }));
 */
export async function startRecorder(
  answer: (request: RecordedRequest) => Answer | Promise<Answer> = () => ({}),
  options: { port?: number } = {},
): Promise<Recorder> {
  const requests: RecordedRequest[] = [];
  const faults: { how: Misbehaviour; left: number }[] = [];
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();

  const nextFault = (): Misbehaviour | undefined => {
    const fault = faults[0];
    if (!fault) return undefined;
    fault.left--;
    if (fault.left <= 0) faults.shift();
    return fault.how;
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await record(incoming);
    requests.push(request);
    const fault = nextFault();
    if (fault?.kind === 'drop') incoming.socket.destroy();
    else if (fault?.kind === 'lose-answer') {
      await answer(request);
      incoming.socket.destroy();
    } else if (fault?.kind !== 'hang') {
      const reply = fault?.kind === 'answer' ? fault.answer : await answer(request);
      request.status = reply.status ?? 200;
      send(response, reply);
    }
    for (const wake of waiting) wake();
  };

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => {
      send(response, { status: 500, body: `stand-in failed: ${String(error)}` });
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    misbehave(how, times = Number.POSITIVE_INFINITY) {
      faults.push({ how, left: times });
    },
    tooManyRequests(retryAfterSeconds, times = Number.POSITIVE_INFINITY) {
      const headers = { 'retry-after': String(retryAfterSeconds) };
      faults.push({ how: { kind: 'answer', answer: { status: 429, headers } }, left: times });
    },
    behave() {
      faults.length = 0;
    },
    waitFor(count, timeoutMs = 5_000) {
      return new Promise((resolve, reject) => {
        const done = (): void => {
          if (requests.length < count) return;
          clearTimeout(timer);
          waiting.delete(done);
          resolve(requests);
        };
        const timer = setTimeout(() => {
          waiting.delete(done);
          reject(new Error(`stand-in saw ${requests.length} of ${count} requests within ${timeoutMs} ms`));
        }, timeoutMs);
        waiting.add(done);
        done();
      });
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function record(incoming: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    json = undefined;
  }
  const { method = '', url = '', headers } = incoming;
  return { method, path: url, headers, body, json, status: null, at: Date.now() };
}

function send(response: ServerResponse, answer: Answer): void {
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {});
  const type = typeof answer.body === 'string' ? 'text/plain' : 'application/json';
  response.writeHead(answer.status ?? 200, { 'content-type': type, ...answer.headers });
  response.end(text);
}
