import type { Stage } from '../core/contracts.ts';
import type { KeyTable } from '../core/key-table.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { ValueType } from '../core/value-type.ts';

/** The attribute by which a backend knows a repeat (OpenTelemetry, general log attributes: Opt-In). */
const KEY = 'log.record.uid';
/** The digits of 2^53. */
const MAX_DIGITS = 16;

const ZERO = 0x30;
const HYPHEN = 0x2d;

/**
 * Gives each record its `log.record.uid`: the stream, how often that was truncated, and the byte of it at which the
 * record starts, as in `8f14e45fceea167a-0-1048576`. A record that began in the file before has the number of bytes it
 * did so earlier, below 0.
 *
 * So the same bytes have the same id in every life and under every name, and nothing must be remembered for it. Records
 * that follow each other have almost the same text, which costs a compressed request a few bytes each.
 */
export class RecordUid implements Stage {
  readonly #key: number;

  constructor(keys: KeyTable) {
    this.#key = keys.internText(KEY);
  }

  process(batch: RecordBatch): void {
    const prefix = Buffer.from(batch.stream.id);
    batch.reserve(batch.count * (prefix.length + 2 + MAX_DIGITS));
    const { bytes, inputStart, inputOffset } = batch;
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      const start = batch.byteLength;
      let end = start;
      for (let i = 0; i < prefix.length; i++) bytes[end++] = prefix[i]!;
      bytes[end++] = HYPHEN;
      const offset = inputOffset + inputStart[record]!;
      if (offset < 0) bytes[end++] = HYPHEN;
      end = writeDigits(bytes, end, Math.abs(offset));
      batch.byteLength = end;
      batch.setSpan(record, this.#key, ValueType.String, start, end);
    }
  }
}

/** Writes a whole number that is not negative; returns where it ends. */
function writeDigits(bytes: Buffer, at: number, value: number): number {
  let end = at + 1;
  for (let power = 10; power <= value; power *= 10) end++;
  for (let i = end - 1, rest = value; i >= at; i--) {
    const higher = Math.floor(rest / 10);
    bytes[i] = ZERO + rest - 10 * higher;
    rest = higher;
  }
  return end;
}
