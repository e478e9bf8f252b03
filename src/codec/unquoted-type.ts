import { ValueType } from '../core/value-type.ts';
import { literalType, numberType, scanLiteral, scanNumber } from './json/scan.ts';

const MINUS = 0x2d;
const ZERO = 0x30;
const LETTER_T = 0x74;
const LETTER_F = 0x66;

/**
 * The type that the text `bytes[start, end)` has when it is not quoted: a number as JSON writes it, `true` or `false`,
 * or else a text, such as `007`, `1_000` and `+1`, which would not be the same as numbers.
 */
export function unquotedType(bytes: Uint8Array, start: number, end: number): ValueType {
  if (start >= end) return ValueType.String;
  const first = bytes[start]!;
  if (first === MINUS || (first >= ZERO && first <= 0x39)) {
    return scanNumber(bytes, start, end) === end ? numberType(bytes, start, end) : ValueType.String;
  }
  if (first !== LETTER_T && first !== LETTER_F) return ValueType.String;
  return scanLiteral(bytes, start, end) === end ? literalType(first) : ValueType.String;
}
