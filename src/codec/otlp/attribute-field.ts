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
  const low = Number(BigInt.asIntN(32, BigInt(value)));
  const high = Number(BigInt.asIntN(32, BigInt(value) >> 32n));
  const field = Buffer.alloc(1 + varint64Size(low, high));
  field[0] = INT_VALUE;
  writeVarint64(field, 1, low, high);
  return field;
}

function encodeDouble(value: number): Buffer {
  const field = Buffer.alloc(9);
  field[0] = DOUBLE_VALUE;
  field.writeDoubleLE(value, 1);
  return field;
}
