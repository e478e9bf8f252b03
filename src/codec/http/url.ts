import { AddressSpans, readAddress } from './address.ts';

/** What a URL consists of, as spans of its text; a part that is not there is empty. */
export class UrlSpans {
  schemeStart = 0;
  schemeEnd = 0;
  /** User and password, without the `@`; they must not be passed on. */
  userStart = 0;
  userEnd = 0;
  readonly address = new AddressSpans();
  pathStart = 0;
  pathEnd = 0;
  queryStart = 0;
  queryEnd = 0;
  fragmentStart = 0;
  fragmentEnd = 0;
}

const SLASH = 0x2f;
const COLON = 0x3a;
const QUESTION = 0x3f;
const HASH = 0x23;
const AT = 0x40;

/** Longer words are no schemes. */
const MAX_SCHEME = 32;

/** Reads a whole URL, `https://user@host:443/path?query#fragment`; false: it is none. O(length). */
export function readUrl(bytes: Uint8Array, start: number, end: number, into: UrlSpans): boolean {
  const scheme = schemeEnd(bytes, start, end);
  if (scheme < 0) return false;
  const host = scheme + 3;
  let path = host;
  let at = -1;
  for (; path < end; path++) {
    const byte = bytes[path]!;
    if (byte === SLASH || byte === QUESTION || byte === HASH) break;
    if (byte === AT) at = path;
  }
  into.schemeStart = start;
  into.schemeEnd = scheme;
  into.userStart = host;
  into.userEnd = Math.max(at, host);
  if (!readAddress(bytes, at < 0 ? host : at + 1, path, into.address)) return false;
  readTarget(bytes, path, end, into);
  return true;
}

/** Reads `/path?query#fragment`: what stands behind the host of a URL, and in a request. O(length). */
export function readTarget(bytes: Uint8Array, start: number, end: number, into: UrlSpans): void {
  let fragment = start;
  let query = -1;
  for (; fragment < end && bytes[fragment] !== HASH; fragment++) {
    if (bytes[fragment] === QUESTION && query < 0) query = fragment;
  }
  into.pathStart = start;
  into.pathEnd = query < 0 ? fragment : query;
  into.queryStart = query < 0 ? fragment : query + 1;
  into.queryEnd = fragment;
  into.fragmentStart = Math.min(fragment + 1, end);
  into.fragmentEnd = end;
}

/** Where the scheme ends before `://`, or -1. */
function schemeEnd(bytes: Uint8Array, start: number, end: number): number {
  const limit = Math.min(start + MAX_SCHEME, end - 3);
  let at = start;
  while (at < limit && isInScheme(bytes[at]!, at === start)) at++;
  const isEnd = at > start && at + 3 <= end && bytes[at] === COLON;
  return isEnd && bytes[at + 1] === SLASH && bytes[at + 2] === SLASH ? at : -1;
}

/** A letter; behind the first one digits, `+`, `-` and `.` too. */
function isInScheme(byte: number, isFirst: boolean): boolean {
  const small = byte | 0x20;
  if (small >= 0x61 && small <= 0x7a) return true;
  return !isFirst && ((byte >= 0x30 && byte <= 0x39) || byte === 0x2b || byte === 0x2d || byte === 0x2e);
}
