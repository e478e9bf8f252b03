import type { RecordBatch } from '../core/record-batch.ts';
import type { RequestBody } from './request-body.ts';

/** Collects records, already encoded, into the body of one request. The bytes of each record stay known. */
export interface RequestEncoder extends RequestBody {
  readonly contentType: string;
  /** Bytes of the body if it were built now, exact or a little over. */
  readonly byteLength: number;
  /** Encodes one record behind the others. O(its bytes). */
  append(batch: RecordBatch, record: number): void;
  /** Takes the last record out again: it would have made the request too large. Only right after `append()`. */
  undoAppend(): void;
  /** Empties it for the next request; keeps the memory. */
  clear(): void;
}
