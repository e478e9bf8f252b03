import { isDigit } from '../../bytes/digits.ts';
import { ALPHANUMERIC, ByteClass, CLASS_OF } from './byte-classes.ts';
import type { Detector } from './detector.ts';
import { escapeDigitsEnd, isBehindEscape } from './escapes.ts';
import type { Matches } from './matches.ts';

const POINT = 0x2e;
const COLON = 0x3a;
/** The longest IPv6 address has an IPv4 address at its end; a port may follow. */
const MAX_IPV6_RUN = 52;
const IPV6_GROUPS = 8;

const IS_ADDRESS_BYTE = new Uint8Array(256);
for (const character of '0123456789abcdefABCDEF:.') IS_ADDRESS_BYTE[character.charCodeAt(0)] = 1;

/**
 * Finds IPv4 and IPv6 addresses (RFC 4291, 2.2); not what has more parts than these, nor versions such as `v1.2.3.4`,
 * nor `::` and names of code such as `a::b`.
 */
export const ipAddress: Detector = {
  minLength: 3,

  suspect(bytes, end, blocks, bit) {
    for (let at = 1; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === POINT) {
        if (isDigit(bytes[at - 1]!) && isDigit(bytes[at + 1]!)) blocks.mark(at, at + 1, bit);
      } else if (byte === COLON) {
        // An address with fewer than eight groups has two colons together; the others have digits around each.
        const isInside = isHex(bytes[at - 1]!) && isHex(bytes[at + 1]!);
        if (isInside || bytes[at - 1] === COLON) blocks.mark(at, at + 1, bit);
      }
    }
  },

  find(bytes, start, end, matches) {
    for (let at = start; at < end; at++) {
      if (IS_ADDRESS_BYTE[bytes[at]!] === 0) continue;
      const run = at;
      at = escapeDigitsEnd(bytes, start, at, end);
      const from = at;
      const bound = from > run ? from : start;
      let colons = 0;
      let points = 0;
      for (; at < end && IS_ADDRESS_BYTE[bytes[at]!] !== 0; at++) {
        if (bytes[at] === COLON) colons++;
        else if (bytes[at] === POINT) points++;
      }
      if (colons >= 2 && findIpv6(bytes, bound, from, at, end, matches)) continue;
      if (points >= 3) findIpv4(bytes, bound, from, at, matches);
    }
  },
};

/** Adds the addresses in a run of digits, points and colons. */
function findIpv4(bytes: Uint8Array, start: number, from: number, to: number, matches: Matches): void {
  for (let at = from; at < to; at++) {
    if (!isDigit(bytes[at]!)) continue;
    const before = at > start ? bytes[at - 1]! : 0;
    if (isDigit(before)) continue;
    const isLater = before === POINT && at >= start + 2 && isDigit(bytes[at - 2]!);
    const isVersion = (before | 0x20) === 0x76;
    const stop = isLater || isVersion ? -1 : ipv4End(bytes, at, to);
    if (stop < 0) continue;
    matches.add(at, stop);
    at = stop;
  }
}

/** Where the address ends that starts at `at`, or -1: there is none, or it has more parts. */
function ipv4End(bytes: Uint8Array, at: number, to: number): number {
  for (let part = 0; ; part++) {
    let value = 0;
    const first = at;
    for (; at < to && at - first < 3 && isDigit(bytes[at]!); at++) value = 10 * value + bytes[at]! - 0x30;
    if (at === first || value > 255 || (at < to && isDigit(bytes[at]!))) return -1;
    if (part === 3) break;
    if (at >= to || bytes[at] !== POINT) return -1;
    at++;
  }
  return at + 1 < to && bytes[at] === POINT && isDigit(bytes[at + 1]!) ? -1 : at;
}

/** Adds the run [from, to), but for points and colons around it, when it is an address. */
function findIpv6(bytes: Uint8Array, start: number, from: number, to: number, end: number, matches: Matches): boolean {
  if (bytes[from] === COLON && bytes[from + 1] !== COLON) from++;
  else if (from > start && isAlphanumeric(bytes[from - 1]!) && !isBehindEscape(bytes, start, from)) return false;
  let stop = to;
  while (stop > from && bytes[stop - 1] === POINT) stop--;
  if (stop - from > 2 && bytes[stop - 1] === COLON && bytes[stop - 2] !== COLON) stop--;
  if (stop === to && to < end && isAlphanumeric(bytes[to]!)) return false;
  const last = stop - from <= MAX_IPV6_RUN ? ipv6End(bytes, from, stop) : -1;
  if (last >= 0) matches.add(from, last);
  return last >= 0;
}

/** Where the address ends that [at, to) is, perhaps with a port behind it, or -1. */
function ipv6End(bytes: Uint8Array, at: number, to: number): number {
  let groups = 0;
  let isShortened = false;
  let hasDigit = false;
  if (bytes[at] === COLON) {
    isShortened = true;
    at += 2;
  }
  while (at < to) {
    const first = at;
    for (; at < to && isHex(bytes[at]!); at++) if (isDigit(bytes[at]!)) hasDigit = true;
    if (at === first || at - first > 4) return -1;
    if (at < to && bytes[at] === POINT) {
      if (ipv4End(bytes, first, to) !== to) return -1;
      groups += 2;
      at = to;
      break;
    }
    groups++;
    if (at === to) break;
    if (groups === IPV6_GROUPS && !isShortened) break;
    if (bytes[at++] !== COLON) return -1;
    if (at < to && bytes[at] === COLON) {
      if (isShortened) return -1;
      isShortened = true;
      at++;
    } else if (at === to) return -1;
  }
  if (!isShortened) return groups === IPV6_GROUPS && (at === to || isPort(bytes, at, to)) ? at : -1;
  const isName = groups < 3 && !hasDigit;
  return at === to && groups > 0 && groups < IPV6_GROUPS && !isName ? at : -1;
}

function isPort(bytes: Uint8Array, at: number, to: number): boolean {
  if (bytes[at] !== COLON || to - at < 2 || to - at > 6) return false;
  for (let i = at + 1; i < to; i++) if (!isDigit(bytes[i]!)) return false;
  return true;
}

function isHex(byte: number): boolean {
  return (CLASS_OF[byte]! & ByteClass.Hex) !== 0;
}

function isAlphanumeric(byte: number): boolean {
  return (CLASS_OF[byte]! & ALPHANUMERIC) !== 0;
}
