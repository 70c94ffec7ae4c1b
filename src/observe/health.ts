/** /health (is the process of any use?), /ready (does it read and write?), /metrics and /coverage, on loopback unless told otherwise. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NightjarError } from '../errors.ts';
import type { Metrics } from './metrics.ts';

export interface HealthReport {
  /** False when only a restart can help. */
  alive: boolean;
  /** False while a server is away. */
  ready: boolean;
  /** Per part: `ok`, or what is wrong in a few words. */
  parts: Record<string, string>;
}

export interface HealthServer {
  /** `http://127.0.0.1:4621` */
  url: string;
  close(): Promise<void>;
}

/**
 * @param coverage answered as JSON to this machine alone
 * @throws NightjarError NJ_PORT_IN_USE.
 */
export async function serveHealth(
  where: { host: string; port: number },
  report: () => HealthReport,
  metrics: Metrics,
  refresh: () => Promise<void>,
  coverage: () => unknown,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    const send = (status: number, type: string, body: string) => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    };
    if (request.method !== 'GET') return send(405, 'text/plain', 'use GET\n');
    if (path === '/metrics') {
      refresh()
        .then(() => metrics.registry.metrics())
        .then(
          (text) => send(200, metrics.registry.contentType, text),
          () => send(503, 'text/plain', 'metrics are not available\n'),
        );
      return;
    }
    if (path === '/coverage') {
      // It names topics, files and routes: wherever else this server listens, that stays on the machine.
      if (!isLoopback(request.socket.remoteAddress)) return send(403, 'text/plain', 'ask from this machine\n');
      return send(200, 'application/json', `${JSON.stringify(coverage())}\n`);
    }
    const { alive, ready, parts } = report();
    const good = path === '/health' ? alive : path === '/ready' ? ready : undefined;
    if (good === undefined) return send(404, 'text/plain', 'there are /health, /ready, /metrics and /coverage\n');
    send(good ? 200 : 503, 'application/json', `${JSON.stringify({ ok: good, parts })}\n`);
  });
  await listen(server, where);
  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function isLoopback(address = ''): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new NightjarError('NJ_PORT_IN_USE', `port ${port} on ${host} is in use (for /health and /metrics)`, {
              hint: 'set metrics.port to another one, or to 0 for any',
              cause: error,
            })
          : new NightjarError('NJ_CONFIG', `cannot listen on ${host}:${port}: ${error.code}`, {
              hint: 'check metrics.host',
            }),
      );
    });
    server.listen(port, host, () => resolve());
  });
}
