import { readFlags, readHexId } from './ids.ts';

/** How long a trace id is. */
export const TRACE_ID_BYTES = 16;
/** How long a span id is. */
export const SPAN_ID_BYTES = 8;

const DASH = 0x2d;

/** `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01` */
const TRACEPARENT_LENGTH = 55;

/**
 * Reads a `traceparent` header (W3C Trace Context, level 2) into the 24 bytes of `target` at `at`, trace id before span
 * id. Returns the flags, or -1: it is none, or an id is all zeros. Later versions may have more behind it.
 */
export function readTraceparent(bytes: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  const version = end - start < TRACEPARENT_LENGTH ? -1 : readFlags(bytes, start, start + 2);
  if (version < 0 || version === 0xff || bytes[start + 2] !== DASH) return -1;
  if (end - start > TRACEPARENT_LENGTH && (version === 0 || bytes[start + TRACEPARENT_LENGTH] !== DASH)) return -1;
  const hasIds =
    readHexId(bytes, start + 3, start + 35, target, at, TRACE_ID_BYTES) &&
    bytes[start + 35] === DASH &&
    readHexId(bytes, start + 36, start + 52, target, at + TRACE_ID_BYTES, SPAN_ID_BYTES);
  return hasIds && bytes[start + 52] === DASH ? readFlags(bytes, start + 53, start + 55) : -1;
}

/**
 * The same for the header `b3` of Zipkin: `<trace id>-<span id>`, with `-1`, `-0` or `-d` behind it and the id of the
 * parent. The trace id has 32 digits, or 16. A header that is the decision alone (`0`) has no ids.
 */
export function readB3(bytes: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  let dash = start;
  while (dash < end && bytes[dash] !== DASH) dash++;
  const length = dash - start;
  const span = dash + 1;
  if ((length !== 32 && length !== 16) || span + 16 > end) return -1;
  const hasIds =
    readHexId(bytes, start, dash, target, at, TRACE_ID_BYTES) &&
    readHexId(bytes, span, span + 16, target, at + TRACE_ID_BYTES, SPAN_ID_BYTES);
  if (!hasIds) return -1;
  if (span + 16 === end) return 0;
  if (bytes[span + 16] !== DASH || span + 17 === end) return -1;
  const decision = bytes[span + 17]!;
  // 1 and d (debug) are sampled.
  return decision === 0x31 || decision === 0x64 ? 1 : decision === 0x30 ? 0 : -1;
}
