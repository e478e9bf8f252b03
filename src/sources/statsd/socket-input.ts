import { lstat, unlink } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { LengthPrefixedPackets } from '../../codec/statsd/length-prefixed-packets.ts';

/** Why packets of a connection were lost: a word of the metric about it. */
export type StreamFault = 'length' | 'cut' | 'connections' | 'error';

/** Who a socket tells. */
export interface StreamHandlers {
  /** A packet, which is the receiver's again on return. */
  readonly onPacket: (packet: Uint8Array) => void;
  readonly onFault: (fault: StreamFault) => void;
}

/** One more is closed at once. Each holds at most one packet. */
const MAX_CONNECTIONS = 64;

/** A unix socket of the kind `stream`, whose connections send packets with their lengths in front. */
export class SocketInput {
  readonly #server: Server;
  readonly #connections: ReadonlySet<Socket>;

  private constructor(server: Server, connections: ReadonlySet<Socket>) {
    this.#server = server;
    this.#connections = connections;
  }

  /**
   * Begins to listen at a path, at which everybody may write who reaches it. A socket that nobody listens at any more is
   * removed first. Rejects when the path cannot be had.
   */
  static async open(path: string, handlers: StreamHandlers): Promise<SocketInput> {
    await removeDeadSocket(path);
    const connections = new Set<Socket>();
    const server = createServer((connection) => {
      connections.add(connection);
      connection.once('close', () => connections.delete(connection));
      readPackets(connection, handlers);
    });
    server.maxConnections = MAX_CONNECTIONS;
    server.on('drop', () => handlers.onFault('connections'));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path, readableAll: true, writableAll: true }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    server.on('error', () => handlers.onFault('error'));
    return new SocketInput(server, connections);
  }

  /** Takes nothing more, and removes the socket. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.destroy();
    return closed;
  }
}

function readPackets(connection: Socket, { onPacket, onFault }: StreamHandlers): void {
  const packets = new LengthPrefixedPackets(onPacket);
  let fault: StreamFault | undefined;
  connection.on('data', (chunk: Buffer) => {
    if (packets.take(chunk)) return;
    fault = 'length';
    connection.destroy();
  });
  connection.on('error', () => (fault ??= 'error'));
  connection.on('close', () => {
    if (packets.isWithin) fault ??= 'cut';
    if (fault !== undefined) onFault(fault);
  });
}

async function removeDeadSocket(path: string): Promise<void> {
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (stats === undefined) return;
  if (!stats.isSocket()) throw new Error('There is something else at that path');
  if (await isListening(path)) throw new Error('Another process listens there');
  await unlink(path);
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection({ path });
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    // ECONNREFUSED: it belongs to nobody. Of whatever else it is not known, so it stays.
    connection.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}
