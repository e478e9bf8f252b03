import { endOfNuls } from '../bytes/nul-runs.ts';
import { type RecordBatch, RecordFlag } from '../core/record-batch.ts';
import type { Framer } from './framer.ts';
import type { LineResume } from './newline.ts';

const CR = 0x0d;
const LF = 0x0a;

/** How the units of an encoding look: what ends a line, and what may stand before that. */
interface Units {
  /** How many bytes a unit has; the ends of lines lie at multiples of it. */
  readonly unitBytes: 1 | 2;
  /** Where the next line feed is from `at` on, or -1. */
  readonly lineFeedFrom: (input: Buffer, at: number) => number;
  /** Whether the unit at `at` is a carriage return. */
  readonly isCarriageReturn: (input: Buffer, at: number) => boolean;
}

/** In every encoding that is no UTF-16 these bytes are these characters, and no part of another one. */
const BYTES: Units = {
  unitBytes: 1,
  lineFeedFrom: (input, at) => input.indexOf(LF, at),
  isCarriageReturn: (input, at) => input[at] === CR,
};

const LITTLE_ENDIAN: Units = {
  unitBytes: 2,
  lineFeedFrom: (input, at) => lineFeedUnitFrom(input, at, 0),
  isCarriageReturn: (input, at) => input[at] === CR && input[at + 1] === 0,
};

const BIG_ENDIAN: Units = {
  unitBytes: 2,
  lineFeedFrom: (input, at) => lineFeedUnitFrom(input, at, 1),
  isCarriageReturn: (input, at) => input[at] === 0 && input[at + 1] === CR,
};

/**
 * Where the next unit of two bytes is that is a line feed; `lowByte` is the place of its low byte. `at` is even.
 * (`indexOf()` of a text in UTF-16 goes wrong where the memory is not aligned, as of Node 24.)
 */
function lineFeedUnitFrom(input: Buffer, at: number, lowByte: 0 | 1): number {
  for (let low = input.indexOf(LF, at); low !== -1; low = input.indexOf(LF, low + 1)) {
    const unit = low - lowByte;
    if (unit % 2 === 0 && input[unit + 1 - lowByte] === 0) return unit;
  }
  return -1;
}

/** How many bytes a unit of the encoding has: only U+000A of that size ends a line. */
export function unitBytesOf(encoding: string): 1 | 2 {
  return unitsOf(encoding).unitBytes;
}

/** Whether a text up to `offset`, of which `bytes` are the last ones, ends with a line feed. */
export function endsWithLine(bytes: Uint8Array, offset: number, encoding: string): boolean {
  const { unitBytes, lineFeedFrom } = unitsOf(encoding);
  const last = bytes.subarray(Math.max(0, bytes.length - unitBytes));
  return offset % unitBytes === 0 && lineFeedFrom(Buffer.from(last), 0) === 0;
}

function unitsOf(encoding: string): Units {
  if (encoding === 'utf-16le') return LITTLE_ENDIAN;
  return encoding === 'utf-16be' ? BIG_ENDIAN : BYTES;
}

/**
 * Frames the lines of a text that is not UTF-8, as `frameLines()` does of one that is, and appends the bodies to the
 * batch as UTF-8. `encoding` is a name as `TextDecoder.encoding` gives it. What `consumed` and the limits speak of are
 * bytes of the input; half a unit waits, or is U+FFFD where nothing follows. A record is flagged when it holds U+FFFD.
 *
 * A loop of its own: in the one for UTF-8 every step per line would show.
 */
export function createEncodedFramer(encoding: string): Framer<LineResume> {
  const { unitBytes, lineFeedFrom, isCarriageReturn } = unitsOf(encoding);
  const decode = createDecode(encoding);

  return (batch, start, end, options) => {
    const { maxRecords, isFinal, hasHoles, offset } = options;
    // Half a unit that went out already: here is the other half.
    const base = Math.min(end, start + (offset % unitBytes));
    const input = batch.bytes.subarray(base, end);
    const maxBytes = options.maxRecordBytes - (options.maxRecordBytes % unitBytes);
    const firstRecord = batch.count;
    const lastRecord = firstRecord + maxRecords;
    let { resume } = options;
    let at = 0;
    let emptyLines = 0;
    let oversizeRestBytes = 0;
    let nulFillBytes = 0;

    const add = (bodyEnd: number, flags: number): void => {
      const mark = resume === 'continuation' ? RecordFlag.Continuation : 0;
      batch.addRecord(base + at, base + bodyEnd, flags | mark);
    };
    const addCut = (lineEnd: number): void => {
      add(at + maxBytes, RecordFlag.Truncated);
      oversizeRestBytes += lineEnd - at - maxBytes;
    };

    // A CR just behind the limit may belong to a CRLF that comes.
    const mayEndThere = (limit: number): boolean => !isFinal && isCarriageReturn(input, limit);

    while (at < input.length && batch.count < lastRecord) {
      if (hasHoles && resume !== 'oversize_rest' && input[at] === 0) {
        const nulEnd = endOfNuls(input, at, input.length);
        if (nulEnd === input.length && !isFinal) break;
        const fillBytes = nulEnd === input.length ? nulEnd - at : nulEnd - at - ((nulEnd - at) % unitBytes);
        nulFillBytes += fillBytes;
        at += fillBytes;
        if (fillBytes > 0) continue;
      }
      const lineFeed = lineFeedFrom(input, at);
      if (lineFeed !== -1) {
        const next = lineFeed + unitBytes;
        const bodyEnd =
          lineFeed > at && isCarriageReturn(input, lineFeed - unitBytes) ? lineFeed - unitBytes : lineFeed;
        if (resume === 'oversize_rest') oversizeRestBytes += next - at;
        else if (bodyEnd - at > maxBytes) addCut(next);
        else if (bodyEnd > at) add(bodyEnd, 0);
        else if (resume === 'line') emptyLines++;
        resume = 'line';
        at = next;
        continue;
      }
      // Nothing ends the line: what there is of it, without half a unit that is still to become a whole one.
      const rest = input.length - at;
      const known = isFinal ? rest : rest - (rest % unitBytes);
      if (resume === 'oversize_rest') {
        oversizeRestBytes += known;
      } else if (known > maxBytes + unitBytes || (known > maxBytes && !mayEndThere(at + maxBytes))) {
        addCut(at + known);
        resume = 'oversize_rest';
      } else if (isFinal) {
        add(input.length, RecordFlag.Unterminated);
        resume = 'continuation';
      } else break;
      if (known === 0) break;
      at += known;
    }

    for (let record = firstRecord; record < batch.count; record++) {
      const body = input.subarray(batch.bodyStart[record]! - base, batch.bodyEnd[record]! - base);
      setText(batch, record, decode(body, (batch.flags[record]! & RecordFlag.Truncated) !== 0));
    }
    const consumed = at === 0 && !isFinal ? 0 : base - start + at;
    return { consumed, resume, emptyLines, oversizeRestBytes, nulFillBytes };
  };
}

/** Turns bodies into strings; of one that was cut, what is left of a character at its end is left out. */
function createDecode(encoding: string): (body: Buffer, isCut: boolean) => string {
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  return (body, isCut) => {
    const text = decoder.decode(body, { stream: isCut });
    if (isCut) decoder.decode();
    return text;
  };
}

function setText(batch: RecordBatch, record: number, text: string): void {
  batch.bodyStart[record] = batch.appendText(text);
  batch.bodyEnd[record] = batch.byteLength;
  if (text.includes('\ufffd')) batch.flags[record]! |= RecordFlag.InvalidUtf8;
}
