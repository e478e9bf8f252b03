import { parseDouble, parseShortDouble } from '../../bytes/double.ts';
import type { ValueReader } from '../../core/instruments.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;

/** The number that a reader has located, also one that is written as text; NaN: it is none. */
export function numberValue(batch: RecordBatch, { type, start, end }: ValueReader): number {
  switch (type) {
    case ValueType.Int:
    case ValueType.Double:
      return parseDouble(batch.bytes, start, end);
    case ValueType.String:
      return textValue(batch.bytes, start, end);
    default:
      return Number.NaN;
  }
}

function textValue(bytes: Buffer, start: number, end: number): number {
  if (end === start || !isDigit(bytes[end - 1]!)) return Number.NaN;
  const short = parseShortDouble(bytes, start, end);
  if (short >= 0) return short;
  return isDecimal(bytes, start, end) ? parseDouble(bytes, start, end) : Number.NaN;
}

/** Whether a text can be a decimal number: what is empty, or hexadecimal, is a number to JavaScript, too. */
function isDecimal(bytes: Uint8Array, start: number, end: number): boolean {
  if (end === start || end - start > 64) return false;
  const first = bytes[start]!;
  const last = bytes[end - 1]!;
  if (!isDigit(last) || !(isDigit(first) || first === MINUS || first === POINT)) return false;
  for (let i = start; i < end; i++) {
    // `x`, `o` and `b`, in small or capital letters.
    const letter = bytes[i]! | 0x20;
    if (letter === 0x78 || letter === 0x6f || letter === 0x62) return false;
  }
  return true;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9;
}
