import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyTable } from '../../src/core/key-table.ts';
import { RecordBatch, RecordFlag } from '../../src/core/record-batch.ts';
import { frameLines, type LineResume } from '../../src/framing/newline.ts';

const { Truncated, Unterminated, Continuation, InvalidUtf8 } = RecordFlag;
const keys = new KeyTable();

interface FramedRecord {
  readonly body: string;
  readonly flags: number;
}

interface Outcome {
  readonly records: FramedRecord[];
  readonly consumed: number;
  readonly resume: LineResume;
  readonly emptyLines: number;
  readonly oversizeRestBytes: number;
  readonly nulFillBytes: number;
}

interface Setup {
  readonly resume?: LineResume;
  readonly maxRecordBytes?: number;
  readonly maxRecords?: number;
  readonly isFinal?: boolean;
  readonly hasHoles?: boolean;
}

/** Frames `input` as one slice that does not start at the start of the arena and has other bytes behind it. */
function frame(input: Uint8Array, setup: Setup = {}): Outcome {
  const { resume = 'line', maxRecordBytes = 1000, maxRecords = 1000, isFinal = false, hasHoles = true } = setup;
  const batch = new RecordBatch(keys, 16);
  batch.appendText('before\n');
  const start = batch.appendBytes(input, 0, input.length);
  const end = batch.byteLength;
  batch.appendText('behind\n');
  const framed = frameLines(batch, start, end, { resume, maxRecordBytes, maxRecords, isFinal, hasHoles, offset: 0 });
  const records = Array.from({ length: batch.count }, (_, record) => {
    const span = batch.bytes.subarray(batch.bodyStart[record]!, batch.bodyEnd[record]!);
    assert.ok(isUtf8(span), 'a body is not UTF-8');
    return { body: span.toString(), flags: batch.flags[record]! };
  });
  return { records, ...framed };
}

/** Frames `input` as a file would be read: slices that grow by `cuts`, each starting at what is not consumed yet. */
function frameInSlices(input: Uint8Array, cuts: readonly number[], setup: Setup): Outcome {
  const total = { records: [] as FramedRecord[], consumed: 0, emptyLines: 0, oversizeRestBytes: 0, nulFillBytes: 0 };
  let resume = setup.resume ?? 'line';
  let end = 0;
  for (let i = 0; end < input.length || i === 0; i++) {
    end = Math.min(input.length, end + (cuts[i % cuts.length] ?? input.length));
    for (let isDone = false; !isDone; ) {
      const isFinal = setup.isFinal === true && end === input.length;
      const part = frame(input.subarray(total.consumed, end), { ...setup, resume, isFinal });
      total.records.push(...part.records);
      total.consumed += part.consumed;
      total.emptyLines += part.emptyLines;
      total.oversizeRestBytes += part.oversizeRestBytes;
      total.nulFillBytes += part.nulFillBytes;
      resume = part.resume;
      isDone = part.consumed === 0;
    }
  }
  return { ...total, resume };
}

for (const { name, input, setup, records, rest, resume = 'line', emptyLines = 0, skipped = 0, filled = 0 } of [
  { name: 'takes what stands before each LF', input: 'a\nbc\n', records: [['a'], ['bc']] },
  { name: 'leaves an unfinished line unread', input: 'a\nbc', records: [['a']], rest: 2 },
  { name: 'takes one CR before LF off', input: 'a\r\nb\r\r\n', records: [['a'], ['b\r']] },
  {
    name: 'keeps other control characters and lone CRs',
    input: 'a\rb\v\f\u0085\u2028\0c\n',
    records: [['a\rb\v\f\u0085\u2028\0c']],
  },
  { name: 'counts empty lines', input: '\n\r\na\n\n', records: [['a']], emptyLines: 3 },
  { name: 'keeps lines of blanks', input: ' \n\t\n', records: [[' '], ['\t']] },
  {
    name: 'takes an unterminated tail when it is final',
    input: 'a\nbc',
    setup: { isFinal: true },
    records: [['a'], ['bc', Unterminated]],
    resume: 'continuation',
  },
  {
    name: 'makes no record of a final slice that ends with a line',
    input: 'a\n',
    setup: { isFinal: true },
    records: [['a']],
  },
  {
    name: 'marks the remainder of an unterminated record',
    input: 'd\ne\n',
    setup: { resume: 'continuation' },
    records: [['d', Continuation], ['e']],
  },
  {
    name: 'takes the line end of an unterminated record as no empty line',
    input: '\r\n\ne\n',
    setup: { resume: 'continuation' },
    records: [['e']],
    emptyLines: 1,
  },
  {
    name: 'marks a remainder that is unterminated again',
    input: 'd',
    setup: { resume: 'continuation', isFinal: true },
    records: [['d', Continuation | Unterminated]],
    resume: 'continuation',
  },
  {
    name: 'takes a line of exactly the limit whole',
    input: 'abcd\nabcd\r\n',
    setup: { maxRecordBytes: 4 },
    records: [['abcd'], ['abcd']],
  },
  {
    name: 'cuts a line one byte over the limit',
    input: 'abcde\nx\n',
    setup: { maxRecordBytes: 4 },
    records: [['abcd', Truncated], ['x']],
    skipped: 2,
  },
  {
    name: 'cuts a line that has no end yet',
    input: 'abcdef',
    setup: { maxRecordBytes: 4 },
    records: [['abcd', Truncated]],
    resume: 'oversize_rest',
    skipped: 2,
  },
  {
    name: 'waits when a CR behind the limit may belong to a CRLF',
    input: 'abcd\r',
    setup: { maxRecordBytes: 4 },
    records: [],
    rest: 5,
  },
  {
    name: 'cuts at the limit when nothing follows that CR',
    input: 'abcd\r',
    setup: { maxRecordBytes: 4, isFinal: true },
    records: [['abcd', Truncated]],
    resume: 'oversize_rest',
    skipped: 1,
  },
  {
    name: 'passes over the rest of a cut line',
    input: 'gh\nx\n',
    setup: { resume: 'oversize_rest' },
    records: [['x']],
    skipped: 3,
  },
  {
    name: 'passes over all of a slice inside a cut line',
    input: 'gh',
    setup: { resume: 'oversize_rest', isFinal: true },
    records: [],
    resume: 'oversize_rest',
    skipped: 2,
  },
  {
    name: 'cuts at a whole character',
    input: 'abc€x\n',
    setup: { maxRecordBytes: 5 },
    records: [['abc', Truncated]],
    skipped: 5,
  },
  {
    name: 'cuts behind a whole character',
    input: 'ab€x\n',
    setup: { maxRecordBytes: 5 },
    records: [['ab€', Truncated]],
    skipped: 2,
  },
  {
    name: 'marks a cut remainder as both',
    input: 'abcde\n',
    setup: { maxRecordBytes: 4, resume: 'continuation' },
    records: [['abcd', Truncated | Continuation]],
    skipped: 2,
  },
  {
    name: 'stops at the most records allowed',
    input: 'a\nb\nc\n',
    setup: { maxRecords: 2 },
    records: [['a'], ['b']],
    rest: 2,
  },
  { name: 'passes over NULs at the start of a line', input: 'a\n\0\0b\0\n', records: [['a'], ['b\0']], filled: 2 },
  { name: 'passes over NULs before a line end', input: '\0\0\na\n', records: [['a']], emptyLines: 1, filled: 2 },
  { name: 'keeps all NULs where there are no holes', input: '\0a\n', setup: { hasHoles: false }, records: [['\0a']] },
  { name: 'leaves NULs unread that nothing follows', input: 'a\n\0\0', records: [['a']], rest: 2 },
  { name: 'passes over NULs at the very end', input: 'a\n\0\0', setup: { isFinal: true }, records: [['a']], filled: 2 },
  {
    name: 'takes NULs in the rest of a cut line for a part of it',
    input: '\0\0\nx\n',
    setup: { resume: 'oversize_rest' },
    records: [['x']],
    skipped: 3,
  },
  { name: 'finds nothing in nothing', input: '', setup: { isFinal: true }, records: [] },
] as {
  name: string;
  input: string;
  setup?: Setup;
  records: [string, number?][];
  rest?: number;
  resume?: LineResume;
  emptyLines?: number;
  skipped?: number;
  filled?: number;
}[]) {
  test(`frameLines() ${name}`, () => {
    const bytes = Buffer.from(input);
    assert.deepEqual(frame(bytes, setup), {
      records: records.map(([body, flags = 0]) => ({ body, flags })),
      consumed: bytes.length - (rest ?? 0),
      resume,
      emptyLines,
      oversizeRestBytes: skipped,
      nulFillBytes: filled,
    });
  });
}

test('frameLines() keeps valid lines as they are beside one that is not UTF-8', () => {
  const input = Buffer.concat([Buffer.from('gut é\n'), Buffer.of(0x61, 0xff, 0xc3, 0x0a), Buffer.from('ok\n')]);
  assert.deepEqual(frame(input).records, [
    { body: 'gut é', flags: 0 },
    { body: 'a\ufffd\ufffd', flags: InvalidUtf8 },
    { body: 'ok', flags: 0 },
  ]);
});

test('LIN-09 frameLines() replaces what is not UTF-8 as the WHATWG decoder does', () => {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const nasty = fc.constantFrom(0x61, 0x80, 0xbf, 0xc0, 0xc2, 0xe0, 0xa0, 0xed, 0xf0, 0x90, 0xf4, 0xff, 0xef, 0xbb);
  fc.assert(
    fc.property(fc.array(nasty, { minLength: 1, maxLength: 12 }), (bytes) => {
      const [record] = frame(Buffer.from([...bytes, 0x0a])).records;
      const isValid = isUtf8(Buffer.from(bytes));
      assert.deepEqual(record, { body: decoder.decode(Buffer.from(bytes)), flags: isValid ? 0 : InvalidUtf8 });
    }),
    { numRuns: 500 },
  );
});

/** Bytes in which line ends, CRs and broken sequences are frequent. */
const lines = fc
  .array(fc.constantFrom(0, 0, 0x0a, 0x0a, 0x0d, 0x61, 0x62, 0xe2, 0x82, 0xac, 0xc3, 0xa9, 0xff), { maxLength: 60 })
  .map((bytes) => Uint8Array.from(bytes));

test('LIN-03 frameLines() gives the same records, offsets and counts however the bytes arrive', () => {
  fc.assert(
    fc.property(
      lines,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 3 }),
      fc.boolean(),
      (input, cuts, maxRecordBytes, maxRecords, isFinal) => {
        const whole = frameInSlices(input, [input.length], { maxRecordBytes, isFinal });
        assert.deepEqual(frameInSlices(input, cuts, { maxRecordBytes, maxRecords, isFinal }), whole);
      },
    ),
    { numRuns: 2000 },
  );
});

test('frameLines() always gets on with a slice of the limit and two bytes', () => {
  fc.assert(
    fc.property(lines, fc.integer({ min: 1, max: 8 }), (input, maxRecordBytes) => {
      const slice = input.subarray(0, maxRecordBytes + 2);
      const isNul = slice.every((byte) => byte === 0);
      if (slice.length === maxRecordBytes + 2 && !isNul) assert.notEqual(frame(slice, { maxRecordBytes }).consumed, 0);
    }),
  );
});

test('frameLines() accounts for every consumed byte: bodies, line ends, and what it passed over', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{0,9}$/)),
      fc.integer({ min: 1, max: 8 }),
      (texts, maxRecordBytes) => {
        const input = Buffer.from(texts.map((text) => `${text}\n`).join(''));
        const { records, oversizeRestBytes, emptyLines } = frame(input, { maxRecordBytes });
        const whole = records.filter(({ flags }) => flags === 0);
        const bodyBytes = records.reduce((sum, { body }) => sum + body.length, 0);
        assert.equal(bodyBytes + whole.length + emptyLines + oversizeRestBytes, input.length);
      },
    ),
  );
});
