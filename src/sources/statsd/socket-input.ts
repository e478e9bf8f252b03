import { lstat, stat, unlink } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { LengthPrefixedPackets } from '../../codec/statsd/length-prefixed-packets.ts';
import { openToEverybody } from './open-to-everybody.ts';

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
  readonly path: string;
  readonly #server: Server;
  readonly #connections = new Set<Socket>();
  #handlers: StreamHandlers;

  private constructor(path: string, handlers: StreamHandlers) {
    this.path = path;
    this.#handlers = handlers;
    this.#server = createServer((connection) => this.#read(connection));
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on('drop', () => this.#handlers.onFault('connections'));
  }

  /**
   * Begins to listen at a path, at which everybody may write who reaches it. A socket that nobody listens at any more is
   * removed first. Rejects when the path cannot be had.
   */
  static async open(path: string, handlers: StreamHandlers): Promise<SocketInput> {
    await removeDeadSocket(path);
    const input = new SocketInput(path, handlers);
    await input.#listen();
    try {
      await openToEverybody(path);
    } catch (error) {
      await input.close();
      throw error;
    }
    return input;
  }

  /** Tells others from now on. */
  use(handlers: StreamHandlers): void {
    this.#handlers = handlers;
  }

  /** Takes nothing more, and removes the socket. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.destroy();
    return closed;
  }

  #listen(): Promise<void> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path: this.path }, () => {
        server.off('error', reject);
        server.on('error', () => this.#handlers.onFault('error'));
        resolve();
      });
    });
  }

  #read(connection: Socket): void {
    this.#connections.add(connection);
    const packets = new LengthPrefixedPackets((packet) => this.#handlers.onPacket(packet));
    let fault: StreamFault | undefined;
    connection.on('data', (chunk: Buffer) => {
      if (packets.take(chunk)) return;
      fault = 'length';
      connection.destroy();
    });
    connection.on('error', () => (fault ??= 'error'));
    connection.on('close', () => {
      this.#connections.delete(connection);
      if (packets.isWithin) fault ??= 'cut';
      if (fault !== undefined) this.#handlers.onFault(fault);
    });
  }
}

async function removeDeadSocket(path: string): Promise<void> {
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (stats === undefined) return refuseMissingFolder(dirname(path));
  if (!stats.isSocket()) throw new Error('There is something else at that path');
  if (await isListening(path)) throw new Error('Another process listens there');
  await unlink(path);
}

/** What `listen()` says of it is that permission was denied. */
async function refuseMissingFolder(folder: string): Promise<void> {
  await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new Error(`There is no folder ${JSON.stringify(folder)}`);
  });
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
