import type { RecordBatch } from '../core/record-batch.ts';

/**
 * Collects records, already encoded, into the body of one request. The bytes of each record stay known, so that any run
 * of records can become a body of its own: a request that a peer finds too large, or that holds a poison record, is
 * sent again in halves.
 */
export interface RequestEncoder {
  readonly contentType: string;
  /** Records held. */
  readonly recordCount: number;
  /** Bytes of the body if it were built now, exact or a little over. */
  readonly byteLength: number;
  /** Encodes one record behind the others. O(its bytes). */
  append(batch: RecordBatch, record: number): void;
  /** Takes the last record out again: it would have made the request too large. Only right after `append()`. */
  undoAppend(): void;
  /** The body for the records [from, to), at least one. A view that is valid until the next `append()`, `body()` or `clear()`. */
  body(from: number, to: number): Uint8Array;
  /** Empties it for the next request; keeps the memory. */
  clear(): void;
}
