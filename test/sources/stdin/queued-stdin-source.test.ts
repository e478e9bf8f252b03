import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { checkOptions } from '../../../src/component/check-options.ts';
import type { SourceContext } from '../../../src/component/definition.ts';
import { SystemClock } from '../../../src/core/clock.ts';
import { messageOf } from '../../../src/core/errors.ts';
import { KeyTable } from '../../../src/core/key-table.ts';
import { RecordFlag } from '../../../src/core/record-batch.ts';
import { Resource } from '../../../src/core/resource.ts';
import { stdinSourceOn } from '../../../src/sources/stdin/index.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { MemorySection, temporaryFolder, until } from '../../harness/files.ts';
import { sourceLedger } from '../../harness/ledger.ts';
import { MemoryOutput, type MemoryOutputOptions } from '../../harness/output.ts';
import { RecordingStream } from '../../harness/recording-stream.ts';

interface Setup {
  readonly folder: string;
  readonly input: Readable;
  readonly restored?: unknown;
  readonly options?: object;
  readonly output?: MemoryOutputOptions;
}

/** A running source with a queue; it is stopped after the test at the latest. */
function start(t: TestContext, { folder, input, restored, options = {}, output: outputOptions }: Setup) {
  const keys = new KeyTable();
  const metrics = new Metrics();
  const output = new MemoryOutput({ ...outputOptions, keys });
  const ledger = sourceLedger('in', metrics);
  const section = new MemorySection(restored);
  const definition = stdinSourceOn(() => input);
  const queue = { path: join(folder, 'queue'), max_size: '1MiB' };
  const checked = checkOptions(definition.options, { max_record_size: '64KiB', queue, ...options }, []);
  assert.ok(checked.ok);
  const context: SourceContext = {
    name: 'in',
    clock: new SystemClock(),
    logger: createLogger({ level: 'info', pretty: false, stream: new RecordingStream() }),
    metrics,
    keys,
    userAgent: 'pillion/0',
    readers: 1,
    resource: new Resource(),
    writtenAttributes: new Map(),
    ledger,
    checkpoint: section,
  };
  const [drain, stop] = [new AbortController(), new AbortController()];
  const ended = definition.build(checked.options, context).run(output, { drain: drain.signal, stop: stop.signal });
  ended.catch(() => undefined);
  t.after(async () => {
    drain.abort();
    stop.abort();
    await ended.catch(() => undefined);
    assert.equal(ledger.account('stdin').unaccountedBytes, 0);
  });
  return { output, metrics, section, drain, stop, ended, queueFolder: queue.path };
}

function chunksOf(...texts: readonly string[]): Readable {
  return Readable.from(
    texts.map((text) => Buffer.from(text)),
    { objectMode: false },
  );
}

function segmentsIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.segment'));
}

test('QueuedStdinSource reads lines to the end of the input, and leaves nothing on disk that is settled', async (t) => {
  const { output, metrics, ended, section, queueFolder } = start(t, {
    folder: temporaryFolder(t),
    input: chunksOf('one\ntw', 'o\r\n\n', `${'x'.repeat(70_000)}\nlast`),
  });
  await ended;
  assert.deepEqual(
    output.records.map(({ body, flags }) => [body.slice(0, 4), body.length, flags]),
    [
      ['one', 3, 0],
      ['two', 3, 0],
      ['xxxx', 65_536, RecordFlag.Truncated],
      ['last', 4, RecordFlag.Unterminated],
    ],
  );
  assert.equal(metrics.sum('pillion_dropped_records_total', { reason: 'empty_line' }), 1);
  const skipped = metrics.sum('pillion_source_skipped_bytes_total', { reason: 'oversize_rest' });
  assert.equal(metrics.sum('pillion_source_read_bytes_total') + skipped, 'one\ntwo\r\n\n\nlast'.length + 70_000);
  assert.equal(metrics.sum('pillion_source_unread_bytes'), 0);
  assert.equal((section.stored as { offset: number }).offset, 70_015);
  await until('the segment is gone', () => segmentsIn(queueFolder).length === 0);
});

test('QueuedStdinSource delivers in its next life what was not settled, and nothing else', async (t) => {
  const folder = temporaryFolder(t);
  const input = new PassThrough();
  const first = start(t, { folder, input, output: { leases: 'held' } });
  for (const [i, text] of ['one\n', 'two\n', 'three\nunfin'].entries()) {
    input.write(text);
    await until('it is sent', () => first.output.records.length > i);
  }
  first.output.leases[0]!.settle('delivered');
  first.output.leases[2]!.settle('delivered');
  const restored = first.section.stored;
  first.stop.abort();
  await first.ended;
  const second = start(t, { folder, restored, input: chunksOf('ished?\n') });
  await second.ended;
  assert.deepEqual(
    second.output.records.map(({ body, flags }) => [body, flags]),
    [
      ['two', 0],
      ['three', 0],
      ['unfin', RecordFlag.Unterminated],
      ['ished?', 0],
    ],
    'the line of one input is not joined with that of another',
  );
  assert.equal(new Set([...second.output.records].map(({ stream }) => stream.id)).size, 2);
});

test('QueuedStdinSource takes its input while nothing can be sent, until the queue is full', async (t) => {
  const folder = temporaryFolder(t);
  const line = `${'x'.repeat(999)}\n`;
  let given = 0;
  const input = new Readable({
    read() {
      given++;
      this.push(line);
    },
  });
  const { output, metrics, drain, ended } = start(t, { folder, input, output: { poolSize: 1 } });
  output.isFull = true;
  const onDisk = (): number => metrics.sum('pillion_queue_bytes');
  await until('the queue is full', () => onDisk() > 2 ** 20 - 64 * 1024 - 100);
  const before = given;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(given - before < 100, 'reading has stopped');
  assert.ok(onDisk() <= 2 ** 20);
  output.empty();
  await until('reading goes on', () => given > before + 1000);
  drain.abort();
  await ended;
  assert.ok(output.records.length > 1000);
  assert.ok(output.bodies.every((body) => body.length === 999));
});

test('QueuedStdinSource gives up no bytes of a long line that lies in several segments', async (t) => {
  const folder = temporaryFolder(t);
  const options = { max_record_size: '256KiB' };
  const long = 'y'.repeat(250_000);
  const pieces = [`start\n`, ...(long.match(/.{1,5000}/g) ?? []), '\nend\n'];
  const { output, ended } = start(t, { folder, options, input: chunksOf(...pieces) });
  await ended;
  assert.deepEqual(output.bodies, ['start', long, 'end']);
});

test('QueuedStdinSource delivers what came before its input failed, and rejects', async (t) => {
  const input = new PassThrough();
  const { output, ended } = start(t, { folder: temporaryFolder(t), input });
  input.write('one\n');
  await until('it is sent', () => output.records.length === 1);
  input.destroy(new Error('EIO'));
  await assert.rejects(ended, (error) => messageOf(error) === 'Cannot read standard input: EIO');
});

test('QueuedStdinSource ends a drain although the writer never stops', async (t) => {
  const input = new Readable({
    read() {
      setImmediate(() => this.push('again\n'.repeat(2000)));
    },
  });
  const { output, drain, ended, queueFolder } = start(t, { folder: temporaryFolder(t), input });
  await until('lines are sent', () => output.records.length > 10);
  drain.abort();
  await ended;
  await until('all is settled', () => segmentsIn(queueFolder).length === 0);
});

test('QueuedStdinSource ends a drain of an input that is silent, with what has come', async (t) => {
  const input = new PassThrough();
  const { output, drain, ended } = start(t, { folder: temporaryFolder(t), input });
  input.write('one\nunfin');
  await until('it is sent', () => output.records.length === 1);
  drain.abort();
  await ended;
  assert.deepEqual(output.bodies, ['one', 'unfin']);
});

test('QueuedStdinSource rejects where its queue cannot be used', async (t) => {
  const folder = temporaryFolder(t);
  const first = start(t, { folder, input: new PassThrough() });
  await until('it has the queue', () => readdirSync(folder).length > 0 && readdirSync(first.queueFolder).length > 0);
  const second = start(t, { folder, input: new PassThrough() });
  await assert.rejects(second.ended, { code: 'ERR_STATE_LOCKED' });
});

test('QueuedStdinSource gives the same records however the bytes arrive, and through any kills', async (t) => {
  const parent = temporaryFolder(t);
  let run = 0;
  const line = fc.integer({ min: 0, max: 300 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(line, { minLength: 1, maxLength: 12 }), { maxLength: 4 }),
      fc.nat(50),
      async (lives, cut) => {
        const folder = join(parent, String(run++));
        const expected: string[] = [];
        const delivered: string[] = [];
        let restored: unknown;
        for (const [life, lengths] of lives.entries()) {
          const lines = lengths.map((length, i) => `${life}/${i} ${'z'.repeat(length)}`);
          expected.push(...lines);
          const text = `${lines.join('\n')}\n`;
          const at = 1 + (cut % text.length);
          const input = chunksOf(text.slice(0, at), text.slice(at));
          const isLast = life === lives.length - 1;
          const { output, section, ended } = start(t, { folder, restored, input, output: { leases: 'held' } });
          await ended;
          // The life ends with its first answers only; the last one gets them all.
          const answered = isLast ? output.leases : output.leases.slice(0, 1);
          for (const lease of answered) lease.settle('delivered');
          delivered.push(
            ...(isLast
              ? output.bodies
              : output.batches
                  .slice(0, 1)
                  .flat()
                  .map(({ body }) => body)),
          );
          restored = section.stored;
        }
        assert.deepEqual(delivered, expected);
      },
    ),
    { numRuns: 25 },
  );
});
