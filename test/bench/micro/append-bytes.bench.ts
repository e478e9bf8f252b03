import { ByteBuffer } from '../../../src/bytes/byte-buffer.ts';
import { appendBytes } from '../../../src/codec/json/append-bytes.ts';
import { measure } from './measure.ts';

const APPENDS = 1_000_000;
const source = Buffer.alloc(256, 'x');
const out = new ByteBuffer(256 * 1024);

/** The two ways between which `appendBytes()` chooses by length. */
for (const length of [8, 16, 32, 40, 48, 64, 128]) {
  measure(`appendBytes(), ${length} bytes`, APPENDS, () => {
    for (let i = 0; i < APPENDS; i++) {
      if (i % 1000 === 0) out.length = 0;
      appendBytes(out, source, 8, 8 + length);
    }
  });
  measure(`ByteBuffer.append(), ${length} bytes`, APPENDS, () => {
    for (let i = 0; i < APPENDS; i++) {
      if (i % 1000 === 0) out.length = 0;
      out.append(source.subarray(8, 8 + length));
    }
  });
}
