import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net';
import type { Cleanup } from '../harness/cleanup.ts';

/** Far longer than anything takes on a busy machine: what hangs is to be named. */
const MAX_WAIT_MS = 30_000;

/** A server on 127.0.0.1 that ends with its test. */
export interface TestServer {
  readonly port: number;
  readonly url: string;
  /** How many connections were ever made to it. */
  readonly connections: () => number;
  readonly server: Server;
  close(): Promise<void>;
}

/** An HTTP server. */
export function httpServer(context: Cleanup, listener: RequestListener): Promise<TestServer> {
  return listen(context, createServer(listener));
}

/** A server that is given raw connections, for what no HTTP server would do. */
export function socketServer(context: Cleanup, listener: (socket: Socket) => void): Promise<TestServer> {
  return listen(context, createSocketServer(listener));
}

export async function listen(context: Cleanup, server: Server, port = 0): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  context.after(close);
  const bound = (server.address() as AddressInfo).port;
  return { port: bound, url: `http://127.0.0.1:${bound}/v1/logs`, connections: () => connections, server, close };
}

/** The whole body of a request. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Reads the request to its end, then answers. */
export function answering(
  status: number,
  headers: Record<string, string> = {},
  body: string | Buffer = '',
): RequestListener {
  return (request: IncomingMessage, response: ServerResponse) => {
    request.resume().on('end', () => response.writeHead(status, headers).end(body));
  };
}

/** Resolves once `condition` holds; it is looked at after every turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  const endMs = performance.now() + MAX_WAIT_MS;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`Waited in vain until ${condition}`);
    await new Promise(setImmediate);
  }
}
