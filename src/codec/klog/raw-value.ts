import { findByte } from '../../bytes/find-byte.ts';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const BLANK = 0x20;
const LESS = 0x3c;
const GREATER = 0x3e;

/** Opening brackets add to the depth, closing ones take from it. */
const DEPTH = new Int8Array(256);
for (const byte of Buffer.from('{[(')) DEPTH[byte] = 1;
for (const byte of Buffer.from('}])')) DEPTH[byte] = -1;

/**
 * Where the value without quotes ends that starts at `at`: at the first blank outside brackets, as Go writes structs,
 * maps and lists with blanks in them; -1: a bracket does not close.
 */
export function bracketedEnd(bytes: Uint8Array, at: number, end: number): number {
  let depth = 0;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte <= BLANK && depth <= 0) return at;
    depth += DEPTH[byte]!;
  }
  return depth <= 0 ? end : -1;
}

/** The same without a look at brackets. */
export function wordEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at]! > BLANK) at++;
  return at;
}

/**
 * Where the last line feed of a block is, a text of several lines whose `<` stands at `at`; -1: there is none.
 *
 * ```
 *  data=<⏎
 *  ⇥first line⏎
 *  ⇥second line⏎
 *   > next=1
 * ```
 */
export function blockEnd(bytes: Uint8Array, view: DataView, at: number, end: number): number {
  if (at + 1 >= end || bytes[at] !== LESS || bytes[at + 1] !== LINE_FEED) return -1;
  for (at++; at + 2 < end; at = findByte(view, LINE_FEED, at + 1, end)) {
    if (bytes[at + 1] === BLANK && bytes[at + 2] === GREATER) return at;
  }
  return -1;
}

/** Writes the lines `bytes[start, end)` of a block without their tabs to `target` from `at` on; returns where it ends. */
export function unindentInto(bytes: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  for (let i = start; i < end; i++) {
    const isIndent = bytes[i] === TAB && (i === start || bytes[i - 1] === LINE_FEED);
    if (!isIndent) target[at++] = bytes[i]!;
  }
  return at;
}
