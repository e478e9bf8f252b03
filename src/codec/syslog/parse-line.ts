import { digitsEnd } from '../../bytes/digits.ts';
import { BAD_PRIORITY, NO_PRIORITY, parsePriority, priorityEnd } from './priority.ts';
import { parseHostAndTag, parseTag } from './rfc3164.ts';
import { isRfc5424, parseHeader } from './rfc5424.ts';
import { type StructuredDataVisitor, walkStructuredData } from './structured-data.ts';
import type { SyslogLine } from './syslog-line.ts';
import type { SyslogTime } from './syslog-time.ts';

const BLANK = 0x20;
const COLON = 0x3a;
const DASH = 0x2d;
const LESS = 0x3c;
const OPEN = 0x5b;
const MAX_COUNT_DIGITS = 7;

/** How lines are written; `auto` looks at each. */
export type SyslogFormat = 'auto' | 'rfc3164' | 'rfc5424';

/** Nothing is to be told: the data is only checked. */
const SILENT: StructuredDataVisitor = { emptyElement() {}, parameter() {} };

/**
 * Reads the line `bytes[start, end)` into `line`. Returns why it cannot, or undefined. O(length).
 *
 * What the transport put around the line is left out: the count of bytes before it (RFC 6587), and NULs and line ends
 * behind it. Without a priority there must be a time; with one, the rest of a header may be missing.
 */
export function parseSyslogLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  format: SyslogFormat,
  time: SyslogTime,
  observedUnixMs: number,
  line: SyslogLine,
): string | undefined {
  line.reset();
  while (end > start && (bytes[end - 1] === 0 || bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end--;
  let at = skipCount(bytes, start, end);
  const priority = parsePriority(bytes, at, end);
  if (priority === BAD_PRIORITY) return 'no priority from 0 to 191';
  line.priority = priority;
  if (priority !== NO_PRIORITY) at = priorityEnd(bytes, at);
  if (format !== 'rfc3164' && isRfc5424(bytes, at, end)) return parse5424(bytes, at, end, time, observedUnixMs, line);
  if (format === 'rfc5424') return 'no header of RFC 5424';
  const timeEnd = time.read(bytes, at, end, observedUnixMs, line.time);
  if (timeEnd < 0) {
    if (priority === NO_PRIORITY) return 'no priority and no time of syslog';
    if (!parseTag(bytes, at, end, line)) [line.messageStart, line.messageEnd] = [at, end];
    return undefined;
  }
  at = timeEnd < end && bytes[timeEnd] === COLON ? timeEnd + 1 : timeEnd;
  if (at < end && bytes[at] !== BLANK) return 'no blank behind the time';
  line.hasTime = true;
  while (at < end && bytes[at] === BLANK) at++;
  parseHostAndTag(bytes, at, end, line);
  return undefined;
}

function parse5424(
  bytes: Uint8Array,
  at: number,
  end: number,
  time: SyslogTime,
  observedUnixMs: number,
  line: SyslogLine,
): string | undefined {
  at = parseHeader(bytes, at, end, line, time, observedUnixMs);
  if (at < 0) return 'no whole header of RFC 5424';
  if (at < end && bytes[at] === OPEN) {
    line.dataStart = at;
    at = line.dataEnd = walkStructuredData(bytes, at, end, SILENT);
    if (at < 0) return 'broken structured data';
  } else if (at < end && bytes[at] === DASH) {
    at++;
  } else {
    return 'no structured data and no dash for it';
  }
  if (at < end && bytes[at] !== BLANK) return 'no blank behind the structured data';
  at = Math.min(at + 1, end);
  // The byte order mark says that the message is UTF-8, which it is anyway.
  if (at + 3 <= end && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3;
  line.messageStart = at;
  line.messageEnd = end;
  return undefined;
}

/** Where the line itself begins: behind `215 ` in `215 <86>1 ...`. */
function skipCount(bytes: Uint8Array, start: number, end: number): number {
  const at = digitsEnd(bytes, start, Math.min(start + MAX_COUNT_DIGITS, end));
  return at > start && at + 1 < end && bytes[at] === BLANK && bytes[at + 1] === LESS ? at + 1 : start;
}
