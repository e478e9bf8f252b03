import { parseInt64 } from '../../bytes/int64.ts';
import { varint64Size, varintSize, writeVarint, writeVarint64 } from '../../bytes/varint.ts';
import type { AttributeValue } from '../../core/resource.ts';
import { ARRAY_VALUE, BOOL_VALUE, DOUBLE_VALUE, INT_VALUE, KEY, LIST_VALUES, STRING_VALUE, VALUE } from './tags.ts';

/** A length-delimited protobuf field. Makes a buffer: for what is encoded once, not once a record. */
export function lengthDelimited(tag: number, content: Uint8Array): Buffer {
  const head = Buffer.alloc(1 + varintSize(content.length));
  head[0] = tag;
  writeVarint(head, 1, content.length);
  return Buffer.concat([head, content]);
}

/** A KeyValue as the field `tag` of the message around it. Makes buffers: for what is encoded once. */
export function encodeAttribute(tag: number, key: string, value: AttributeValue | readonly string[]): Buffer {
  const pair = [lengthDelimited(KEY, Buffer.from(key)), lengthDelimited(VALUE, encodeValue(value))];
  return lengthDelimited(tag, Buffer.concat(pair));
}

function encodeValue(value: AttributeValue | readonly string[]): Buffer {
  switch (typeof value) {
    case 'string':
      return lengthDelimited(STRING_VALUE, Buffer.from(value));
    case 'boolean':
      return Buffer.from([BOOL_VALUE, value ? 1 : 0]);
    case 'number':
      return Number.isSafeInteger(value) ? encodeInteger(value) : encodeDouble(value);
    default:
      return lengthDelimited(
        ARRAY_VALUE,
        Buffer.concat(value.map((text) => lengthDelimited(LIST_VALUES, encodeValue(text)))),
      );
  }
}

function encodeInteger(value: number): Buffer {
  const digits = Buffer.from(String(value));
  const parsed = new Int32Array(2);
  parseInt64(digits, 0, digits.length, parsed);
  const field = Buffer.alloc(1 + varint64Size(parsed[0]!, parsed[1]!));
  field[0] = INT_VALUE;
  writeVarint64(field, 1, parsed[0]!, parsed[1]!);
  return field;
}

function encodeDouble(value: number): Buffer {
  const field = Buffer.alloc(9);
  field[0] = DOUBLE_VALUE;
  field.writeDoubleLE(value, 1);
  return field;
}
