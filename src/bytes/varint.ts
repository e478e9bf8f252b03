/** How many bytes a protobuf varint takes, for 0 <= value < 2^32. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}

/** Writes a protobuf varint, 0 <= value < 2^32, and returns where it ends. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  while (value > 0x7f) {
    bytes[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  bytes[at++] = value;
  return at;
}

/** How many bytes the varint of the 64-bit integer with these 32-bit halves takes. */
export function varint64Size(low: number, high: number): number {
  const bits = high === 0 ? 32 - Math.clz32(low | 1) : 64 - Math.clz32(high);
  return ((bits + 6) / 7) | 0;
}

/** Writes the varint of the 64-bit integer with these 32-bit halves, signed or not, and returns where it ends. */
export function writeVarint64(bytes: Uint8Array, at: number, low: number, high: number): number {
  if (high !== 0) {
    // The low 28 bits are four whole groups; the upper four bits go on in the high half.
    bytes[at] = (low & 0x7f) | 0x80;
    bytes[at + 1] = ((low >>> 7) & 0x7f) | 0x80;
    bytes[at + 2] = ((low >>> 14) & 0x7f) | 0x80;
    bytes[at + 3] = ((low >>> 21) & 0x7f) | 0x80;
    at += 4;
    if (high >>> 3 === 0) {
      bytes[at] = (low >>> 28) | (high << 4);
      return at + 1;
    }
    bytes[at++] = (low >>> 28) | ((high & 0x7) << 4) | 0x80;
    low = high >>> 3;
  }
  while (low >>> 7 !== 0) {
    bytes[at++] = (low & 0x7f) | 0x80;
    low >>>= 7;
  }
  bytes[at] = low;
  return at + 1;
}
