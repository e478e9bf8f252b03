import { isUtf8 } from 'node:buffer';
import { endOfNuls } from '../bytes/nul-runs.ts';
import { RecordFlag } from '../core/record-batch.ts';
import type { Framer } from './framer.ts';
import { replaceInvalidUtf8 } from './replace-invalid-utf8.ts';

/**
 * Where in a line a slice starts: at its start; in the rest of one that was cut; or where an unterminated record
 * stopped, so that what follows is its remainder.
 */
export type LineResume = 'line' | 'oversize_rest' | 'continuation';

/** Every state, for checking what comes from outside. */
export const LINE_RESUMES: readonly LineResume[] = ['line', 'oversize_rest', 'continuation'];

const NUL = 0;
const LF = 0x0a;
const CR = 0x0d;

/**
 * Frames lines. Only LF ends a line; one CR before it is not body; a line without a body is counted, not added. Where
 * there can be holes, NULs before the first other byte of a line are passed over: they are what a writer leaves that
 * does not append, or a power cut. They wait while nothing follows them.
 *
 * A body over `maxRecordBytes` is cut at a whole character and marked; the rest, its line end included, is passed over.
 * Whether a line is too long is known one byte behind the limit, or two when the first of them is a CR: reading in
 * slices of `maxRecordBytes + 2` always gets on. O(bytes).
 */
export const frameLines: Framer<LineResume> = (batch, start, end, options) => {
  const { maxRecordBytes, maxRecords, isFinal, hasHoles } = options;
  let { resume } = options;
  const bytes = batch.bytes.subarray(0, end);
  const firstRecord = batch.count;
  const lastRecord = firstRecord + maxRecords;
  let at = start;
  let emptyLines = 0;
  let oversizeRestBytes = 0;
  let nulFillBytes = 0;

  const addCut = (flags: number, lineEnd: number): void => {
    const cut = wholeCharacterEnd(bytes, at, at + maxRecordBytes);
    batch.addRecord(at, cut, flags | RecordFlag.Truncated);
    oversizeRestBytes += lineEnd - cut;
  };

  while (at < end && batch.count < lastRecord) {
    if (bytes[at] === NUL && hasHoles && resume !== 'oversize_rest') {
      const fillEnd = endOfNuls(bytes, at, end);
      if (fillEnd === end && !isFinal) break;
      nulFillBytes += fillEnd - at;
      at = fillEnd;
      continue;
    }
    const flags = resume === 'continuation' ? RecordFlag.Continuation : 0;
    // One call costs 30 ns for a line of 235 bytes, where a loop over the bytes costs 150 (Node 24).
    const lineFeed = bytes.indexOf(LF, at);
    if (lineFeed !== -1) {
      const next = lineFeed + 1;
      const bodyEnd = lineFeed > at && bytes[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed;
      if (resume === 'oversize_rest') oversizeRestBytes += next - at;
      else if (bodyEnd - at > maxRecordBytes) addCut(flags, next);
      else if (bodyEnd > at) batch.addRecord(at, bodyEnd, flags);
      // The line end of a record that went out unterminated is no empty line.
      else if (resume === 'line') emptyLines++;
      resume = 'line';
      at = next;
      continue;
    }
    if (resume === 'oversize_rest') oversizeRestBytes += end - at;
    else if (isTooLong(bytes, at, maxRecordBytes, isFinal)) {
      addCut(flags, end);
      resume = 'oversize_rest';
    } else if (isFinal) {
      batch.addRecord(at, end, flags | RecordFlag.Unterminated);
      resume = 'continuation';
    } else break;
    at = end;
  }

  // Line ends are ASCII, so no sequence crosses a line: the whole is valid when each line is, and that is one fast pass.
  if (!isUtf8(bytes.subarray(start, at))) replaceInvalidUtf8(batch, firstRecord);
  return { consumed: at - start, resume, emptyLines, oversizeRestBytes, nulFillBytes };
};

/** Whether the line that starts at `at`, and has no end yet where `bytes` end, is already longer than allowed. */
export function isTooLong(bytes: Buffer, at: number, maxRecordBytes: number, isFinal: boolean): boolean {
  const over = bytes.length - at - maxRecordBytes;
  // A CR just behind the limit may belong to a CRLF that comes.
  return over > 1 || (over === 1 && (isFinal || bytes[bytes.length - 1] !== CR));
}

/** The last place up to `limit` at which no UTF-8 sequence is split; `limit` itself where the bytes are no UTF-8. */
export function wholeCharacterEnd(bytes: Buffer, start: number, limit: number): number {
  let lead = limit;
  while (lead > start && limit - lead < 3 && (bytes[lead]! & 0xc0) === 0x80) lead--;
  const first = bytes[lead]!;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return lead + length > limit ? lead : limit;
}
