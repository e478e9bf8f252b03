import { findStringEnd, scanString } from '../../../src/codec/json/scan.ts';
import { measure } from './measure.ts';

/** Strings of the lengths that a line of the benchmark's log has, a quote behind each. */
const LENGTHS = [24, 4, 33, 8, 32, 3, 18];
const bytes = Buffer.alloc(256 * 1024, 'x');
const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
const starts: number[] = [];
for (let at = 0, i = 0; at + 64 < bytes.length; i++) {
  starts.push(at);
  at += LENGTHS[i % LENGTHS.length]!;
  bytes[at] = 0x22;
  at += 4;
}

/** Four bytes at once beside one after the other. */
for (const [name, find] of [
  ['findStringEnd()', (start: number) => findStringEnd(view, start, bytes.length)],
  ['scanString()', (start: number) => scanString(bytes, start, bytes.length)],
] as const) {
  measure(name, 50 * starts.length, () => {
    for (let round = 0; round < 50; round++) for (const start of starts) find(start);
  });
}
