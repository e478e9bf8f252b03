/** 2^64 nanoseconds are this many seconds and nanoseconds: in the year 2554. */
const MAX_SECONDS = 18_446_744_073;
const MAX_NANOS = 709_551_615;

/**
 * Writes unix time in nanoseconds, exact, as the [low, high] halves that `column` has for each record. Returns false,
 * and writes nothing, for what they cannot hold: a time before 1970 or after 2554, and 1970-01-01T00:00:00Z itself,
 * because 0 means unknown. `nanos` is a whole number from 0 to 999,999,999.
 *
 * The low half is the product modulo 2^32, where `Math.imul` is exact. The product of doubles is wrong by at most 2^11,
 * far less than half a unit of the high half, so rounding gives that one exactly.
 */
export function setUnixNano(column: Uint32Array, record: number, seconds: number, nanos: number): boolean {
  if (!(seconds >= 0 && seconds <= MAX_SECONDS)) return false;
  if (seconds === MAX_SECONDS && nanos > MAX_NANOS) return false;
  if (seconds === 0 && nanos === 0) return false;
  const low = (Math.imul(seconds, 1e9) + nanos) >>> 0;
  column[2 * record] = low;
  column[2 * record + 1] = Math.round((seconds * 1e9 + nanos - low) / 4294967296);
  return true;
}

/** 64 bits end within this millisecond. */
const MAX_UNIX_MS = 18_446_744_073_709;

/**
 * Nanoseconds since 1970 of a time in milliseconds, as exact as that is. 0, which means unknown, for what 64 bits
 * cannot hold: senders of metrics choose times themselves.
 */
export function unixNanoOf(unixMs: number): bigint {
  if (!(unixMs >= 0 && unixMs < MAX_UNIX_MS)) return 0n;
  const wholeMs = Math.floor(unixMs);
  return BigInt(wholeMs) * 1_000_000n + BigInt(Math.round((unixMs - wholeMs) * 1e6));
}
