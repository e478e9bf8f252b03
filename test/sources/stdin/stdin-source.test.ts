import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { SystemClock } from '../../../src/core/clock.ts';
import { messageOf } from '../../../src/core/errors.ts';
import { FakeClock } from '../../../src/core/fake-clock.ts';
import { RecordFlag } from '../../../src/core/record-batch.ts';
import { Resource } from '../../../src/core/resource.ts';
import { frameLines } from '../../../src/framing/newline.ts';
import { StdinSource } from '../../../src/sources/stdin/stdin-source.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { batchOf, plainRecord } from '../../harness/batch.ts';
import { sourceLedger } from '../../harness/ledger.ts';
import { MemoryOutput } from '../../harness/memory-output.ts';

const STREAM = { id: 'stdin', name: 'stdin', resource: new Resource() };

function setUp(input: Readable, { maxRecordBytes = 1024, output = new MemoryOutput() } = {}) {
  const clock = new FakeClock();
  const metrics = new Metrics();
  const drain = new AbortController();
  const stop = new AbortController();
  const account = sourceLedger('in', metrics).account('stdin');
  const source = new StdinSource({ input, stream: STREAM, maxRecordBytes, clock, account });
  const run = (): Promise<void> => source.run(output, { drain: drain.signal, stop: stop.signal });
  return { clock, metrics, drain, stop, output, run };
}

function chunksOf(...texts: readonly (string | Uint8Array)[]): Readable {
  return Readable.from(
    texts.map((text) => Buffer.from(text)),
    { objectMode: false },
  );
}

async function recordsOf(input: Readable, maxRecordBytes?: number) {
  const { output, metrics, run } = setUp(input, { maxRecordBytes: maxRecordBytes ?? 1024 });
  await run();
  return { records: output.records.map(({ body, flags }) => ({ body, flags })), metrics };
}

for (const { name, input, expected } of [
  {
    name: 'reads lines',
    input: 'one\ntwo\n',
    expected: [
      { body: 'one', flags: 0 },
      { body: 'two', flags: 0 },
    ],
  },
  {
    name: 'reads CRLF lines',
    input: 'one\r\ntwo\r\n',
    expected: [
      { body: 'one', flags: 0 },
      { body: 'two', flags: 0 },
    ],
  },
  {
    name: 'takes a last line without an end',
    input: 'one',
    expected: [{ body: 'one', flags: RecordFlag.Unterminated }],
  },
  { name: 'leaves empty lines out', input: '\n\r\none\n\n', expected: [{ body: 'one', flags: 0 }] },
  { name: 'ends at once on an empty input', input: '', expected: [] },
  {
    name: 'replaces what is not UTF-8, and marks it',
    input: Buffer.from('61ff62c30a', 'hex'),
    expected: [{ body: 'a\ufffdb\ufffd', flags: RecordFlag.InvalidUtf8 }],
  },
  { name: 'keeps U+FFFD of the input unmarked', input: '\ufffd\n', expected: [{ body: '\ufffd', flags: 0 }] },
  {
    name: 'cuts a line that is too long at a whole character',
    input: 'abcd\u00e9fgh\nnext\r\n',
    expected: [
      { body: 'abcd', flags: RecordFlag.Truncated },
      { body: 'next', flags: 0 },
    ],
  },
  { name: 'cuts no line for its CRLF', input: '12345\r\n', expected: [{ body: '12345', flags: 0 }] },
]) {
  test(`StdinSource ${name}`, async () => {
    const { records } = await recordsOf(chunksOf(input), 5);
    assert.deepEqual(records, expected);
  });
}

test('StdinSource gives the records that framing the whole input gives, however the bytes arrive', async () => {
  const byte = fc.oneof(fc.constantFrom(0x0a, 0x0d, 0x61, 0xc3, 0xa9, 0xff), fc.nat({ max: 255 }));
  const chunks = fc.array(
    fc.array(byte, { minLength: 1, maxLength: 20 }).map((bytes) => Uint8Array.from(bytes)),
    { maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(chunks, async (chunks) => {
      const whole = batchOf([]);
      const bytes = Buffer.concat(chunks);
      whole.appendBytes(bytes, 0, bytes.length);
      const options = {
        resume: 'line',
        maxRecordBytes: 6,
        maxRecords: Number.POSITIVE_INFINITY,
        isFinal: true,
        hasHoles: false,
        offset: 0,
      } as const;
      const { emptyLines, oversizeRestBytes } = frameLines(whole, 0, bytes.length, options);
      const expected = Array.from({ length: whole.count }, (_, record) => {
        const { body, flags } = plainRecord(whole, record);
        return { body, flags };
      });
      const { records, metrics } = await recordsOf(chunksOf(...chunks), 6);
      assert.deepEqual(records, expected);
      assert.equal(metrics.sum('pillion_dropped_records_total', { source: 'in', reason: 'empty_line' }), emptyLines);
      assert.equal(metrics.sum('pillion_source_skipped_bytes_total', { source: 'in' }), oversizeRestBytes);
      const accounted = metrics.sum('pillion_source_read_bytes_total') + oversizeRestBytes;
      assert.equal(accounted, bytes.length);
    }),
    { numRuns: 300 },
  );
});

test('StdinSource sends what it has a few milliseconds after the first line', async () => {
  const input = new PassThrough();
  const { clock, output, run } = setUp(input);
  const done = run();
  input.write('one\ntwo\nthr');
  await clock.untilSleeping();
  assert.deepEqual(output.bodies, []);
  await clock.advance(5);
  assert.deepEqual(output.bodies, ['one', 'two']);
  input.end('ee\n');
  await done;
  assert.deepEqual(output.bodies, ['one', 'two', 'three']);
});

test('StdinSource does not wait longer because more lines come', async () => {
  const input = new PassThrough();
  const { clock, output, run } = setUp(input);
  const done = run();
  for (const line of ['one', 'two', 'three']) {
    input.write(`${line}\n`);
    await clock.untilSleeping();
    await clock.advance(2);
  }
  await output.until(({ records }) => records.length > 0);
  input.end();
  await done;
  assert.equal(output.batchSizes.length, 1);
});

test('StdinSource sends a batch that is full without waiting', async () => {
  const input = new PassThrough({ highWaterMark: 1 << 20 });
  const { output, run } = setUp(input);
  const done = run();
  input.write('a line\n'.repeat(3000));
  await output.until(({ records }) => records.length >= 2048);
  input.end();
  await done;
  assert.deepEqual(output.batchSizes, [1024, 1024, 952]);
});

test('StdinSource stops reading while all batches are out', async () => {
  let produced = 0;
  const input = new Readable({
    read() {
      produced += 64 * 1024;
      this.push(produced > 64 * 1024 * 1024 ? null : Buffer.from(`${'x'.repeat(1023)}\n`.repeat(64)));
    },
  });
  const output = new MemoryOutput(2);
  output.isHeld = true;
  const { stop, run } = setUp(input, { output, maxRecordBytes: 4096 });
  const done = run();
  await output.until(({ waiting }) => waiting > 0);
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
  assert.ok(produced <= 2 * 1024 * 1024, `${produced} bytes were read`);
  stop.abort();
  await done;
});

test('StdinSource keeps the start of a line without an end, and little memory', async () => {
  const block = Buffer.alloc(1024 * 1024, 'x');
  let blocks = 0;
  const input = new Readable({
    read() {
      this.push(blocks++ < 256 ? block : null);
    },
  });
  const before = process.memoryUsage().rss;
  const { records, metrics } = await recordsOf(input, 100_000);
  assert.deepEqual(records, [{ body: 'x'.repeat(100_000), flags: RecordFlag.Truncated }]);
  assert.equal(metrics.sum('pillion_source_skipped_bytes_total'), 256 * 1024 * 1024 - 100_000);
  assert.ok(process.memoryUsage().rss - before < 128 * 1024 * 1024);
});

test('StdinSource takes what has come when it is drained, and nothing later', async () => {
  const input = new PassThrough();
  const { clock, output, drain, run } = setUp(input);
  const done = run();
  input.write('one\ntw');
  drain.abort();
  input.write('o\nthree');
  while (output.records.length < 3) {
    await clock.untilSleeping();
    await clock.advance(5);
  }
  await done;
  input.write('late\n');
  assert.deepEqual(
    output.records.map(({ body, flags }) => [body, flags]),
    [
      ['one', 0],
      ['two', 0],
      ['three', RecordFlag.Unterminated],
    ],
  );
});

test('StdinSource ends a drain although the writer never stops', async () => {
  const input = new Readable({ read: () => input.push(Buffer.from('y\n'.repeat(1000))) });
  const { output, drain, run } = setUp(input);
  const done = run();
  await output.until(({ records }) => records.length > 0);
  drain.abort();
  await done;
  input.destroy();
});

test('StdinSource ends a drain although a slow writer goes on', async () => {
  const input = new PassThrough();
  const { clock, drain, run } = setUp(input);
  let isDone = false;
  const done = run().then(() => {
    isDone = true;
  });
  drain.abort();
  let lines = 0;
  while (!isDone && lines < 100) {
    input.write(`${lines++}\n`);
    await new Promise(setImmediate);
    await clock.advance(3);
  }
  await done;
  assert.ok(lines < 100);
});

test('StdinSource ends a drain of an input that is silent', async () => {
  const { clock, drain, output, run } = setUp(new PassThrough());
  const done = run();
  drain.abort();
  await clock.untilSleeping();
  await clock.advance(20);
  await done;
  assert.deepEqual(output.records, []);
});

test('StdinSource leaves at once when it is stopped, also while it waits for a batch', async () => {
  const output = new MemoryOutput(0);
  const { stop, run } = setUp(new PassThrough().end('one\n'), { output });
  const done = run();
  await output.until(({ waiting }) => waiting > 0);
  stop.abort();
  await done;
  assert.deepEqual(output.records, []);
});

test('StdinSource sends what came before the input failed, and rejects', async () => {
  const input = new PassThrough();
  const { output, run } = setUp(input);
  const done = run();
  input.write('one\n');
  await new Promise(setImmediate);
  input.destroy(new Error('is a directory'));
  await assert.rejects(done, (error) => messageOf(error) === 'Cannot read standard input: is a directory');
  assert.deepEqual(output.bodies, ['one']);
});

test('StdinSource ends when the input had ended, or was closed, before', async () => {
  for (const input of [new PassThrough().end(), new PassThrough()]) {
    input.resume().destroy();
    await new Promise(setImmediate);
    const { output, run } = setUp(input);
    await run();
    assert.deepEqual(output.records, []);
  }
});

test('StdinSource gives a batch back that got only empty lines', async () => {
  const { output, metrics, run } = setUp(chunksOf('\n\n\n'));
  await run();
  assert.equal(output.freeBatches, 2);
  assert.equal(metrics.sum('pillion_source_records_total'), 3);
  assert.equal(metrics.sum('pillion_dropped_records_total'), 3);
});

test('StdinSource leaves nothing on the input but an ear for late errors', async () => {
  const input = new PassThrough();
  const { clock, drain, run } = setUp(input);
  const before = input.eventNames();
  const done = run();
  drain.abort();
  await clock.untilSleeping();
  await clock.advance(20);
  await done;
  const added = input.eventNames().filter((name) => !before.includes(name));
  assert.deepEqual(added, ['error']);
  input.destroy(new Error('too late'));
  await new Promise(setImmediate);
});

test('StdinSource reads a real pipe', async () => {
  const writer = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] });
  const output = new MemoryOutput();
  const metrics = new Metrics();
  const source = new StdinSource({
    input: writer.stdout,
    stream: STREAM,
    maxRecordBytes: 1024,
    clock: new SystemClock(),
    account: sourceLedger('in', metrics).account('stdin'),
  });
  const { signal } = new AbortController();
  const done = source.run(output, { drain: signal, stop: signal });
  writer.stdin.write('first\n');
  await output.until(({ records }) => records.length === 1);
  const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i}`);
  writer.stdin.end(lines.map((line) => `${line}\n`).join(''));
  await done;
  assert.deepEqual(output.bodies, ['first', ...lines]);
  assert.equal(metrics.sum('pillion_source_records_total', { source: 'in' }), 20_001);
  assert.ok(output.streams.every((stream) => stream === STREAM));
});
