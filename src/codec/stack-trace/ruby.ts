import { isDigit } from '../../bytes/digits.ts';
import type { ExceptionSpans } from './exception-spans.ts';
import { indentEnd, indexOfWithin, isExceptionName, isRailsException, isUpper, nameEnd, prefix } from './line-shape.ts';
import { lastIndexOfWithin, lineEnd, lineStart, trimmedEnd } from './lines.ts';

const IN = prefix(':in ');
const QUOTE_COLON = prefix("': ");
const LOGGER = prefix(' -- : ');

const BLANK = 0x20;
const COLON = 0x3a;
const OPEN = 0x28;
const CLOSE = 0x29;

/** How long the path of a frame may be, so that a long line costs no more. */
const MAX_PATH_LENGTH = 512;

/** Whether the line is, or begins with, a frame of Ruby: `app.rb:12:in 'run'`. */
export function isRubyFrame(bytes: Uint8Array, at: number, end: number): boolean {
  const within = indexOfWithin(bytes, at, Math.min(end, at + MAX_PATH_LENGTH), IN);
  if (within <= at || !isDigit(bytes[within - 1]!)) return false;
  const quote = bytes[within + IN.length];
  return quote === 0x60 || quote === 0x27;
}

/**
 * Finds the exception of the frame on the line [frame, frameTo): on that line, as Ruby prints what nobody caught, or above
 * it, as Rails and the logger of Ruby do. O(bytes before the frame, and its line).
 */
export function findAtRubyFrame(
  bytes: Uint8Array,
  start: number,
  frame: number,
  frameTo: number,
  into: ExceptionSpans,
): boolean {
  const quote = indexOfWithin(bytes, frame, frameTo, QUOTE_COLON);
  if (quote >= 0) return setBeforeName(bytes, frame, quote + QUOTE_COLON.length, frameTo, into);
  for (let line = start; line < frame; ) {
    const to = lineEnd(bytes, line, frame);
    const end = trimmedEnd(bytes, line, to);
    const at = indentEnd(bytes, line, end);
    if (isRailsException(bytes, at, end)) return setRails(bytes, line, at, end, into);
    line = to + 1;
  }
  const end = trimmedEnd(bytes, start, frame);
  const above = lineStart(bytes, end, start);
  const logger = indexOfWithin(bytes, above, end, LOGGER);
  if (end > start && setBeforeName(bytes, frame, logger < 0 ? above : logger + LOGGER.length, end, into)) return true;
  return setBehindName(bytes, start, end, into);
}

/** `NoMethodError: text`, as people log it, behind a blank or at the start of a line; the first one of [start, end). */
function setBehindName(bytes: Uint8Array, start: number, end: number, into: ExceptionSpans): boolean {
  for (let at = start; at < end; ) {
    const stop = nameEnd(bytes, at, end, COLON);
    const to = bytes[stop - 1] === COLON ? stop - 1 : stop;
    const isName = to < stop && stop < end && bytes[stop] === BLANK && isUpper(bytes[at]!);
    if (isName && (at === start || bytes[at - 1]! <= BLANK) && isExceptionName(bytes, at, to)) {
      return into.set(bytes, at, at, to, stop, end);
    }
    at = stop + 1;
  }
  return false;
}

/** `text (RuntimeError)` */
function setBeforeName(bytes: Uint8Array, trace: number, at: number, end: number, into: ExceptionSpans): boolean {
  if (bytes[end - 1] !== CLOSE) return false;
  const open = lastIndexOfWithin(bytes, at, end, OPEN_BRACKET);
  if (open < 0 || !isUpper(bytes[open + 1]!) || nameEnd(bytes, open + 1, end, COLON) !== end - 1) return false;
  return into.set(bytes, trace, open + 1, end - 1, at, open);
}

/** `ActionController::RoutingError (No route matches [GET] "/settings"):` */
function setRails(bytes: Uint8Array, trace: number, at: number, end: number, into: ExceptionSpans): boolean {
  const to = nameEnd(bytes, at, end, COLON);
  return into.set(bytes, trace, at, to, to + 2, bytes[end - 1] === COLON ? end - 2 : end - 1);
}

const OPEN_BRACKET = Uint8Array.of(OPEN);
