/**
 * What one request is made of: records, or points of metrics, of which any run can become a body. So a request that a
 * peer finds too large, or that holds something it will not take, is sent again in parts.
 */
export interface RequestBody {
  /** How many records or points it holds. */
  readonly recordCount: number;
  /** The body for those in [from, to), at least one. A view that is valid until the next call, or until it is changed. */
  body(from: number, to: number): Uint8Array;
}
