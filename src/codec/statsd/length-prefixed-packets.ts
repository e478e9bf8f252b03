import { MAX_PACKET_BYTES } from './packet-arena.ts';

/** In front of each packet its length, as a number of 32 bits, the lowest byte first. */
const LENGTH_BYTES = 4;

/** Puts the bytes of a stream together to packets, each with its length in front. */
export class LengthPrefixedPackets {
  readonly #onPacket: (packet: Uint8Array) => void;
  /** The length and the packet, as far as they have come. */
  #open: Buffer = Buffer.alloc(LENGTH_BYTES);
  #openBytes = 0;

  /** `onPacket` is given each packet, which is not its own. */
  constructor(onPacket: (packet: Uint8Array) => void) {
    this.#onPacket = onPacket;
  }

  /** Whether a packet has begun and not ended. */
  get isWithin(): boolean {
    return this.#openBytes > 0;
  }

  /** Takes the next bytes. False: a length that no packet has; what follows has no meaning. O(bytes). */
  take(chunk: Buffer): boolean {
    for (let at = 0; at < chunk.length; ) {
      if (this.#openBytes === 0 && chunk.length - at >= LENGTH_BYTES) {
        const end = at + LENGTH_BYTES + chunk.readUInt32LE(at);
        if (end - at - LENGTH_BYTES > MAX_PACKET_BYTES) return false;
        if (end <= chunk.length) {
          this.#onPacket(chunk.subarray(at + LENGTH_BYTES, end));
          at = end;
          continue;
        }
      }
      const taken = Math.min(chunk.length - at, this.#missing());
      chunk.copy(this.#open, this.#openBytes, at, at + taken);
      at += taken;
      this.#openBytes += taken;
      if (!this.#advance()) return false;
    }
    return true;
  }

  /** How many bytes what is open can take. */
  #missing(): number {
    return (this.#openBytes < LENGTH_BYTES ? LENGTH_BYTES : this.#open.length) - this.#openBytes;
  }

  #advance(): boolean {
    if (this.#openBytes < LENGTH_BYTES) return true;
    const length = this.#open.readUInt32LE(0);
    if (length > MAX_PACKET_BYTES) return false;
    if (this.#open.length !== LENGTH_BYTES + length) {
      const open = Buffer.alloc(LENGTH_BYTES + length);
      this.#open.copy(open, 0, 0, LENGTH_BYTES);
      this.#open = open;
    }
    if (this.#openBytes < this.#open.length) return true;
    this.#onPacket(this.#open.subarray(LENGTH_BYTES));
    this.#open = Buffer.alloc(LENGTH_BYTES);
    this.#openBytes = 0;
    return true;
  }
}
