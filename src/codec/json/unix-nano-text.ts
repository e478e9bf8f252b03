/** Unix time as whole seconds and the nanoseconds behind them; one object is reused. */
export interface UnixTime {
  seconds: number;
  nanos: number;
}

/**
 * Splits the 64-bit nanoseconds high * 2^32 + low, unsigned, exactly into `into`.
 *
 * The quotient of doubles may be one off, because they are rounded to 2^11; the rest, which `Math.imul` has exact modulo
 * 2^32, shows that by being negative or over a second.
 */
export function splitUnixNano(low: number, high: number, into: UnixTime): void {
  let seconds = Math.floor((high * 4294967296 + low) / 1e9);
  let nanos = (low - Math.imul(seconds, 1e9)) | 0;
  if (nanos < 0) {
    seconds--;
    nanos += 1e9;
  } else if (nanos >= 1e9) {
    seconds++;
    nanos -= 1e9;
  }
  into.seconds = seconds;
  into.nanos = nanos;
}

/** The most digits that 64 bits have. */
export const UNIX_NANO_DIGITS = 20;

const time: UnixTime = { seconds: 0, nanos: 0 };

/** Writes the 64-bit nanoseconds as decimal digits at `at`, where there is room for 20, and returns where they end. */
export function writeUnixNano(bytes: Uint8Array, at: number, low: number, high: number): number {
  splitUnixNano(low, high, time);
  const { seconds, nanos } = time;
  if (seconds === 0) return writeDigits(bytes, at, nanos, digitCount(nanos));
  at = writeDigits(bytes, at, seconds, digitCount(seconds));
  return writeDigits(bytes, at, nanos, 9);
}

/** The time as `2026-01-02T03:04:05.678000000Z`. */
export function isoNanoText(low: number, high: number): string {
  splitUnixNano(low, high, time);
  const upToSeconds = new Date(1000 * time.seconds).toISOString().slice(0, 19);
  return `${upToSeconds}.${String(time.nanos).padStart(9, '0')}Z`;
}

function digitCount(value: number): number {
  let count = 1;
  for (let limit = 10; value >= limit; limit *= 10) count++;
  return count;
}

function writeDigits(bytes: Uint8Array, at: number, value: number, count: number): number {
  for (let i = at + count - 1; i >= at; i--) {
    const rest = Math.floor(value / 10);
    bytes[i] = 0x30 + value - 10 * rest;
    value = rest;
  }
  return at + count;
}
