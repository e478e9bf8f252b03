import {
  type Content,
  type Evidence,
  type Fingerprint,
  fingerprint,
  HEAD_BYTES,
  windowLength,
} from '../../checkpoint/file-identity.ts';
import { byteOrderMark, type MarkedEncoding } from '../../framing/byte-order-mark.ts';
import { type Compression, compressionOf, MAGIC_BYTES } from './compression.ts';
import type { StreamContent } from './stream-content.ts';

/** Of UTF-8, the longest byte order mark. */
const MAX_MARK_BYTES = 3;

/** Reads what tells whether the bytes before `offset` are those of a known stream. At most 1.25 KiB. */
export async function readContent(file: StreamContent, offset: number): Promise<Content> {
  const length = windowLength(offset);
  const head = await readBytes(file, HEAD_BYTES, 0);
  const window = offset <= HEAD_BYTES ? head.subarray(0, length) : await readBytes(file, length, offset - length);
  return { size: file.stat().size, head, window };
}

/** What proves that a stream, read up to `offset`, goes on in a file with that content. */
export function evidenceOf({ head, window }: Content, offset: number): Evidence {
  return { offset, head: fingerprint(head.subarray(0, offset)), window: fingerprint(window) };
}

/** The fingerprints of a file that is read from `offset` on without having been read before. */
export async function fingerprintsAt(
  file: StreamContent,
  offset: number,
): Promise<{ readonly head: Fingerprint; readonly window: Fingerprint }> {
  const { head, window } = evidenceOf(await readContent(file, offset), offset);
  return { head, window };
}

/** The encoding that the byte order mark of a file tells. */
export async function readMarkedEncoding(file: StreamContent): Promise<MarkedEncoding | undefined> {
  const start = await readBytes(file, MAX_MARK_BYTES, 0);
  return byteOrderMark(start, 0, start.length)?.encoding;
}

/** How the file is compressed, by its first bytes. */
export async function readCompression(file: StreamContent): Promise<Compression | undefined> {
  return compressionOf(await readBytes(file, MAGIC_BYTES, 0));
}

async function readBytes(file: StreamContent, length: number, position: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, await file.read(bytes, 0, length, position));
}
