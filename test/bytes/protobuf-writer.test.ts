import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtobufWriter } from '../../src/bytes/protobuf-writer.ts';

/** The varint at the start of `bytes`, unsigned, and how long it is. */
function varintAt(bytes: Uint8Array): { value: bigint; length: number } {
  let value = 0n;
  let length = 0;
  do value |= BigInt(bytes[length]! & 0x7f) << BigInt(7 * length);
  while (bytes[length++]! > 0x7f);
  return { value, length };
}

function writtenBy(write: (writer: ProtobufWriter) => void): Buffer {
  const writer = new ProtobufWriter(1);
  write(writer);
  return writer.written();
}

const wholeNumbers = fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.integer({ min: -300, max: 300 }));

test('integer() writes a varint in two complements, with its tag', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 20 }), wholeNumbers, (field, value) => {
      const bytes = writtenBy((writer) => writer.integer(field, value));
      const tag = varintAt(bytes);
      assert.equal(tag.value, BigInt(8 * field));
      const { value: written, length } = varintAt(bytes.subarray(tag.length));
      assert.equal(BigInt.asIntN(64, written), BigInt(value));
      assert.equal(bytes.length, tag.length + length);
    }),
  );
});

test('signed() writes zigzag', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), (value) => {
      const { value: written } = varintAt(writtenBy((writer) => writer.signed(1, value)).subarray(1));
      assert.equal((written >> 1n) ^ -(written & 1n), BigInt(value));
    }),
  );
});

test('message() writes the length of what is in it, whatever that is, also in messages in messages', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 4 }), (sizes) => {
      const writer = new ProtobufWriter(1);
      const nest = ([size, ...rest]: number[]): void => {
        if (size === undefined) return;
        writer.message(2, () => {
          writer.bytes(1, Buffer.alloc(size, 7));
          nest(rest);
        });
      };
      nest(sizes);
      let left = writer.written();
      for (const size of sizes) {
        assert.equal(left[0], 0x12);
        const whole = varintAt(left.subarray(1));
        assert.equal(left.length, 1 + whole.length + Number(whole.value));
        const own = left.subarray(1 + whole.length);
        const inner = varintAt(own.subarray(1));
        assert.equal(inner.value, BigInt(size));
        left = own.subarray(1 + inner.length + size);
      }
      assert.equal(left.length, 0);
    }),
  );
});

for (const { name, write, expected } of [
  { name: 'text() writes UTF-8', write: (w: ProtobufWriter) => w.text(1, 'aé'), expected: '0a0361c3a9' },
  {
    name: 'double() writes little endian',
    write: (w: ProtobufWriter) => w.double(1, 1),
    expected: '09000000000000f03f',
  },
  {
    name: 'doubleBits() keeps the bits of a NaN',
    write: (w: ProtobufWriter) => w.doubleBits(1, 0x7ff0000000000002n),
    expected: '09020000000000f07f',
  },
  {
    name: 'unixNano() is exact to the nanosecond',
    write: (w: ProtobufWriter) => w.unixNano(1, 1_700_000_000_123.5),
    expected: `09${hexOf(1_700_000_000_123_500_000n)}`,
  },
  {
    name: 'fixed64() writes both halves',
    write: (w: ProtobufWriter) => w.fixed64(1, 2 ** 40 + 3),
    expected: '090300000000010000',
  },
  {
    name: 'packedIntegers() writes varints',
    write: (w: ProtobufWriter) => w.packedIntegers(1, [1, 300]),
    expected: '0a0301ac02',
  },
  {
    name: 'packedSigned() writes zigzags',
    write: (w: ProtobufWriter) => w.packedSigned(1, [-1, 1]),
    expected: '0a020102',
  },
  {
    name: 'packedDoubles() writes doubles',
    write: (w: ProtobufWriter) => w.packedDoubles(1, [1]),
    expected: '0a08000000000000f03f',
  },
  {
    name: 'packedFixed64() writes integers',
    write: (w: ProtobufWriter) => w.packedFixed64(1, [1]),
    expected: '0a080100000000000000',
  },
]) {
  test(name, () => assert.equal(writtenBy(write).toString('hex'), expected));
}

function hexOf(value: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes.toString('hex');
}
