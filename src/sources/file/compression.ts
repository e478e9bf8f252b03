/** Formats of compressed files that are known by their first bytes. Only gzip can be read. */
export type Compression = 'gzip' | 'zstd' | 'bzip2' | 'xz' | 'lz4';

/** How much of the start of a file tells its format, in bytes. */
export const MAGIC_BYTES = 10;

/** `mask`: which bits of the byte behind the magic are 0 in every such file; text that begins alike is none. */
const MAGICS: readonly { readonly format: Compression; readonly bytes: Buffer; readonly mask?: number }[] = [
  // RFC 1952, section 2.3: the identification, deflate, and flags of which the upper three are reserved.
  { format: 'gzip', bytes: Buffer.of(0x1f, 0x8b, 8), mask: 0xe0 },
  { format: 'zstd', bytes: Buffer.of(0x28, 0xb5, 0x2f, 0xfd) },
  { format: 'xz', bytes: Buffer.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0) },
  { format: 'lz4', bytes: Buffer.of(0x04, 0x22, 0x4d, 0x18) },
];

/** bzip2: the block size, then the digits of pi. */
const BZIP2 = /^BZh[1-9]1AY&SY/;

/** The format of a file by the first bytes of it in `bytes[start, end)`, whatever its name says. */
export function compressionOf(bytes: Buffer, start = 0, end = bytes.length): Compression | undefined {
  const head = bytes.subarray(start, Math.min(end, start + MAGIC_BYTES));
  for (const { format, bytes: magic, mask = 0 } of MAGICS) {
    if (head.length <= magic.length || !magic.equals(head.subarray(0, magic.length))) continue;
    if ((head[magic.length]! & mask) === 0) return format;
  }
  return BZIP2.test(head.toString('latin1')) ? 'bzip2' : undefined;
}
