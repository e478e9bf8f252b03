import { findByte } from '../bytes/find-byte.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { type ContainerLine, Stdio } from './container-line.ts';

const BLANK = 0x20;
const COLON = 0x3a;
const PARTIAL = 0x50;
const FULL = 0x46;

/** Longer than any time of RFC 3339 with nine digits and an offset. */
const MAX_TIME_LENGTH = 40;
const STDIO_LENGTH = 6;

/**
 * Reads a line of the container runtime interface, as containerd and CRI-O write it.
 *
 * ```
 *  2026-01-02T03:04:05.123456789Z stdout F what the application wrote
 *  time, RFC 3339                 |      tag: P for a part, F for the last one; others may follow behind colons
 *                                 stdout or stderr
 * ```
 * (kubernetes/cri-client, pkg/logs/logs.go). About 60 ns a line.
 */
export function readCriLine(batch: RecordBatch, start: number, end: number, line: ContainerLine): void {
  const { bytes, view } = batch;
  line.isReadable = false;
  const timeEnd = findByte(view, BLANK, start, Math.min(end, start + MAX_TIME_LENGTH));
  const at = timeEnd + 1;
  const tag = at + STDIO_LENGTH + 1;
  if (timeEnd === start || tag >= end) return;
  const stdio = stdioAt(bytes, at);
  if (stdio === Stdio.Other || bytes[tag - 1] !== BLANK) return;
  const kind = bytes[tag];
  if (kind !== PARTIAL && kind !== FULL) return;
  let content = tag + 1;
  if (content < end && bytes[content] === COLON) while (content < end && bytes[content] !== BLANK) content++;
  if (content < end && bytes[content] !== BLANK) return;

  line.isReadable = true;
  line.stdio = stdio;
  line.isPartial = kind === PARTIAL;
  line.start = Math.min(content + 1, end);
  line.end = end;
  line.isTimed = line.isoTime.read(bytes, view, start, timeEnd, line.time) && !line.time.isLocal;
  line.isTimeBroken = !line.isTimed;
  line.stdioStart = at;
  line.stdioEnd = at + STDIO_LENGTH;
}

/** The stream that is named at `at`, where at least six bytes are. */
export function stdioAt(bytes: Uint8Array, at: number): number {
  // std
  if (bytes[at] !== 0x73 || bytes[at + 1] !== 0x74 || bytes[at + 2] !== 0x64) return Stdio.Other;
  // out, err
  if (bytes[at + 3] === 0x6f && bytes[at + 4] === 0x75 && bytes[at + 5] === 0x74) return Stdio.Stdout;
  return bytes[at + 3] === 0x65 && bytes[at + 4] === 0x72 && bytes[at + 5] === 0x72 ? Stdio.Stderr : Stdio.Other;
}
