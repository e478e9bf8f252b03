import { isUtf8 } from 'node:buffer';
import { type RecordBatch, RecordFlag } from '../core/record-batch.ts';

/**
 * Makes the bodies of all records from `firstRecord` on valid UTF-8: each maximal bad part becomes one U+FFFD, as in
 * the WHATWG Encoding Standard, and the record is flagged. Such a body is appended to the batch; the others stay where
 * they are. O(bytes of the bodies).
 */
export function replaceInvalidUtf8(batch: RecordBatch, firstRecord: number): void {
  for (let record = firstRecord; record < batch.count; record++) {
    const start = batch.bodyStart[record]!;
    const end = batch.bodyEnd[record]!;
    if (isUtf8(batch.bytes.subarray(start, end))) continue;
    batch.bodyStart[record] = batch.appendText(batch.text(start, end));
    batch.bodyEnd[record] = batch.byteLength;
    batch.flags[record]! |= RecordFlag.InvalidUtf8;
  }
}
