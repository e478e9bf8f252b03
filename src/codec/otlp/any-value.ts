import { copyText, copyWords } from '../../bytes/copy-words.ts';
import { parseDouble } from '../../bytes/double.ts';
import { type Int64, parseDigits, parseInt64 } from '../../bytes/int64.ts';
import { varint64Size, varintSize, writeVarint, writeVarint64 } from '../../bytes/varint.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import { JsonValueEncoder } from './json-value.ts';
import { ARRAY_VALUE, BOOL_VALUE, DOUBLE_VALUE, INT_VALUE, LIST_VALUES, STRING_VALUE } from './tags.ts';

const MINUS = 0x2d;
/** Numbers of so many digits fit into 32 bits. */
const MAX_SMALL_DIGITS = 9;

/** The size of a field of `length` bytes with its tag: a message, or a string, as an AnyValue holds it. */
function fieldSize(length: number): number {
  return 1 + varintSize(length) + length;
}

/** Writes the AnyValue of the string `source[start, end)` and returns where it ends. */
function writeStringValue(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  source: DataView,
  start: number,
  end: number,
): number {
  bytes[at] = STRING_VALUE;
  return copyText(view, writeVarint(bytes, at + 1, end - start), source, start, end);
}

/**
 * Encodes the values of a batch that are no strings, in two steps, because the length of a message stands before it:
 * `measure()`, and right behind it `write()` of the same value.
 */
export class AnyValueEncoder {
  readonly #int64: Int64 = new Int32Array(2);
  readonly #json = new JsonValueEncoder();

  /** The size of the AnyValue. O(1), of `Json` O(bytes). */
  measure(batch: RecordBatch, type: ValueType, start: number, end: number): number {
    switch (type) {
      case ValueType.Empty:
        return 0;
      case ValueType.String:
        return fieldSize(end - start);
      case ValueType.Int:
        parseInt64(batch.view, start, end, this.#int64);
        return 1 + varint64Size(this.#int64[0]!, this.#int64[1]!);
      case ValueType.Double:
        return 9;
      case ValueType.True:
      case ValueType.False:
        return 2;
      case ValueType.Json:
        return this.#json.encode(batch.bytes, batch.view, start, end);
      case ValueType.TextList:
        return fieldSize(fieldSize(fieldSize(end - start)));
      default:
        return type satisfies never;
    }
  }

  /** Writes the AnyValue of an `Int` or a `Double`, not measured before, and returns where it ends. */
  writeNumber(
    bytes: Uint8Array,
    view: DataView,
    at: number,
    batch: RecordBatch,
    type: ValueType,
    start: number,
    end: number,
  ): number {
    if (type === ValueType.Int) {
      if (end - start <= MAX_SMALL_DIGITS && batch.bytes[start] !== MINUS) {
        bytes[at] = INT_VALUE;
        return writeVarint(bytes, at + 1, parseDigits(batch.view, start, end));
      }
      parseInt64(batch.view, start, end, this.#int64);
      bytes[at] = INT_VALUE;
      return writeVarint64(bytes, at + 1, this.#int64[0]!, this.#int64[1]!);
    }
    bytes[at] = DOUBLE_VALUE;
    view.setFloat64(at + 1, parseDouble(batch.bytes, start, end), true);
    return at + 9;
  }

  /** Writes the value that was measured last, at `at`, where there is room for it, and returns where it ends. */
  write(
    bytes: Uint8Array,
    view: DataView,
    at: number,
    batch: RecordBatch,
    type: ValueType,
    start: number,
    end: number,
  ): number {
    switch (type) {
      case ValueType.Empty:
        return at;
      case ValueType.String:
        return writeStringValue(bytes, view, at, batch.view, start, end);
      case ValueType.Int:
      case ValueType.Double:
        return this.writeNumber(bytes, view, at, batch, type, start, end);
      case ValueType.True:
      case ValueType.False:
        bytes[at] = BOOL_VALUE;
        bytes[at + 1] = type === ValueType.True ? 1 : 0;
        return at + 2;
      case ValueType.Json:
        return copyWords(view, at, this.#json.out.view, 0, this.#json.out.length);
      case ValueType.TextList: {
        const size = fieldSize(end - start);
        bytes[at] = ARRAY_VALUE;
        at = writeVarint(bytes, at + 1, fieldSize(size));
        bytes[at] = LIST_VALUES;
        at = writeVarint(bytes, at + 1, size);
        return writeStringValue(bytes, view, at, batch.view, start, end);
      }
      default:
        return type satisfies never;
    }
  }
}
