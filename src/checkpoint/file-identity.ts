import { crc32 } from 'node:zlib';

/** How much of a stream's head is fingerprinted at most, in bytes. */
export const HEAD_BYTES = 1024;
/** How much before an offset is fingerprinted, once the head no longer covers it, in bytes. */
export const WINDOW_BYTES = 256;

/** What a run of bytes looks like. */
export interface Fingerprint {
  /** In bytes. */
  readonly length: number;
  readonly hash: string;
}

/** The fingerprint of no bytes: it agrees with everything and proves nothing. */
export const NO_FINGERPRINT: Fingerprint = { length: 0, hash: '' };

/**
 * The fingerprint of `bytes[start, end)`: 64 bits, half CRC-32 and half FNV-1a. It tells contents apart that differ by
 * chance; it is no defence against somebody who forges a file, and needs none: such a person owns the file anyway.
 * (`node:crypto` would do as well and costs 2.4 MB of memory.) O(bytes).
 */
export function fingerprint(bytes: Uint8Array, start = 0, end = bytes.length): Fingerprint {
  if (start === end) return NO_FINGERPRINT;
  let fnv = 0x811c9dc5;
  for (let i = start; i < end; i++) fnv = Math.imul(fnv ^ bytes[i]!, 0x01000193);
  return { length: end - start, hash: hex(crc32(bytes.subarray(start, end))) + hex(fnv >>> 0) };
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}

/** Whether `bytes`, from `start` on, begins with what was fingerprinted. */
export function agrees(print: Fingerprint, bytes: Uint8Array, start = 0): boolean {
  if (bytes.length - start < print.length) return false;
  return fingerprint(bytes, start, start + print.length).hash === print.hash;
}

/** How many bytes before `offset` are its window: all of them while they fit into the head, then the last few. */
export function windowLength(offset: number): number {
  return offset <= HEAD_BYTES ? offset : WINDOW_BYTES;
}

/**
 * What is known of a stream's content up to `offset`. It covers only bytes that were read as records: what lies behind
 * them may still change, as in a preallocated file.
 */
export interface Evidence {
  readonly offset: number;
  /** The first bytes; a file shorter than HEAD_BYTES has a shorter head, which counts as a prefix. */
  readonly head: Fingerprint;
  /** The last `windowLength(offset)` bytes before `offset`. */
  readonly window: Fingerprint;
}

/** What a file holds now, at the places that evidence speaks of. */
export interface Content {
  /** In bytes. */
  readonly size: number;
  /** Up to HEAD_BYTES from the start. */
  readonly head: Uint8Array;
  /** `windowLength(offset)` bytes before the offset of the evidence, or what there is of them. */
  readonly window: Uint8Array;
}

/** What content says about a file that has the inode of a known stream. */
export type Verdict = 'same' | 'truncated' | 'other';

/**
 * Judges whether a file with the inode of a known stream is that stream. Inodes are reused within milliseconds, so the
 * content decides: the window before the offset, and the head. A head of NULs is one whose blocks were punched out
 * after they were read; there the window decides alone.
 */
export function judge(evidence: Evidence, content: Content): Verdict {
  if (content.size < evidence.offset) return 'truncated';
  if (content.window.length !== evidence.window.length || !agrees(evidence.window, content.window)) return 'other';
  // A power cut can take the tail behind the offset, and with it a part of the head: then the window decides.
  if (content.head.length < evidence.head.length) return 'same';
  const isHead = agrees(evidence.head, content.head) || isNul(content.head.subarray(0, evidence.head.length));
  return isHead ? 'same' : 'other';
}

/** What content says about a file with another inode than that of a known stream. */
export type CopyVerdict = 'copy' | 'too_short' | 'other';

/**
 * Judges whether a file with another inode holds what was read of a known stream. Only a full head and an equal window
 * prove that: short heads are equal too often. `too_short`: it begins like the stream, and ends before the offset.
 */
export function judgeCopy(evidence: Evidence, content: Content): CopyVerdict {
  if (evidence.head.length < HEAD_BYTES || !agrees(evidence.head, content.head)) return 'other';
  if (content.size < evidence.offset) return 'too_short';
  const isWhole = content.window.length === evidence.window.length;
  return isWhole && agrees(evidence.window, content.window) ? 'copy' : 'other';
}

function isNul(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
