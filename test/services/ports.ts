/** Finds free loopback ports and asks a listening server whether it is ready. */
import { randomInt } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';

/**
 * Below the range from which the system takes the ports of outgoing connections: a client that keeps trying to reach
 * a stopped server could otherwise be given the server's own port and keep it from coming back.
 */
const range = { from: 15_000, to: 32_000 };

function bind(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}

/** Distinct ports on 127.0.0.1 that nobody listens on at the moment of the call. */
export async function freePorts(count: number): Promise<number[]> {
  const held = new Map<number, Server>();
  while (held.size < count) {
    const port = randomInt(range.from, range.to);
    const server = held.has(port) ? undefined : await bind(port);
    if (server) held.set(port, server);
  }
  await Promise.all([...held.values()].map((server) => new Promise((resolve) => server.close(resolve))));
  return [...held.keys()];
}

/** One free port on 127.0.0.1. */
export async function freePort(): Promise<number> {
  return (await freePorts(1))[0]!;
}

/** Sends bytes to a port on 127.0.0.1; the first chunk of the answer, or an empty buffer when none comes in a second. */
export function ask(port: number, message: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(message));
    const finish = (answer: Buffer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, () => finish(Buffer.alloc(0)));
    socket.once('data', finish);
    socket.once('error', () => finish(Buffer.alloc(0)));
    socket.once('close', () => finish(Buffer.alloc(0)));
  });
}
