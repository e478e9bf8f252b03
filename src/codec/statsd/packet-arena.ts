/** The largest packet: what a datagram of UDP can hold. */
export const MAX_PACKET_BYTES = 65_536;

/** How many bytes can be read behind everything that lies in an arena of packets or tags. */
export const SLACK_BYTES = 16;

/** The label that the container of a line becomes. */
const CONTAINER_LABEL = Buffer.from('container.id');

const LF = 0x0a;
const LABEL_START = MAX_PACKET_BYTES + 1;

/**
 * Memory for one packet at a time, which can be read four bytes at once to its end and beyond. A line feed ends it.
 *
 * ```
 *  [ packet, up to 64 KiB | LF | … | container.id | slack ]
 * ```
 */
export class PacketArena {
  readonly bytes = Buffer.alloc(LABEL_START + CONTAINER_LABEL.length + SLACK_BYTES);
  readonly view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  /** How long the packet is. */
  length = 0;
  /** Where the name of that label lies. */
  readonly containerLabelStart = LABEL_START;
  readonly containerLabelEnd = LABEL_START + CONTAINER_LABEL.length;

  constructor() {
    this.bytes.set(CONTAINER_LABEL, this.containerLabelStart);
  }

  /** Puts a packet in the place of the last one. One that is longer than `MAX_PACKET_BYTES` is cut. */
  set(packet: Uint8Array): void {
    this.length = Math.min(packet.length, MAX_PACKET_BYTES);
    this.bytes.set(packet.length > this.length ? packet.subarray(0, this.length) : packet);
    this.bytes[this.length] = LF;
  }
}
