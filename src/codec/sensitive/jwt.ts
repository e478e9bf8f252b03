import { ByteClass, classEnd } from './byte-classes.ts';
import type { Detector } from './detector.ts';

const LETTER_E = 0x65;
const LETTER_Y = 0x79;
const LETTER_J = 0x4a;
const POINT = 0x2e;

/** `{"a":1}` has so many characters in base64url; no header of a token is shorter. */
const MIN_HEADER = 10;

/**
 * Finds JSON web tokens: parts in base64url with points between, the first of which is a JSON object, `eyJ…`. Signed
 * ones have three parts, encrypted ones five; a signed one that is cut off behind its second part is found too.
 */
export const jwt: Detector = {
  minLength: MIN_HEADER,

  suspect(bytes, end, blocks, bit) {
    const used = bytes.subarray(0, end);
    // `J` is rare in text, and memchr finds it.
    for (let at = used.indexOf(LETTER_J); at >= 0; at = used.indexOf(LETTER_J, at + 1)) {
      if (at >= 2 && bytes[at - 1] === LETTER_Y && bytes[at - 2] === LETTER_E) blocks.mark(at - 2, at + 1, bit);
    }
  },

  find(bytes, start, end, matches) {
    for (let at = start; at + MIN_HEADER < end; at++) {
      if (!isObjectStart(bytes, at, end)) continue;
      const headerEnd = classEnd(bytes, at, end, ByteClass.Base64Url);
      const isHeader = headerEnd - at >= MIN_HEADER && headerEnd < end && bytes[headerEnd] === POINT;
      const stop = isHeader ? partsEnd(bytes, headerEnd, end) : -1;
      if (stop >= 0) {
        matches.add(at, stop);
        at = stop - 1;
      } else {
        // Whatever else begins in this part has no more behind it.
        at = headerEnd - 1;
      }
    }
  },
};

/** Where the parts end that begin with the point at `at`, or -1: they are not those of a token. */
function partsEnd(bytes: Uint8Array, at: number, end: number): number {
  const isSecondObject = isObjectStart(bytes, at + 1, end);
  let parts = 1;
  let last = at;
  while (at < end && bytes[at] === POINT) {
    last = at;
    at = classEnd(bytes, at + 1, end, ByteClass.Base64Url);
    parts++;
  }
  // A point at the end of a sentence belongs to no token, unless an unsigned one ends so.
  if (at === last + 1 && parts > 3) at = last;
  return isSecondObject || parts > 2 ? at : -1;
}

function isObjectStart(bytes: Uint8Array, at: number, end: number): boolean {
  return at + 3 <= end && bytes[at] === LETTER_E && bytes[at + 1] === LETTER_Y && bytes[at + 2] === LETTER_J;
}
