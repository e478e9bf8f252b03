import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc32c } from '../../src/bytes/crc32c.ts';

for (const { name, bytes, expected } of [
  // RFC 3720, appendix B.4.
  { name: '32 bytes of zeros', bytes: new Uint8Array(32), expected: 0x8a9136aa },
  { name: '32 bytes of ones', bytes: new Uint8Array(32).fill(0xff), expected: 0x62a8ab43 },
  { name: '32 bytes that count up', bytes: Uint8Array.from({ length: 32 }, (_, i) => i), expected: 0x46dd794e },
  { name: 'the check value of the catalogues', bytes: Buffer.from('123456789'), expected: 0xe3069283 },
  { name: 'nothing', bytes: new Uint8Array(0), expected: 0 },
]) {
  test(`crc32c() is right for ${name}`, () => assert.equal(crc32c(bytes), expected));
}

test('crc32c() of any part is what the definition, a bit at a time, gives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(40), (bytes, start) => {
      const part = bytes.subarray(start);
      let crc = 0xffffffff;
      for (const byte of part) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
      }
      assert.equal(crc32c(bytes, Math.min(start, bytes.length)), (crc ^ -1) >>> 0);
    }),
  );
});
