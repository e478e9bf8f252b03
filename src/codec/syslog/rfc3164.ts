import type { SyslogLine } from './syslog-line.ts';

const BLANK = 0x20;
const COLON = 0x3a;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/**
 * Reads what stands behind the time in a line of RFC 3164, and always can: what is no host and no tag is the message.
 *
 * ```
 *  host app[123]: message        a tag is one word that ends with a colon, a process in brackets, or both
 *  app[123]: message             the host is left out
 *  host message                  there is no tag
 * ```
 */
export function parseHostAndTag(bytes: Uint8Array, start: number, end: number, line: SyslogLine): void {
  if (parseTag(bytes, start, end, line)) return;
  let at = start;
  while (at < end && bytes[at] !== BLANK) at++;
  if (at === end) {
    line.messageStart = start;
    line.messageEnd = end;
    return;
  }
  line.hostStart = start;
  line.hostEnd = at++;
  if (parseTag(bytes, at, end, line)) return;
  line.messageStart = at;
  line.messageEnd = end;
}

/** Reads the tag at `start`, and the message behind it; false: there is none, and `line` is as it was. */
export function parseTag(bytes: Uint8Array, start: number, end: number, line: SyslogLine): boolean {
  let at = start;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === BLANK || byte === OPEN) break;
    if (byte === COLON && endsWord(bytes, at + 1, end)) break;
  }
  if (at === start || at === end || bytes[at] === BLANK) return false;
  const nameEnd = at;
  if (bytes[at] === OPEN) {
    do at++;
    while (at < end && bytes[at] !== CLOSE && bytes[at] !== BLANK);
    if (at === end || bytes[at] !== CLOSE || at === nameEnd + 1) return false;
    const processEnd = at++;
    if (at < end && bytes[at] === COLON) at++;
    if (!endsWord(bytes, at, end)) return false;
    line.processStart = nameEnd + 1;
    line.processEnd = processEnd;
  } else {
    at++;
  }
  line.appStart = start;
  line.appEnd = nameEnd;
  line.messageStart = Math.min(at + 1, end);
  line.messageEnd = end;
  return true;
}

function endsWord(bytes: Uint8Array, at: number, end: number): boolean {
  return at >= end || bytes[at] === BLANK;
}
