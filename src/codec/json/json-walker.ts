import type { ValueType } from '../../core/value-type.ts';
import { numberType, skipSpace } from './scan.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;

/**
 * Is told what a JSON text holds, in its order. Offsets are of the bytes that are walked; keys and strings come without
 * their quotes, and with the escapes that they have (`unescapeInto()` decodes them).
 */
export interface JsonVisitor {
  /** `at` is where the bracket stands. */
  beginObject(at: number): void;
  endObject(at: number): void;
  beginArray(at: number): void;
  endArray(at: number): void;
  /** The next event is the value of this key. A key may come twice in one object. */
  key(start: number, end: number, hasEscapes: boolean): void;
  string(start: number, end: number, hasEscapes: boolean): void;
  /** `type` is what `numberType()` says: an Int fits into 64 bits. */
  number(start: number, end: number, type: ValueType): void;
  /** `at` is where the word stands. */
  true(at: number): void;
  false(at: number): void;
  null(at: number): void;
}

/**
 * Tells `visitor` of every part of the VALID JSON text `bytes[start, end)`. O(length), whatever the depth: it needs no
 * stack, because a string that is a key shows by the colon behind it.
 *
 * Text that is not valid JSON makes wrong events, but it ends, and reads nothing outside of the span.
 */
export function walkJson(bytes: Uint8Array, start: number, end: number, visitor: JsonVisitor): void {
  let at = start;
  while ((at = skipSpace(bytes, at, end)) < end) {
    switch (bytes[at]) {
      case QUOTE: {
        const from = ++at;
        let hasEscapes = false;
        for (; at < end && bytes[at] !== QUOTE; at++) {
          if (bytes[at] !== BACKSLASH) continue;
          hasEscapes = true;
          at++;
        }
        const to = Math.min(at, end);
        at = skipSpace(bytes, to + 1, end);
        if (at < end && bytes[at] === COLON) {
          at++;
          visitor.key(from, to, hasEscapes);
        } else {
          visitor.string(from, to, hasEscapes);
        }
        break;
      }
      case 0x7b:
        visitor.beginObject(at++);
        break;
      case 0x7d:
        visitor.endObject(at++);
        break;
      case 0x5b:
        visitor.beginArray(at++);
        break;
      case 0x5d:
        visitor.endArray(at++);
        break;
      case 0x74:
        visitor.true(at);
        at += 4;
        break;
      case 0x66:
        visitor.false(at);
        at += 5;
        break;
      case 0x6e:
        visitor.null(at);
        at += 4;
        break;
      case COMMA:
        at++;
        break;
      default: {
        const from = at++;
        while (at < end && isInNumber(bytes[at]!)) at++;
        visitor.number(from, at, numberType(bytes, from, at));
      }
    }
  }
}

/** Whether a number may go on with this byte: a digit, `.`, `-`, `+`, `e` or `E`. */
function isInNumber(byte: number): boolean {
  return (byte >= 0x2b && byte <= 0x39 && byte !== COMMA && byte !== 0x2f) || (byte | 0x20) === 0x65;
}
