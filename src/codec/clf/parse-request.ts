import { type AccessLine, Part } from './access-line.ts';
import { splitTarget } from './split-target.ts';

const BLANK = 0x20;
const DASH = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const ONE = 0x31;
/** `HTTP` as it lies in memory. */
const HTTP = 0x50545448;
/** `GET ` */
const GET = 0x20544547;
const SLASH = 0x2f;

/** Longer words are no methods. */
const MAX_METHOD = 32;
/** The longest that has a name of its own. */
const MAX_KNOWN_METHOD = 7;

/** The methods that have a name of their own in the semantic conventions: RFC 9110, PATCH and QUERY. */
const KNOWN_METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'CONNECT', 'TRACE', 'QUERY'].map(
  (name) => Buffer.from(name),
);

/** By length and first letter, which no two of them share: the place in `KNOWN_METHODS`, from 1 on; 0: none. */
const METHOD_AT = new Uint8Array(256);
for (const [place, name] of KNOWN_METHODS.entries()) METHOD_AT[methodSlot(name.length, name[0]!)] = place + 1;

function methodSlot(length: number, first: number): number {
  return (length << 5) | (first & 0x1f);
}

/** What may stand in a method: letters, `-` and `_`. */
const IN_METHOD = new Uint8Array(256);
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_')) IN_METHOD[byte] = 1;

/**
 * Reads the request `bytes[start, end)` into method, target and version of `line`; what is none of HTTP is its
 * `request`. A target may hold blanks, as clients send them and servers write them down.
 */
export function parseRequest(bytes: Uint8Array, view: DataView, start: number, end: number, line: AccessLine): void {
  const methodEnd = view.getInt32(start, true) === GET ? start + 3 : scanMethod(bytes, start, end);
  const protocol = protocolStart(bytes, view, end);
  const isHttp09 = protocol < 0 && isKnownMethod(bytes, start, methodEnd);
  const targetEnd = protocol < 0 ? end : protocol - 1;
  const isRequest = methodEnd > start && methodEnd + 1 < targetEnd && bytes[methodEnd] === BLANK;
  if (!isRequest || (protocol < 0 && !isHttp09)) {
    setNoRequest(line);
    const isUnknown = end - start === 1 && bytes[start] === DASH;
    if (!isUnknown) line.setRare(Part.Request, start, end);
    return;
  }
  line.set(Part.Method, start, methodEnd);
  if (!isHttp09 && !isKnownMethod(bytes, start, methodEnd)) line.setRare(Part.OtherMethod, start, methodEnd);
  line.targetStart = methodEnd + 1;
  line.targetEnd = targetEnd;
  if (line.wantsTarget) splitTarget(bytes, view, methodEnd + 1, targetEnd, line);
  // The conventions say 2 and 3 where servers write 2.0.
  const isWhole = end - protocol === 8 && bytes[end - 1] === ZERO && bytes[end - 3]! > ONE;
  line.set(Part.Version, protocol + 5, isHttp09 ? 0 : isWhole ? end - 2 : end);
}

function setNoRequest(line: AccessLine): void {
  line.targetStart = line.targetEnd = 0;
  line.clear(Part.Method);
  line.clear(Part.Path);
  line.clear(Part.Query);
  line.clear(Part.Version);
}

function scanMethod(bytes: Uint8Array, start: number, end: number): number {
  const limit = Math.min(start + MAX_METHOD + 1, end);
  let at = start;
  while (at < limit && IN_METHOD[bytes[at]!] === 1) at++;
  return at;
}

/** Whether the method has a name of its own in the semantic conventions. */
export function isKnownMethod(bytes: Uint8Array, start: number, end: number): boolean {
  return knownMethod(bytes, start, end) > 0;
}

/** How many of those there are. */
export const KNOWN_METHOD_COUNT = KNOWN_METHODS.length;

/** Which of those the method is, from 1 on; 0: none. */
export function knownMethod(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  const place = length >>> 0 > MAX_KNOWN_METHOD ? 0 : METHOD_AT[methodSlot(length, bytes[start]!)]!;
  return place > 0 && isName(KNOWN_METHODS[place - 1]!, bytes, start) ? place : 0;
}

function isName(name: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}

/** Where the ` HTTP/1.1` or ` HTTP/2` that ends at `end` has its H, or -1. */
function protocolStart(bytes: Uint8Array, view: DataView, end: number): number {
  const at = bytes[end - 2] === POINT ? end - 8 : end - 6;
  if (at < 1 || bytes[at - 1] !== BLANK || view.getInt32(at, true) !== HTTP || bytes[at + 4] !== SLASH) return -1;
  const isDigits = isDigitByte(bytes[at + 5]!) && isDigitByte(bytes[end - 1]!);
  return isDigits ? at : -1;
}

function isDigitByte(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}
