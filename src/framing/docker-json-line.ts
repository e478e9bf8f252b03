import { findStringEnd, scanString, scanValue, skipSpace } from '../codec/json/scan.ts';
import { unescapeInto } from '../codec/json/unescape.ts';
import { prefix, startsWith } from '../codec/stack-trace/line-shape.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { type ContainerLine, Stdio } from './container-line.ts';
import { stdioAt } from './cri-line.ts';

const LF = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const LETTER_N = 0x6e;

const LOG = prefix('log');
const STREAM = prefix('stream');
const TIME = prefix('time');
const STDIO_LENGTH = 6;

/**
 * Reads a line of the json-file log driver of Docker: `{"log":"text\n","stream":"stdout","time":"…"}`. A `log` that does
 * not end with a line feed is a part: Docker splits lines at 16 KiB. Its escapes are decoded; other keys, such as
 * `attrs`, are passed over. About 300 ns a line.
 */
export function readDockerJsonLine(batch: RecordBatch, start: number, end: number, line: ContainerLine): void {
  const { bytes } = batch;
  line.isReadable = false;
  line.stdio = Stdio.Other;
  line.isTimed = false;
  line.isTimeBroken = false;
  line.stdioStart = 0;
  line.stdioEnd = 0;
  let logStart = -1;
  let logEnd = -1;
  let at = skipSpace(bytes, start, end);
  if (at >= end || bytes[at] !== OPEN_BRACE) return;
  for (;;) {
    const key = skipSpace(bytes, at + 1, end) + 1;
    const keyEnd = key <= end && bytes[key - 1] === QUOTE ? scanString(bytes, key, end) : -1;
    if (keyEnd < 0) return;
    const colon = skipSpace(bytes, keyEnd + 1, end);
    if (colon >= end || bytes[colon] !== COLON) return;
    const value = skipSpace(bytes, colon + 1, end);
    const isLog = isKey(bytes, key, keyEnd, LOG);
    // The text is most of the line.
    const valueEnd =
      isLog && bytes[value] === QUOTE ? textEnd(batch, value + 1, end) + 1 : scanValue(bytes, value, end, 1);
    if (valueEnd <= 0) return;
    if (bytes[value] === QUOTE) {
      if (isLog) {
        logStart = value + 1;
        logEnd = valueEnd - 1;
      } else if (isKey(bytes, key, keyEnd, STREAM)) {
        readStdio(bytes, value + 1, valueEnd - 1, line);
      } else if (isKey(bytes, key, keyEnd, TIME)) {
        line.isTimed = line.isoTime.read(bytes, batch.view, value + 1, valueEnd - 1, line.time) && !line.time.isLocal;
        line.isTimeBroken = !line.isTimed;
      }
    }
    at = skipSpace(bytes, valueEnd, end);
    if (at >= end) return;
    if (bytes[at] === CLOSE_BRACE) break;
    if (bytes[at] !== COMMA) return;
  }
  if (logStart < 0 || skipSpace(bytes, at + 1, end) < end) return;
  line.isReadable = true;
  readText(batch, logStart, logEnd, line);
}

function isKey(bytes: Uint8Array, start: number, end: number, key: Uint8Array): boolean {
  return end - start === key.length && startsWith(bytes, start, end, key);
}

function readStdio(bytes: Uint8Array, start: number, end: number, line: ContainerLine): void {
  line.stdio = end - start === STDIO_LENGTH ? stdioAt(bytes, start) : Stdio.Other;
  if (line.stdio === Stdio.Other) return;
  line.stdioStart = start;
  line.stdioEnd = end;
}

/** The closing quote of the string whose inside starts at `at`, or -1: it has none, or is not valid. */
function textEnd({ bytes, view }: RecordBatch, at: number, end: number): number {
  const first = findStringEnd(view, at, end);
  if (first >= end) return -1;
  return bytes[first] === QUOTE ? first : scanString(bytes, first, end);
}

/** Takes the text apart from its line feed. Where that is its only escape the text stays where it is. */
function readText(batch: RecordBatch, start: number, end: number, line: ContainerLine): void {
  const first = findStringEnd(batch.view, start, end);
  const isPlain = first >= end;
  const isPlainLine = first === end - 2 && batch.bytes[first] === BACKSLASH && batch.bytes[first + 1] === LETTER_N;
  line.isPartial = isPlain;
  line.start = start;
  line.end = isPlain ? end : first;
  if (isPlain || isPlainLine) return;
  line.start = batch.byteLength;
  batch.reserve(end - start);
  const textEnd = unescapeInto(batch.bytes, start, end, batch.bytes, line.start);
  batch.byteLength = textEnd;
  const isWhole = textEnd > line.start && batch.bytes[textEnd - 1] === LF;
  line.end = isWhole ? textEnd - 1 : textEnd;
  line.isPartial = !isWhole;
}
