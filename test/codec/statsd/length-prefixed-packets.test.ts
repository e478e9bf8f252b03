import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LengthPrefixedPackets } from '../../../src/codec/statsd/length-prefixed-packets.ts';

function withLength(packet: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(packet.length);
  return Buffer.concat([length, packet]);
}

test('packets come out as they were put in, wherever the stream is cut', () => {
  const packets = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
  fc.assert(
    fc.property(packets, fc.array(fc.nat(400), { maxLength: 30 }), fc.nat(3), (sent, cuts, rest) => {
      const bytes = Buffer.concat([...sent.map(withLength), Buffer.alloc(rest, 7)]);
      const taken: string[] = [];
      const stream = new LengthPrefixedPackets((packet) => taken.push(Buffer.from(packet).toString('hex')));
      const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      for (let i = 1; i < places.length; i++) assert.ok(stream.take(bytes.subarray(places[i - 1], places[i])));
      assert.deepEqual(
        taken,
        sent.map((packet) => Buffer.from(packet).toString('hex')),
      );
      assert.equal(stream.isWithin, rest > 0);
    }),
  );
});

test('a length that no packet has ends the stream, whole or in parts', () => {
  const long = Buffer.from([1, 0, 1, 0, 65, 65]);
  assert.equal(new LengthPrefixedPackets(() => {}).take(long), false);
  const stream = new LengthPrefixedPackets(() => {});
  assert.deepEqual(
    [...long.subarray(0, 4)].map((byte) => stream.take(Buffer.from([byte]))),
    [true, true, true, false],
  );
});
