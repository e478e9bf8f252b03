import { copyText, copyWords } from '../../../src/bytes/copy-words.ts';
import { measure } from './measure.ts';

const COPIES = 1_000_000;
const source = Buffer.alloc(4096, 'x');
const target = Buffer.alloc(512 * 1024);
const from = new DataView(source.buffer, source.byteOffset, source.length);
const to = new DataView(target.buffer, target.byteOffset, target.length);

/** `copyWords()` and `copyText()` beside the copy of the runtime and a loop over bytes. */
for (const length of [4, 8, 16, 32, 64, 96, 190]) {
  measure(`copyWords(), ${length} bytes`, COPIES, () => {
    for (let i = 0, at = 0; i < COPIES; i++) {
      if (i % 4096 === 0) at = 0;
      at = copyWords(to, at, from, i & 1023, (i & 1023) + length);
    }
  });
  measure(`copyText(), ${length} bytes`, COPIES, () => {
    for (let i = 0, at = 0; i < COPIES; i++) {
      if (i % 4096 === 0) at = 0;
      at = copyText(to, at, from, i & 1023, (i & 1023) + length);
    }
  });
  measure(`set(subarray), ${length} bytes`, COPIES, () => {
    for (let i = 0, at = 0; i < COPIES; i++, at += length) {
      if (i % 4096 === 0) at = 0;
      target.set(source.subarray(i & 1023, (i & 1023) + length), at);
    }
  });
  measure(`loop, ${length} bytes`, COPIES, () => {
    for (let i = 0, at = 0; i < COPIES; i++) {
      if (i % 4096 === 0) at = 0;
      for (let k = 0; k < length; k++) target[at++] = source[(i & 1023) + k]!;
    }
  });
}
