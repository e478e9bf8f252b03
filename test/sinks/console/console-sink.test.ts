import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { test } from 'node:test';
import { CountedLease, type Outcome } from '../../../src/core/lease.ts';
import type { RecordBatch } from '../../../src/core/record-batch.ts';
import { ConsoleSink } from '../../../src/sinks/console/console-sink.ts';
import { Counter } from '../../../src/telemetry/metrics.ts';
import { batchOf } from '../../harness/batch.ts';
import { RecordingStream } from '../../harness/recording-stream.ts';

/** A body a line. */
const format = {
  render(batch: RecordBatch): string {
    let text = '';
    for (let record = 0; record < batch.count; record++) {
      if (batch.isLive(record)) text += `${batch.text(batch.bodyStart[record]!, batch.bodyEnd[record]!)}\n`;
    }
    return text;
  },
};

function setUp(stream: Writable) {
  const delivered = new Counter();
  const abandoned = new Counter();
  const closed: Error[] = [];
  const outcomes: Outcome[] = [];
  const sink = new ConsoleSink({ stream, format, delivered, abandoned, onClosed: (error) => closed.push(error) });
  const write = (...bodies: string[]): boolean =>
    sink.write(batchOf(bodies), new CountedLease((outcome) => outcomes.push(outcome)));
  return { sink, delivered, abandoned, closed, outcomes, write };
}

const never = new AbortController().signal;

test('ConsoleSink writes records and settles when the stream has them', async () => {
  const stream = new RecordingStream({ isHeld: true });
  const { sink, delivered, outcomes, write } = setUp(stream);
  assert.equal(write('one', 'two'), true);
  assert.equal(stream.text, 'one\ntwo\n');
  await new Promise(setImmediate);
  assert.deepEqual(outcomes, []);
  stream.answer();
  await sink.flush(never);
  assert.deepEqual(outcomes, ['delivered']);
  assert.equal(delivered.value, 2);
});

test('ConsoleSink settles a batch of which nothing is left as dropped', () => {
  const stream = new RecordingStream();
  const { sink } = setUp(stream);
  const outcomes: Outcome[] = [];
  const batch = batchOf(['one']);
  batch.drop(0);
  assert.equal(sink.write(batch, new CountedLease((outcome) => outcomes.push(outcome))), true);
  assert.deepEqual(outcomes, ['dropped']);
  assert.equal(stream.text, '');
});

test('ConsoleSink takes nothing while the stream is full, and again when it has drained', async () => {
  const stream = new RecordingStream({ highWaterMark: 4, isHeld: true });
  const { sink, outcomes, write } = setUp(stream);
  assert.equal(write('a long line'), true);
  assert.equal(write('refused'), false);
  let isReady = false;
  const ready = sink.ready().then(() => {
    isReady = true;
  });
  await new Promise(setImmediate);
  assert.equal(isReady, false);
  stream.answer();
  await ready;
  assert.equal(write('taken'), true);
  stream.answer();
  await sink.flush(never);
  assert.deepEqual(stream.lines, ['a long line', 'taken']);
  assert.deepEqual(outcomes, ['delivered', 'delivered']);
});

test('ConsoleSink.flush() abandons what is unanswered when its signal aborts, and counts no later answer', async () => {
  const stream = new RecordingStream({ isHeld: true });
  const { sink, delivered, abandoned, outcomes, write } = setUp(stream);
  write('one', 'two');
  const stop = new AbortController();
  const flushed = sink.flush(stop.signal);
  stop.abort();
  await flushed;
  assert.deepEqual(outcomes, ['abandoned']);
  stream.answer();
  await new Promise(setImmediate);
  assert.deepEqual([outcomes, delivered.value, abandoned.value], [['abandoned'], 0, 2]);
});

test('ConsoleSink.flush() resolves at once when its signal has aborted', async () => {
  const { sink, outcomes, write } = setUp(new RecordingStream({ isHeld: true }));
  write('one');
  await sink.flush(AbortSignal.abort());
  assert.deepEqual(outcomes, ['abandoned']);
});

test('ConsoleSink abandons everything when writing fails, and says so once', async () => {
  const stream = new RecordingStream({ highWaterMark: 4, isHeld: true });
  const { sink, abandoned, closed, outcomes, write } = setUp(stream);
  write('a long line');
  const ready = sink.ready();
  stream.answer(new Error('disk full'));
  await ready;
  await sink.flush(never);
  assert.equal(write('later'), true);
  assert.deepEqual(outcomes, ['abandoned', 'abandoned']);
  assert.equal(abandoned.value, 2);
  assert.deepEqual(
    closed.map(({ message }) => message),
    ['disk full'],
  );
});

test('ConsoleSink gives up when the stream is closed by somebody else, also while it waits', async () => {
  const stream = new RecordingStream({ highWaterMark: 4, isHeld: true });
  const { sink, closed, outcomes, write } = setUp(stream);
  write('a long line');
  const ready = sink.ready();
  stream.destroy();
  await ready;
  assert.deepEqual(outcomes, ['abandoned']);
  assert.equal(closed.length, 1);
});

/** Writes to its standard output until that is closed, then tells the outcomes and the error to standard error. */
const PIPE_WRITER = `
  import { CountedLease } from '${new URL('../../../src/core/lease.ts', import.meta.url)}';
  import { ConsoleSink } from '${new URL('../../../src/sinks/console/console-sink.ts', import.meta.url)}';
  import { Counter } from '${new URL('../../../src/telemetry/metrics.ts', import.meta.url)}';
  import { batchOf } from '${new URL('../../harness/batch.ts', import.meta.url)}';
  let error;
  const outcomes = [];
  const sink = new ConsoleSink({
    stream: process.stdout,
    format: { render: () => 'a line\\n' },
    delivered: new Counter(),
    abandoned: new Counter(),
    onClosed: (reason) => { error = reason; },
  });
  while (error === undefined) {
    await sink.ready();
    sink.write(batchOf(['x']), new CountedLease((outcome) => outcomes.push(outcome)));
    await new Promise(setImmediate);
  }
  sink.write(batchOf(['x']), new CountedLease((outcome) => outcomes.push(outcome)));
  await sink.flush(new AbortController().signal);
  await sink.close();
  process.stderr.write(JSON.stringify([error.code, outcomes[0], outcomes.at(-1)]));
`;

test('ConsoleSink ends quietly when the reader of a pipe has gone', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PIPE_WRITER], { stdio: 'pipe' });
  const told = child.stderr.toArray();
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [code] = await once(child, 'exit');
  assert.equal(Buffer.concat(await told).toString(), '["EPIPE","delivered","abandoned"]');
  assert.equal(code, 0);
});

test('ConsoleSink.close() leaves nothing on the stream, which it does not own', async () => {
  const stream = new RecordingStream();
  const before = stream.eventNames();
  const { sink, write } = setUp(stream);
  write('one');
  await sink.flush(never);
  await sink.close();
  assert.deepEqual(stream.eventNames(), before);
  assert.equal(stream.destroyed || stream.writableEnded, false);
});
