import {
  type Content,
  type Fingerprint,
  fingerprint,
  HEAD_BYTES,
  windowLength,
} from '../../checkpoint/file-identity.ts';
import type { TailHandle } from './held-tail.ts';

/** Reads what tells whether the bytes before `offset` are those of a known stream. At most 1.25 KiB. */
export async function readContent(file: TailHandle, offset: number): Promise<Content> {
  const length = windowLength(offset);
  const head = await readBytes(file, HEAD_BYTES, 0);
  const window = offset <= HEAD_BYTES ? head.subarray(0, length) : await readBytes(file, length, offset - length);
  return { size: file.stat().size, head, window };
}

/** The fingerprints of a file that is read from `offset` on without having been read before. */
export async function fingerprintsAt(
  file: TailHandle,
  offset: number,
): Promise<{ readonly head: Fingerprint; readonly window: Fingerprint; readonly lastByte: number | undefined }> {
  const { head, window } = await readContent(file, offset);
  const known = head.subarray(0, offset);
  return { head: fingerprint(known), window: fingerprint(window), lastByte: window.at(-1) };
}

async function readBytes(file: TailHandle, length: number, position: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, await file.read(bytes, 0, length, position));
}
