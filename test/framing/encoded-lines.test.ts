import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyTable } from '../../src/core/key-table.ts';
import { RecordBatch, RecordFlag } from '../../src/core/record-batch.ts';
import { createEncodedFramer } from '../../src/framing/encoded-lines.ts';
import type { Framer } from '../../src/framing/framer.ts';
import { frameLines, type LineResume } from '../../src/framing/newline.ts';

const { Truncated, Unterminated, Continuation, InvalidUtf8 } = RecordFlag;
const keys = new KeyTable();

interface Setup {
  readonly maxRecordBytes?: number;
  readonly maxRecords?: number;
  readonly isFinal?: boolean;
  readonly resume?: LineResume;
  readonly offset?: number;
}

type Frame = Framer<LineResume>;

function frame(framer: Frame, input: Uint8Array, setup: Setup = {}) {
  const { maxRecordBytes = 1000, maxRecords = 1000, isFinal = false, resume = 'line', offset = 0 } = setup;
  const batch = new RecordBatch(keys, 16);
  batch.appendText('odd');
  const start = batch.appendBytes(input, 0, input.length);
  const options = { resume, maxRecordBytes, maxRecords, isFinal, hasHoles: true, offset };
  const framed = framer(batch, start, batch.byteLength, options);
  const records = Array.from({ length: batch.count }, (_, record) => ({
    body: batch.text(batch.bodyStart[record]!, batch.bodyEnd[record]!),
    flags: batch.flags[record]!,
  }));
  return { ...framed, records };
}

/** Frames `input` in slices that grow by `cuts`, each starting at what is not consumed yet. */
function frameInSlices(framer: Frame, input: Uint8Array, cuts: readonly number[], setup: Setup) {
  const total = { records: [] as unknown[], consumed: 0, emptyLines: 0, oversizeRestBytes: 0, nulFillBytes: 0 };
  let resume: LineResume = 'line';
  for (let end = 0, i = 0; end < input.length || i === 0; i++) {
    end = Math.min(input.length, end + (cuts[i % cuts.length] ?? input.length));
    for (let isDone = false; !isDone; ) {
      const isFinal = setup.isFinal === true && end === input.length;
      const slice = input.subarray(total.consumed, end);
      const part = frame(framer, slice, { ...setup, resume, isFinal, offset: total.consumed });
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

function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

const encodings: { name: string; encode: (text: string) => Buffer }[] = [
  { name: 'utf-16le', encode: (text) => Buffer.from(text, 'utf16le') },
  { name: 'utf-16be', encode: utf16be },
];

for (const { name, encode } of encodings) {
  const framer = createEncodedFramer(name);

  test(`LIN-11 ${name}: only U+000A ends a line, and one CR before it is not body`, () => {
    const text = 'a\u0a0ab\u0a00\u000d\u2028c\r\n\u0d0a\r\r\n\n😀é\nrest';
    const { records, emptyLines, consumed } = frame(framer, encode(text));
    assert.deepEqual(
      records.map(({ body }) => body),
      ['a\u0a0ab\u0a00\u000d\u2028c', '\u0d0a\r', '😀é'],
    );
    assert.equal(emptyLines, 1);
    assert.equal(consumed, encode(text).length - 8);
  });

  test(`LIN-11 ${name}: half a unit waits, and is U+FFFD where nothing follows it`, () => {
    const input = encode('a\nbc');
    const half = input.subarray(0, -1);
    assert.equal(frame(framer, half).consumed, 4);
    const { records, consumed, resume } = frame(framer, half, { isFinal: true });
    assert.deepEqual(records, [
      { body: 'a', flags: 0 },
      { body: 'b\ufffd', flags: Unterminated | InvalidUtf8 },
    ]);
    assert.equal(consumed, 7);
    const rest = Buffer.concat([input.subarray(7), encode('d\n')]);
    assert.deepEqual(frame(framer, rest, { resume, offset: 7 }).records, [{ body: 'd', flags: Continuation }]);
  });

  test(`LIN-11 ${name}: a line that is too long is cut at a whole character`, () => {
    const { records, oversizeRestBytes } = frame(framer, encode('ab😀c\nnext\n'), { maxRecordBytes: 7 });
    assert.deepEqual(records, [
      { body: 'ab', flags: Truncated },
      { body: 'nex', flags: Truncated },
    ]);
    assert.equal(oversizeRestBytes, 6 + 4);
  });

  test(`LIN-11 ${name}: lone surrogates become U+FFFD, in that record alone`, () => {
    const { records } = frame(framer, encode('a\ud800b\nok\n'));
    assert.deepEqual(records, [
      { body: 'a\ufffdb', flags: InvalidUtf8 },
      { body: 'ok', flags: 0 },
    ]);
  });

  test(`LIN-11 ${name}: NULs where a line starts are passed over, a character that begins with one is not`, () => {
    const { records, nulFillBytes } = frame(framer, encode('a\n\0\0\0b\0c\n\u0100\n'));
    assert.deepEqual(
      records.map(({ body }) => body),
      ['a', 'b\0c', '\u0100'],
    );
    assert.equal(nulFillBytes, 6);
  });

  test(`LIN-11 ${name}: gives the records that frameLines() gives of the same text in UTF-8`, () => {
    const text = fc.string({
      unit: fc.constantFrom('\n', '\r', 'a', 'é', '\u0a0a', '😀', '\0', '\u0100'),
      maxLength: 30,
    });
    fc.assert(
      fc.property(text, fc.boolean(), (text, isFinal) => {
        const own = frame(framer, encode(text), { isFinal });
        const plain = frame(frameLines, Buffer.from(text), { isFinal });
        assert.deepEqual(own.records, plain.records);
        assert.deepEqual([own.emptyLines, own.resume], [plain.emptyLines, plain.resume]);
      }),
      { numRuns: 500 },
    );
  });
}

/** Bytes of which halves of line ends, surrogates and NULs are frequent. */
const bytes = fc
  .array(fc.constantFrom(0, 0, 0x0a, 0x0a, 0x0d, 0x61, 0xd8, 0xdc, 0x83, 0x5c), { maxLength: 50 })
  .map((bytes) => Uint8Array.from(bytes));

for (const name of ['utf-16le', 'utf-16be', 'shift_jis', 'gb18030', 'windows-1252']) {
  test(`LIN-03 LIN-11 ${name}: the same records, offsets and counts however the bytes arrive`, () => {
    const framer = createEncodedFramer(name);
    const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 });
    const limit = fc.integer({ min: 2, max: 9 });
    fc.assert(
      fc.property(bytes, cuts, limit, fc.boolean(), (input, cuts, maxRecordBytes, isFinal) => {
        const whole = frameInSlices(framer, input, [input.length], { maxRecordBytes, isFinal });
        assert.deepEqual(frameInSlices(framer, input, cuts, { maxRecordBytes, maxRecords: 2, isFinal }), whole);
        if (isFinal) assert.equal(whole.consumed, input.length);
      }),
      { numRuns: 400 },
    );
  });

  test(`LIN-11 ${name}: always gets on with a slice of the limit and four bytes`, () => {
    const framer = createEncodedFramer(name);
    fc.assert(
      fc.property(bytes, fc.integer({ min: 2, max: 9 }), (input, maxRecordBytes) => {
        const slice = input.subarray(0, maxRecordBytes + 4);
        const isNul = slice.every((byte) => byte === 0);
        if (slice.length < maxRecordBytes + 4 || isNul) return;
        assert.notEqual(frame(framer, slice, { maxRecordBytes }).consumed, 0);
      }),
    );
  });
}

for (const { name, bytes, text } of [
  // U+8868 is 0x955C: its second byte is a backslash.
  { name: 'shift_jis', bytes: [0x95, 0x5c, 0x0d, 0x0a, 0xb1, 0x0a], text: ['表', 'ｱ'] },
  { name: 'gbk', bytes: [0xd6, 0xd0, 0xce, 0xc4, 0x0a, 0x61, 0x0a], text: ['中文', 'a'] },
  { name: 'windows-1252', bytes: [0x80, 0xe9, 0x0a, 0x93, 0x0a], text: ['€é', '“'] },
]) {
  test(`LIN-11 ${name}: bodies are decoded`, () => {
    const { records, consumed } = frame(createEncodedFramer(name), Uint8Array.from(bytes));
    assert.deepEqual(
      records,
      text.map((body) => ({ body, flags: 0 })),
    );
    assert.equal(consumed, bytes.length);
  });
}
