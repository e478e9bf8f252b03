import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SendResult } from '../../src/core/contracts.ts';
import { worse } from '../../src/core/lease.ts';
import { ConnectionError } from '../../src/delivery/http-answer.ts';
import { batchOf } from '../harness/batch.ts';
import { leaseOf, ledger, settled, sinkOf } from './fixtures.ts';

/** What the peer does with one request: whether it takes the records, and what it answers. */
interface Act {
  readonly takes: boolean;
  readonly result: SendResult;
}

const error = new Error('fault');
const lost = new ConnectionError({ failure: 'reset', message: 'lost', mayHaveArrived: true });
const stale = new ConnectionError({ failure: 'stale', message: 'stale', mayHaveArrived: true });
const refused = new ConnectionError({ failure: 'refused', message: 'refused', mayHaveArrived: false });

const act = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Act>({ takes: true, result: { status: 'delivered', rejectedRecords: 0 } }) },
  fc.integer({ min: -2, max: 8 }).map((rejectedRecords): Act => {
    return { takes: true, result: { status: 'delivered', rejectedRecords } };
  }),
  fc.tuple(fc.boolean(), fc.constantFrom(error, lost, stale)).map(([takes, error]): Act => {
    return { takes, result: { status: 'retryable', error } };
  }),
  fc.nat({ max: 20_000 }).map((retryAfterMs): Act => {
    return { takes: false, result: { status: 'retryable', error, retryAfterMs } };
  }),
  fc.constantFrom<Act>(
    { takes: false, result: { status: 'retryable', error: refused } },
    { takes: false, result: { status: 'too_large', error } },
    { takes: false, result: { status: 'rejected', error, reason: 'bad_data' } },
  ),
);

/** A batch: for each record its length, and whether a stage dropped it. */
const batch = fc.array(fc.record({ length: fc.integer({ min: 8, max: 120 }), isDropped: fc.boolean() }), {
  minLength: 1,
  maxLength: 12,
});

const MAX_REQUEST_BYTES = 100;

test('RequestSink brings every record to exactly one outcome, whatever the peer does and when it is stopped', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(batch, { minLength: 1, maxLength: 12 }),
      fc.array(act, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 6 }),
      fc.option(fc.nat({ max: 60 })),
      async (batches, acts, maxInFlight, maxRequestRecords, stopAfter) => {
        const fixture = sinkOf({ maxRequestBytes: MAX_REQUEST_BYTES, maxInFlight, maxRequestRecords });
        const { sink, transport, clock, metrics } = fixture;
        const stop = new AbortController();
        const taken = new Map<string, number>();
        transport.answer = (lines) => {
          assert.ok(lines.length <= maxRequestRecords, 'too many records');
          assert.ok(5 + lines.join('\n').length + 1 <= MAX_REQUEST_BYTES, 'too many bytes');
          const count = transport.sent.length;
          if (count === stopAfter) stop.abort();
          // Faults end some time, or nothing would ever be through.
          const { takes, result } = acts[count - 1] ?? {
            takes: true,
            result: { status: 'delivered', rejectedRecords: 0 },
          };
          if (takes) for (const line of lines) taken.set(line, (taken.get(line) ?? 0) + 1);
          return result;
        };

        let number = 0;
        let live = 0;
        const leases: ReturnType<typeof leaseOf>[] = [];
        const time = keepMoving(clock);
        for (const records of batches) {
          const written = batchOf(records.map(({ length }) => `${number++} `.padEnd(length, '.')));
          for (const [index, { isDropped }] of records.entries()) if (isDropped) written.drop(index);
          live += records.filter(({ isDropped }) => !isDropped).length;
          const watched = leaseOf();
          leases.push(watched);
          while (!sink.write(written, watched.lease)) await sink.ready();
        }
        await sink.flush(stop.signal);
        time.stop();

        const counts = ledger(metrics);
        const { delivered = 0, abandoned = 0, resent = 0 } = counts;
        const rejected = Object.entries(counts).reduce(
          (sum, [key, n]) => (key.startsWith('rejected') ? sum + n : sum),
          0,
        );
        assert.equal(delivered + rejected + abandoned, live);
        if (stopAfter === null) assert.equal(abandoned, 0);
        let repeats = 0;
        for (const copies of taken.values()) repeats += copies - 1;
        assert.ok(repeats <= resent, `${repeats} repeats, ${resent} counted`);
        // `CountedLease` throws when a hold is settled twice; one that was never settled shows here.
        for (const { outcome } of leases) assert.notEqual(outcome, undefined);
        const worst = leases.map(({ outcome }) => outcome ?? 'delivered').reduce(worse, 'delivered');
        assert.equal(worst === 'abandoned', abandoned > 0);
        assert.deepEqual([transport.open.length, clock.sleeping], [0, 0]);
      },
    ),
    { numRuns: 500 },
  );
});

/** Moves the clock whenever nothing else happens. */
function keepMoving(clock: ReturnType<typeof sinkOf>['clock']): { stop(): void } {
  let isStopped = false;
  const move = async (): Promise<void> => {
    while (!isStopped) {
      await settled();
      await clock.advance(1000);
    }
  };
  void move();
  return {
    stop: () => {
      isStopped = true;
    },
  };
}
