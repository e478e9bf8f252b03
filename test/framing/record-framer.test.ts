import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecordFlag } from '../../src/core/record-batch.ts';
import { createCountJudge, createPatternJudge, type LinePatterns } from '../../src/framing/multiline/patterns.ts';
import { type FramedRecord, frameInput, framingOf, type Reading } from '../harness/framed.ts';

const { Truncated, Unterminated, Continuation, ParseFailed, InvalidUtf8 } = RecordFlag;

const patterns = (rules: LinePatterns) => ({ judge: createPatternJudge(rules) });
const START = patterns({ start: /^\d/ });

for (const { name, rules = START, input, reading, records, rest = 0, counts = {}, resume } of [
  {
    name: 'MUL-02 takes lines before the first start as records of their own, and counts them',
    input: ' a\n b\n1 c\n d\n',
    records: [[' a'], [' b'], ['1 c\n d']],
    counts: { ungroupedRecords: 2 },
    resume: 'line 0 0.2.1.0',
  },
  {
    name: 'takes a preamble into the record that it stands before, and only into that',
    input: 'T 1\nU 1\n a\nU 2\nT 3\nT 3\nU 3\n b\nT 4\n',
    rules: patterns({ preamble: /^T/, start: /^U/ }),
    records: [['T 1\nU 1\n a'], ['U 2'], ['T 3\nT 3\nU 3\n b']],
    reading: { end: 'more' },
    rest: 4,
  },
  {
    name: 'MUL-01 leaves an open group unread, from its first byte',
    input: '1 a\n b\n2 c\n d\n e',
    reading: { end: 'more' },
    records: [['1 a\n b']],
    rest: 9,
  },
  {
    name: 'MUL-03 takes an open group when nothing comes, and leaves the unfinished line behind it',
    input: '1 a\n b\n c',
    records: [['1 a\n b']],
    rest: 2,
    resume: 'line 0 0.2.1.0',
  },
  {
    name: 'MUL-03 marks more lines of a group that went out, as one record',
    input: ' c\n d\n2 e\n',
    reading: { resume: 'line 0 0.2.1.0', end: 'final' },
    records: [[' c\n d', Continuation], ['2 e']],
    resume: 'line 0 0.2.1.0',
  },
  {
    name: 'MUL-03 marks nothing when a new group follows the one that went out',
    input: '2 e\n3 f\n',
    reading: { resume: 'line 0 0.2.1.0', end: 'more' },
    records: [['2 e']],
    rest: 4,
  },
  {
    name: 'takes an unterminated tail into its group when it is final, and its remainder as a continuation',
    input: '1 a\n b',
    reading: { end: 'final' },
    records: [['1 a\n b', Unterminated]],
    resume: 'continuation 0 0.2.1.0',
  },
  {
    name: 'takes the remainder of a line without judging it',
    input: '2\n c\n3\n',
    reading: { resume: 'continuation 0 0.2.1.0', end: 'more' },
    records: [['2\n c', Continuation]],
    rest: 2,
  },
  {
    name: 'LIN-05 keeps empty lines and lines of blanks inside a group, and drops them outside',
    input: '\n1 a\n\n  \n b\n2\n',
    reading: { end: 'more' },
    records: [['1 a\n\n  \n b']],
    counts: { emptyLines: 1 },
    rest: 2,
  },
  {
    name: 'keeps CRs inside a group, and takes the last one off',
    input: '1 a\r\n b\r\n2\r\n',
    reading: { end: 'more' },
    records: [['1 a\r\n b']],
    rest: 3,
  },
  {
    name: 'MUL-07 cuts a group over the size limit, and passes over its rest up to the next start',
    input: '1 a\n bcd\n e\n f\n2 g\n h\n',
    reading: { maxRecordBytes: 6, end: 'quiet' },
    records: [['1 a\n b', Truncated], ['2 g\n h']],
    counts: { oversizeRestBytes: 3 + 3 + 3 },
    resume: 'line 0 0.2.1.0',
  },
  {
    name: 'MUL-07 cuts a group that ends in the middle of its rest, and goes on passing over it',
    input: '1 a\n bcdefghijkl',
    reading: { maxRecordBytes: 6, end: 'more' },
    records: [['1 a\n b', Truncated]],
    counts: { oversizeRestBytes: 10 },
    resume: 'oversize_rest 0 0.1.1.0',
  },
  {
    name: 'MUL-07 goes on behind the rest of a cut line with the rest of its group',
    input: 'klm\n no\n2 p\n3\n',
    reading: { resume: 'oversize_rest 0 0.1.1.0', end: 'more' },
    records: [['2 p']],
    counts: { oversizeRestBytes: 8 },
    rest: 2,
  },
  {
    name: 'MUL-07 cuts a group over the line limit',
    rules: { ...START, maxLines: 2 },
    input: '1 a\n b\n c\n d\n2 e\n',
    records: [['1 a\n b', Truncated], ['2 e']],
    counts: { oversizeRestBytes: 6 },
    resume: 'line 0 0.2.1.0',
  },
  {
    name: 'MUL-07 cuts at a whole character',
    input: '1\n€\n2\n',
    reading: { maxRecordBytes: 4, end: 'more' },
    records: [['1\n', Truncated]],
    counts: { oversizeRestBytes: 4 },
    rest: 2,
    resume: 'line 0 0.1.1.0',
  },
  {
    name: 'ends a group with the line that matches its end, and takes lines between groups alone',
    rules: patterns({ start: /^BEGIN/, end: /^END/ }),
    input: 'x\nBEGIN\na\nEND\ny\nBEGIN END\nBEGIN\nb\n',
    reading: { end: 'more' },
    records: [['x'], ['BEGIN\na\nEND'], ['y'], ['BEGIN END']],
    counts: { ungroupedRecords: 2 },
    rest: 8,
  },
  {
    name: 'takes lines up to one that matches the end',
    rules: patterns({ end: /;$/ }),
    input: 'select a\nfrom b;\nselect c;\nselect\n',
    reading: { end: 'more' },
    records: [['select a\nfrom b;'], ['select c;']],
    rest: 7,
  },
  {
    name: 'adds lines that match the continuation to the one before them',
    rules: patterns({ continuation: /^\s/ }),
    input: 'a\n b\n\tc\nd\ne\n',
    reading: { end: 'more' },
    records: [['a\n b\n\tc'], ['d']],
    rest: 2,
  },
  {
    name: 'takes so many lines together',
    rules: { judge: createCountJudge(2) },
    input: 'a\nb\nc\nd\ne\n',
    reading: { end: 'more' },
    records: [['a\nb'], ['c\nd']],
    rest: 2,
  },
  {
    name: 'CPT-06 passes over NULs where a line starts, also inside a group',
    input: '\0\x001 a\n\0\0\0 b\n\x002 \0c\n3\n',
    reading: { end: 'more' },
    records: [['1 a\n b'], ['2 \0c']],
    counts: { nulFillBytes: 6 },
    rest: 2,
  },
  {
    name: 'replaces what is not UTF-8 in a group',
    input: Buffer.from([0x31, 0x0a, 0x20, 0xff, 0x0a, 0x32, 0x0a]),
    reading: { end: 'more' },
    records: [['1\n \ufffd', InvalidUtf8]],
    rest: 2,
  },
] as {
  name: string;
  rules?: Parameters<typeof framingOf>[1];
  input: string | Buffer;
  reading?: Reading;
  records: [string, number?][];
  rest?: number;
  counts?: Record<string, number>;
  resume?: string;
}[]) {
  test(`RecordFramer ${name}`, () => {
    const maxRecordBytes = reading?.maxRecordBytes ?? 1000;
    for (const cuts of [[], [1], [3, 2]]) {
      const options = { ...reading, cuts, maxRecordBytes };
      assert.deepEqual(frameInput(framingOf('plain', rules, maxRecordBytes), input, options), {
        records: records.map(([body, flags]) => (flags === undefined ? { body } : { body, flags })),
        consumed: Buffer.byteLength(input) - rest,
        resume: resume ?? 'line',
        counts: {
          emptyLines: 0,
          oversizeRestBytes: 0,
          nulFillBytes: 0,
          ungroupedRecords: 0,
          failedRecords: 0,
          ...counts,
        },
      });
    }
  });
}

// --- containers ------------------------------------------------------------------------------------------------------

const T = '2026-01-02T03:04:05.';
const NS = 1_767_323_045_000_000_000n;
const out = (body: string, time: bigint, flags?: number) => record('stdout', body, time, flags);
const err = (body: string, time: bigint, flags?: number) => record('stderr', body, time, flags);

function record(stream: string, body: string, time: bigint, flags?: number): FramedRecord {
  return { body, ...(flags === undefined ? {} : { flags }), stream, time: NS + time };
}

for (const { name, rules, input, reading, records, rest = 0, counts = {}, resume } of [
  {
    name: 'CRI-01 joins parts without a separator and takes the time of the first',
    input: [`${T}1Z stdout P ab`, `${T}2Z stdout P cd `, `${T}3Z stdout F e`, `${T}4Z stderr F x`],
    records: [out('abcd e', 100_000_000n), err('x', 400_000_000n)],
  },
  {
    name: 'CRI-02 joins the parts of each stream, and mixes none',
    input: [`${T}1Z stdout P a`, `${T}2Z stderr P x`, `${T}3Z stdout F b`, `${T}4Z stderr F y`],
    records: [out('ab', 100_000_000n), err('xy', 200_000_000n)],
  },
  {
    name: 'CRI-01 leaves open parts unread also when nothing comes, and goes on with the other stream',
    input: [`${T}1Z stdout P a`, `${T}2Z stderr F x`, `${T}2Z stderr F y`],
    records: [err('x', 200_000_000n), err('y', 200_000_000n)],
    rest: 3 * 34,
    resume: 'line 0 0.0.0.0 0.0.0.102 0.0.0.102 0.0.0.102',
  },
  {
    name: 'CRI-04 takes parts whose end never comes when the file is finished',
    input: [`${T}1Z stdout P a`, `${T}2Z stdout P b`],
    reading: { end: 'final' },
    records: [out('ab', 100_000_000n, Unterminated)],
    resume: 'line 0 2.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0',
  },
  {
    name: 'CRI-04 marks the parts that come after all',
    input: [`${T}1Z stdout P c`, `${T}2Z stdout F d`, `${T}2Z stdout F e`],
    reading: { resume: 'line 0 2.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0' },
    records: [out('cd', 100_000_000n, Continuation), out('e', 200_000_000n)],
  },
  {
    name: 'CRI-05 cuts parts beyond the limit once, and passes over the others up to the last one',
    input: ['P abc', 'P def', 'P ghi', 'F j', 'F k'].map((text) => `${T}1Z stdout ${text}`),
    reading: { maxRecordBytes: 4 },
    records: [out('abcd', 100_000_000n, Truncated), out('k', 100_000_000n)],
    counts: { oversizeRestBytes: 2 + 36 + 34 },
  },
  {
    name: 'CRI-05 cuts a line that is too long alone',
    input: [`${T}1Z stdout F abcdef`],
    reading: { maxRecordBytes: 4 },
    records: [out('abcd', 100_000_000n, Truncated)],
    counts: { oversizeRestBytes: 2 },
  },
  {
    name: 'takes an F without text as the end of parts, and drops it alone',
    input: [`${T}1Z stdout P a`, `${T}1Z stdout F `, `${T}1Z stdout F `, `${T}1Z stdout F`],
    records: [out('a', 100_000_000n)],
    counts: { emptyLines: 2 },
  },
  {
    name: 'takes tags behind the first as they come',
    input: [`${T}1Z stdout P:TAG1:TAG2 a`, `${T}1Z stdout F:T b`],
    records: [out('ab', 100_000_000n)],
  },
  {
    name: 'CRI-09 reads nine digits, offsets and leap seconds, and marks a time that is none',
    input: [
      `${T}123456789Z stdout F a`,
      '2026-01-02T05:04:05.123456789+02:00 stdout F b',
      '2026-01-02T03:03:60Z stdout F c',
      '2026-13-02T03:04:05Z stdout F d',
      'yesterday stdout F e',
      '2026-01-02T03:04:05 stdout F f',
    ],
    records: [
      out('a', 123_456_789n),
      out('b', 123_456_789n),
      out('c', -5_000_000_000n),
      ...['d', 'e', 'f'].map((body) => ({ body, flags: ParseFailed, stream: 'stdout' })),
    ],
    counts: { failedRecords: 3 },
  },
  {
    name: 'takes lines of another form raw, and marks them',
    input: ['half a line', `${T}1Z stdin F x`, `${T}1Z stdout X y`, `${T}1Z stdout Fz`, '', `${T}1Z stdout F ok`],
    records: [
      ...['half a line', `${T}1Z stdin F x`, `${T}1Z stdout X y`, `${T}1Z stdout Fz`].map((body) => ({
        body,
        flags: ParseFailed,
      })),
      out('ok', 100_000_000n),
    ],
    counts: { failedRecords: 4, emptyLines: 1 },
  },
  {
    name: 'MUL-01 CRI-02 groups the lines of each stream, and leaves both open',
    rules: START,
    input: ['stdout F 1', 'stderr F 1', 'stdout F  a', 'stderr F  x', 'stdout F 2', 'stderr F  y'].map(
      (text) => `${T}1Z ${text}`,
    ),
    reading: { end: 'more' },
    records: [out('1\n a', 100_000_000n)],
    rest: 34 + 35 + 35 + 34 + 35,
    resume: `line 0 0.0.0.${34 + 35 + 35} 0.0.0.0 0.0.0.173 0.0.0.173`,
  },
  {
    name: 'MUL-03 ends a group when another stream was written much later',
    rules: START,
    input: [
      '2026-01-02T03:04:05Z stderr F 1',
      '2026-01-02T03:04:05Z stderr F  x',
      '2026-01-02T03:04:06Z stdout F 1',
      '2026-01-02T03:04:06Z stderr F  y',
    ],
    reading: { end: 'more' },
    records: [err('1\n x', 0n)],
    rest: 65,
    resume: 'line 0 0.0.0.0 0.2.1.32 0.0.0.65 0.0.0.65',
  },
  {
    name: 'takes the parts of a split character together',
    input: Buffer.concat([
      Buffer.from(`${T}1Z stdout P a`),
      Buffer.of(0xe2, 0x82, 0x0a),
      Buffer.from(`${T}1Z stdout F `),
      Buffer.of(0xac, 0x0a),
    ]),
    records: [out('a€', 100_000_000n)],
  },
] as ContainerCase[]) {
  test(`${name}, RecordFramer of CRI`, () =>
    checkContainer('cri', { rules, input, reading, records, rest, counts, resume }));
}

interface ContainerCase {
  readonly name?: string;
  readonly rules?: Parameters<typeof framingOf>[1];
  readonly input: string[] | Buffer;
  readonly reading?: Reading | undefined;
  readonly records: readonly FramedRecord[];
  readonly rest?: number;
  readonly counts?: Record<string, number>;
  readonly resume?: string | undefined;
}

function checkContainer(format: 'cri' | 'docker_json', wanted: ContainerCase): void {
  const { rules, reading, records, rest = 0, counts, resume } = wanted;
  const bytes = Buffer.isBuffer(wanted.input)
    ? wanted.input
    : Buffer.from(wanted.input.map((line) => `${line}\n`).join(''));
  const maxRecordBytes = reading?.maxRecordBytes ?? 1000;
  for (const cuts of [[], [1], [17, 40]]) {
    assert.deepEqual(
      frameInput(framingOf(format, rules, maxRecordBytes), bytes, { ...reading, cuts, maxRecordBytes }),
      {
        records,
        consumed: bytes.length - rest,
        resume: resume ?? 'line',
        counts: {
          emptyLines: 0,
          oversizeRestBytes: 0,
          nulFillBytes: 0,
          ungroupedRecords: 0,
          failedRecords: 0,
          ...counts,
        },
      },
    );
  }
}

const time = `"time":"${T}1Z"`;

for (const { name, ...wanted } of [
  {
    name: 'joins what is split at 16 KiB, and decodes escapes',
    input: [
      `{"log":"ab","stream":"stdout",${time}}`,
      `{"log":"c\\"\\u20ac\\ud83d\\ude00\\u0000d\\n","stream":"stdout",${time}}`,
      `{"log":"plain\\n","stream":"stderr","attrs":{"tag":"x"},${time}}`,
    ],
    records: [out('abc"€😀\0d', 100_000_000n), err('plain', 100_000_000n)],
  },
  {
    name: 'takes one CR off, and an escaped backslash before n as text',
    input: [`{"log":"a\\r\\n","stream":"stdout",${time}}`, `{"log":"b\\\\n","stream":"stdout",${time}}`],
    reading: { end: 'final' },
    records: [out('a', 100_000_000n), out('b\\n', 100_000_000n, Unterminated)],
    resume: 'line 0 2.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0',
  },
  {
    name: 'replaces lone surrogates',
    input: [`{"log":"a\\ud83db\\udc00\\n","stream":"stdout",${time}}`],
    records: [out('a\ufffdb\ufffd', 100_000_000n)],
  },
  {
    name: 'takes half a line and what is glued to it raw, and the next line clean',
    input: [
      `{"log":"half{"log":"whole\\n","stream":"stdout",${time}}`,
      `{"log":"bad \\x escape\\n","stream":"stdout",${time}}`,
      `{"stream":"stdout",${time}}`,
      '{"log":7}',
      `{"log":"a\\n","stream":"stdout",${time}} x`,
      `{"log":"ok\\n","stream":"stdout",${time}}`,
    ],
    records: [
      `{"log":"half{"log":"whole\\n","stream":"stdout",${time}}`,
      `{"log":"bad \\x escape\\n","stream":"stdout",${time}}`,
      `{"stream":"stdout",${time}}`,
      '{"log":7}',
      `{"log":"a\\n","stream":"stdout",${time}} x`,
    ]
      .map((body): FramedRecord => ({ body, flags: ParseFailed }))
      .concat([out('ok', 100_000_000n)]),
    counts: { failedRecords: 5 },
  },
  {
    name: 'takes a line without a time, and one of another stream',
    input: ['{"log":"a\\n","stream":"stdout"}', `{"log":"b\\n","stream":"stdin",${time}}`, '{"log":"c\\n"}'],
    records: [{ body: 'a', stream: 'stdout' }, { body: 'b', time: NS + 100_000_000n }, { body: 'c' }],
  },
  {
    name: 'takes keys in any order, and blanks between them',
    input: [` { ${time} , "stream" : "stderr" , "log" : "a\\n" } `],
    records: [err('a', 100_000_000n)],
  },
] as ContainerCase[]) {
  test(`CRI-07 RecordFramer of docker_json ${name}`, () => checkContainer('docker_json', wanted));
}

test('RecordFramer bounds how far an open record reaches: the rest of it is a continuation', () => {
  const line = `${T}1Z stderr F ${'x'.repeat(1000)}\n`;
  const input = `${T}1Z stdout P open\n${line.repeat(300)}${T}1Z stdout F end\n${T}1Z stdout F next\n`;
  for (const cuts of [[], [100_000], [4096]]) {
    const { records, consumed } = frameInput(framingOf('cri', undefined, 4096), input, { cuts, maxRecordBytes: 4096 });
    assert.equal(consumed, input.length);
    assert.equal(records.length, 303);
    const stdout = records.filter(({ stream }) => stream === 'stdout');
    assert.deepEqual(stdout, [
      out('open', 100_000_000n, Unterminated),
      out('end', 100_000_000n, Continuation),
      out('next', 100_000_000n),
    ]);
  }
});

test('RecordFramer passes over a line of a container that never ends', () => {
  const input = `${T}1Z stdout P ${'a'.repeat(700_000)}\n${T}1Z stdout F b\n${T}1Z stderr F ok\n`;
  for (const cuts of [[], [100_000], [65_536, 1]]) {
    const { records, consumed, counts } = frameInput(framingOf('cri', undefined, 100), input, {
      cuts,
      maxRecordBytes: 100,
    });
    assert.deepEqual(records, [out('a'.repeat(100), 100_000_000n, Truncated), err('ok', 100_000_000n)]);
    assert.equal(consumed, input.length);
    assert.equal(counts.oversizeRestBytes, 700_000 - 100 + 1 + 34);
  }
});

// --- properties ------------------------------------------------------------------------------------------------------

/** Lines of two streams: most of them whole, many of them parts, some of them broken. */
const containerLine = fc.record({
  stream: fc.constantFrom('stdout', 'stderr', 'stderr'),
  tag: fc.constantFrom('F', 'F', 'P'),
  text: fc.constantFrom('', '1', '2a', ' b', ' ccccccc', 'é', '  ', '\r'),
  isBroken: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});

type Line = typeof containerLine extends fc.Arbitrary<infer Value> ? Value : never;

const cuts = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 4 });

function toCri(lines: readonly Line[]): string {
  return lines
    .map(({ stream, tag, text, isBroken }) => (isBroken ? `broken ${text}\n` : `${T}1Z ${stream} ${tag} ${text}\n`))
    .join('');
}

/** What the application wrote, as the lines of each stream and those that nobody can read. */
function model(lines: readonly Line[]): Map<string, string[]> {
  const open = new Map<string, string>();
  const written = new Map<string, string[]>([
    ['stdout', []],
    ['stderr', []],
    ['broken', []],
  ]);
  for (const { stream, tag, text, isBroken } of lines) {
    if (isBroken) {
      written.get('broken')!.push(`broken ${text}`.replace(/\r$/, ''));
      continue;
    }
    const whole = (open.get(stream) ?? '') + text;
    if (tag === 'P') open.set(stream, whole);
    else written.get(stream)!.push(whole.replace(/\r$/, ''));
    if (tag === 'F') open.delete(stream);
  }
  return written;
}

test('CRI-01 CRI-02 CRI-06 RecordFramer gives what the application wrote, however the bytes arrive', () => {
  fc.assert(
    fc.property(
      fc.array(containerLine, { maxLength: 25 }),
      cuts,
      fc.integer({ min: 1, max: 4 }),
      (lines, cuts, maxRecords) => {
        const { records, counts } = frameInput(framingOf('cri'), toCri(lines), { cuts, maxRecords });
        for (const [stream, written] of model(lines)) {
          const bodies = records.filter((record) => (record.stream ?? 'broken') === stream).map(({ body }) => body);
          assert.deepEqual(
            bodies,
            written.filter((line) => line !== ''),
            stream,
          );
        }
        const emptyLines = [...model(lines).values()].flat().filter((line) => line === '').length;
        assert.equal(counts.emptyLines, emptyLines);
      },
    ),
    { numRuns: 400 },
  );
});

test('MUL-01 CRI-02 MUL-07 RecordFramer groups and cuts alike however the bytes arrive', () => {
  const rules = [
    START,
    'java',
    'python',
    patterns({ end: /a$/ }),
    { judge: createCountJudge(3) },
    { ...START, maxLines: 2 },
  ] as const;
  fc.assert(
    fc.property(
      fc.array(containerLine, { maxLength: 25 }),
      cuts,
      fc.constantFrom(...rules),
      fc.constantFrom(4, 10, 1000),
      fc.constantFrom('more', 'quiet', 'final' as const),
      fc.constantFrom('plain', 'cri' as const),
      (lines, cuts, rules, maxRecordBytes, end, format) => {
        const framing = framingOf(format, rules, maxRecordBytes);
        const input = format === 'cri' ? toCri(lines) : lines.map(({ text }) => `${text}\n`).join('');
        const options = { maxRecordBytes, end } as const;
        const read = (cuts?: number[]) => {
          const { records, consumed, resume, counts } = frameInput(
            framing,
            input,
            cuts ? { ...options, cuts } : options,
          );
          // Bytes that are passed over behind an open record are counted when it ends: when, depends on the cuts.
          const [word, uncounted = 0, ...others] = resume.split(' ');
          const streams = others.filter((stream) => stream !== '0.0.0.0');
          const restBytes = counts.oversizeRestBytes + Number(uncounted);
          return { records, consumed, word, streams, counts: { ...counts, oversizeRestBytes: restBytes } };
        };
        assert.deepEqual(read(cuts), read());
      },
    ),
    { numRuns: 600 },
  );
});

test('RecordFramer takes any bytes, and any word to resume with', () => {
  const bytes = fc
    .array(fc.constantFrom(0x0a, 0x0a, 0x0d, 0x20, 0x31, 0x7b, 0x22, 0x5c, 0xe2, 0x82, 0xac, 0xff, 0), {
      maxLength: 60,
    })
    .map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(
      bytes,
      cuts,
      fc.constantFrom('plain', 'cri', 'docker_json' as const),
      fc.constantFrom('line', 'oversize_rest', 'continuation', 'nonsense', 'line 5 1.1.3.20 2.2.9.7 0.1.4.0 0.0.0.0'),
      (input, cuts, format, resume) => {
        const framing = framingOf(format, START, 8);
        const framed = frameInput(framing, input, { cuts, resume, maxRecordBytes: 8, end: 'final' });
        assert.equal(framed.consumed, input.length);
      },
    ),
    { numRuns: 500 },
  );
});
