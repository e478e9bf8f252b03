import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OffsetTracker } from '../../src/checkpoint/offset-tracker.ts';
import type { SendResult } from '../../src/core/contracts.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import { Resource } from '../../src/core/resource.ts';
import { BatchPool } from '../../src/pipeline/batch-pool.ts';
import { SourceOutput } from '../../src/pipeline/source-output.ts';
import { Counter } from '../../src/telemetry/metrics.ts';
import { DELIVERED, NEVER, settled, sinkOf } from '../delivery/fixtures.ts';
import { pipelineOf } from '../harness/pipeline.ts';

const MAX_BACKOFF_MS = 8000;
const MAX_RETRY_AFTER_MS = 20_000;
const STEP_MS = 500;
const resource = new Resource();

const error = new Error('fault');
const fault = fc.oneof(
  fc.constantFrom<SendResult>(
    { status: 'retryable', error, mayHaveArrived: false },
    { status: 'retryable', error, mayHaveArrived: true, hint: 'stale' },
    { status: 'too_large', error },
    DELIVERED,
  ),
  fc.nat({ max: MAX_RETRY_AFTER_MS }).map(
    (retryAfterMs): SendResult => ({
      status: 'retryable',
      error,
      mayHaveArrived: false,
      retryAfterMs,
    }),
  ),
);

/** The batches of a stream: how many records each has. */
const stream = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });

/** A sink that meets `faults`, one a request, and then takes everything. */
function faultySink(clock: FakeClock, faults: readonly SendResult[], maxInFlight: number, maxRequestRecords: number) {
  const fixture = sinkOf({ clock, maxInFlight, maxRequestRecords, retry: { initialMs: 1000, maxMs: MAX_BACKOFF_MS } });
  fixture.transport.answer = () => faults[fixture.transport.sent.length - 1] ?? DELIVERED;
  return fixture.sink;
}

/** Reads a stream into one batch after another, as far as there are any; the offset of a batch is its number. */
async function read(output: SourceOutput, id: string, counts: readonly number[], tracker: OffsetTracker<undefined>) {
  for (const [index, count] of counts.entries()) {
    const batch = await output.rent({ id, name: id, resource }, NEVER);
    for (let record = 0; record < count; record++) {
      const start = batch.appendText(`${id} ${index} ${record}`);
      batch.addRecord(start, batch.byteLength);
    }
    output.send(batch, tracker.open(index, index + 1, undefined));
  }
}

test('BPR-08 every stream gets on, whatever the pool, the requests in flight and the faults of each sink', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(stream, { minLength: 1, maxLength: 8 }),
      fc.array(fc.array(fault, { maxLength: 20 }), { minLength: 1, maxLength: 2 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 12 }),
      async (streams, faultsBySink, poolSize, maxInFlight, maxRequestRecords) => {
        const clock = new FakeClock();
        const sinks = faultsBySink.map((faults) => faultySink(clock, faults, maxInFlight, maxRequestRecords));
        const pool = new BatchPool(poolSize, new KeyTable(), () => 0);
        const output = new SourceOutput(
          pool,
          [pipelineOf('logs', [], new Map(sinks.map((sink, index) => [`sink${index}`, sink])))],
          {
            stop: NEVER,
            abandoned: new Counter(),
            pause: (ms) => clock.sleep(ms),
            onError: (bug) => {
              throw bug;
            },
          },
        );
        const trackers = streams.map(() => new OffsetTracker<undefined>({ offset: 0, resume: undefined }, () => {}));
        const isDone = (): boolean =>
          trackers.every(({ committed }, index) => committed.offset === streams[index]!.length);
        for (const [index, counts] of streams.entries()) void read(output, `s${index}`, counts, trackers[index]!);

        const faults = faultsBySink.reduce((sum, { length }) => sum + length, 0);
        const boundMs = 10_000 + faults * (MAX_BACKOFF_MS + MAX_RETRY_AFTER_MS);
        await settled();
        while (!isDone() && clock.nowMs() < boundMs) {
          await clock.advance(STEP_MS);
          await settled();
        }
        const offsets = trackers.map(({ committed }) => committed.offset);
        assert.deepEqual(
          offsets,
          streams.map(({ length }) => length),
        );
      },
    ),
    { numRuns: 150 },
  );
});
