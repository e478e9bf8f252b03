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

/** How many bytes the varint of the 64-bit number high * 2^32 + low takes; both unsigned 32-bit. */
export function varint64Size(low: number, high: number): number {
  if (high === 0) return varintSize(low);
  if (high < 0x8) return 5;
  if (high < 0x400) return 6;
  if (high < 0x20000) return 7;
  if (high < 0x1000000) return 8;
  return high < 0x80000000 ? 9 : 10;
}

/** Writes the varint of the 64-bit number high * 2^32 + low and returns where it ends. */
export function writeVarint64(bytes: Uint8Array, at: number, low: number, high: number): number {
  while (high > 0) {
    bytes[at++] = (low & 0x7f) | 0x80;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  return writeVarint(bytes, at, low);
}
