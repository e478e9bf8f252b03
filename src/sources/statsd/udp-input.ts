import type { Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from '../../component/options.ts';

/** Who a receiver of packets tells. */
export interface PacketHandlers {
  /** A packet, which is the receiver's again on return. */
  readonly onPacket: (packet: Uint8Array) => void;
  /** A packet could not be received. */
  readonly onError: (error: Error) => void;
}

/** Errors of a machine without IPv6. */
const NO_IPV6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL']);

/** A socket of UDP that receives packets. */
export class UdpInput {
  /** The address that it was opened with. */
  readonly where: string;
  /** Packets that the kernel has thrown away, as far as somebody has counted them. */
  countedDrops = 0;
  readonly #socket: Socket;

  private constructor(where: string, socket: Socket) {
    this.where = where;
    this.#socket = socket;
  }

  /**
   * Begins to receive. `receiveBufferBytes` is what is asked of the kernel, which may give less. Rejects when the address
   * cannot be had.
   */
  static async open(listen: ListenAddress, receiveBufferBytes: number, handlers: PacketHandlers): Promise<UdpInput> {
    const { host, port } = listen;
    const bindTo = async (address: string): Promise<UdpInput> => {
      const input = new UdpInput(udpPlace(listen), await bind(address, port));
      input.use(receiveBufferBytes, handlers);
      return input;
    };
    if (host !== undefined) return bindTo(host);
    try {
      return await bindTo('::');
    } catch (error) {
      if (!NO_IPV6.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      return bindTo('0.0.0.0');
    }
  }

  /** Where it receives. */
  get address(): AddressInfo {
    return this.#socket.address();
  }

  /** How much the kernel keeps for it, in bytes. */
  get receiveBufferBytes(): number {
    return this.#socket.getRecvBufferSize();
  }

  /** Tells others from now on. */
  use(receiveBufferBytes: number, { onPacket, onError }: PacketHandlers): void {
    this.#socket.setRecvBufferSize(receiveBufferBytes);
    this.#socket.removeAllListeners('message').removeAllListeners('error');
    this.#socket.on('message', onPacket).on('error', onError);
  }

  /** Receives no more. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

/** An address as `UdpInput.where` has it. */
export function udpPlace({ host, port }: ListenAddress): string {
  return `${host ?? ''}:${port}`;
}

function bind(address: string, port: number): Promise<Socket> {
  // Only here: what receives nothing need not load it.
  const { createSocket } = process.getBuiltinModule('node:dgram');
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4' });
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      socket.close();
      reject(error);
    };
    socket.once('error', fail);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', fail);
      resolve(socket);
    });
  });
}
