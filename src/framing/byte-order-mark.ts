/** A byte order mark at the start of a text. */
export interface ByteOrderMark {
  /** As `TextDecoder.encoding` names it. */
  readonly encoding: MarkedEncoding;
  /** Its length in bytes. */
  readonly length: number;
}

/** Encodings that a mark tells. */
export const MARKED_ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be'] as const;

/** One of them. */
export type MarkedEncoding = (typeof MARKED_ENCODINGS)[number];

const MARKS: readonly { readonly encoding: MarkedEncoding; readonly bytes: Buffer }[] = [
  { encoding: 'utf-8', bytes: Buffer.of(0xef, 0xbb, 0xbf) },
  { encoding: 'utf-16le', bytes: Buffer.of(0xff, 0xfe) },
  { encoding: 'utf-16be', bytes: Buffer.of(0xfe, 0xff) },
];

/** The mark that `bytes[start, end)` begins with (WHATWG Encoding Standard, "BOM sniff"). */
export function byteOrderMark(bytes: Buffer, start: number, end: number): ByteOrderMark | undefined {
  for (const { encoding, bytes: mark } of MARKS) {
    const { length } = mark;
    if (end - start >= length && mark.equals(bytes.subarray(start, start + length))) return { encoding, length };
  }
  return undefined;
}

/** A whole text as UTF-8 without a mark, as the records of a file are; `bytes` itself where it begins with none. */
export function unmarkedUtf8(bytes: Buffer): Buffer {
  const mark = byteOrderMark(bytes, 0, bytes.length);
  if (mark === undefined) return bytes;
  if (mark.encoding === 'utf-8') return bytes.subarray(mark.length);
  return Buffer.from(new TextDecoder(mark.encoding).decode(bytes));
}
