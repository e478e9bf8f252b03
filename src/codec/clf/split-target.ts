import { findByte } from '../../bytes/find-byte.ts';
import { type AccessLine, Part } from './access-line.ts';

const SLASH = 0x2f;
const COLON = 0x3a;
const QUESTION = 0x3f;
const AT = 0x40;
/** Longer words are no schemes. */
const MAX_SCHEME = 8;

/**
 * Makes the parts of a request's target.
 *
 * ```
 *  /path?query                what most requests have
 *  http://host/path?query     of a proxy: the whole URL too, unless there are credentials in it
 *  host:443, *, anything      kept as it is
 * ```
 */
export function splitTarget(bytes: Uint8Array, view: DataView, start: number, end: number, line: AccessLine): void {
  let pathStart = start;
  if (bytes[start] !== SLASH) {
    const host = hostStart(bytes, start, end);
    if (host < 0) {
      line.setRare(Part.OtherTarget, start, end);
      line.clear(Part.Path);
      line.clear(Part.Query);
      return;
    }
    pathStart = host;
    let hasCredentials = false;
    for (; pathStart < end && bytes[pathStart] !== SLASH && bytes[pathStart] !== QUESTION; pathStart++) {
      if (bytes[pathStart] === AT) hasCredentials = true;
    }
    if (!hasCredentials) line.setRare(Part.FullUrl, start, end);
  }
  const pathEnd = findByte(view, QUESTION, pathStart, end);
  line.set(Part.Path, pathStart, pathEnd);
  line.set(Part.Query, pathEnd + 1, end);
}

/** Where the host of an absolute URL begins, or -1: it is none. */
function hostStart(bytes: Uint8Array, start: number, end: number): number {
  const limit = Math.min(start + MAX_SCHEME, end);
  let at = start;
  while (at < limit && (bytes[at]! | 0x20) >= 0x61 && (bytes[at]! | 0x20) <= 0x7a) at++;
  if (at === start || at + 3 >= end) return -1;
  return bytes[at] === COLON && bytes[at + 1] === SLASH && bytes[at + 2] === SLASH ? at + 3 : -1;
}
