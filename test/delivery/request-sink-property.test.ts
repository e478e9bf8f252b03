import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OffsetTracker } from '../../src/checkpoint/offset-tracker.ts';
import type { SendResult } from '../../src/core/contracts.ts';
import type { DeadLetter } from '../../src/delivery/dead-letter.ts';
import { batchOf } from '../harness/batch.ts';
import { ledger, settled, sinkOf } from './fixtures.ts';
import { linesOf } from './line-encoder.ts';

/** What the peer does with one request: whether it takes the records, and what it answers. */
interface Act {
  readonly takes: boolean;
  readonly result: SendResult;
}

const error = new Error('fault');
const DELIVERED: Act = { takes: true, result: { status: 'delivered', rejectedRecords: 0 } };

/** No answer, or one that asks for another try: the peer may have taken the records only where the result says so. */
const retryable = fc
  .record({
    takes: fc.boolean(),
    retryAfterMs: fc.option(fc.nat({ max: 20_000 }), { nil: undefined }),
    hint: fc.constantFrom('stale', 'slow', undefined),
    poisonReason: fc.constantFrom('http_500', undefined),
    mayHaveArrived: fc.boolean(),
  })
  .map(({ takes, retryAfterMs, hint, poisonReason, mayHaveArrived }): Act => {
    const result: SendResult = {
      status: 'retryable',
      error,
      mayHaveArrived,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(hint !== undefined && { hint }),
      ...(poisonReason !== undefined && { poisonReason }),
    };
    return { takes: takes && mayHaveArrived, result };
  });

const act = fc.oneof(
  { weight: 4, arbitrary: fc.constant(DELIVERED) },
  fc.integer({ min: -2, max: 8 }).map((rejectedRecords): Act => {
    return { takes: true, result: { status: 'delivered', rejectedRecords } };
  }),
  { weight: 4, arbitrary: retryable },
  fc.constantFrom('http_401', 'dns').map((reason): Act => {
    return { takes: false, result: { status: 'refused', error, reason, cure: 'Mend it', mayHaveArrived: false } };
  }),
  fc.constantFrom<Act>(
    { takes: false, result: { status: 'too_large', error } },
    { takes: false, result: { status: 'bad_data', error } },
    { takes: false, result: { status: 'rejected', error, reason: 'http_501' } },
  ),
);

/** A batch: for each record its length, and whether a stage dropped it. */
const batch = fc.array(fc.record({ length: fc.integer({ min: 8, max: 120 }), isDropped: fc.boolean() }), {
  minLength: 1,
  maxLength: 12,
});

const MAX_REQUEST_BYTES = 100;

/** A peer that does one act after the other; faults end some time, or nothing would ever be through. */
class Peer {
  /** How often each line was taken. */
  readonly taken = new Map<string, number>();
  /** Lines that ended: delivered, or set aside. */
  readonly ended = new Set<string>();
  readonly #acts: readonly Act[];
  #count = 0;

  constructor(acts: readonly Act[]) {
    this.#acts = acts;
  }

  answer(lines: readonly string[]): SendResult {
    const { takes, result } = this.#acts[this.#count++] ?? DELIVERED;
    if (takes) for (const line of lines) this.taken.set(line, (this.taken.get(line) ?? 0) + 1);
    if (result.status === 'delivered') this.end(lines);
    return result;
  }

  end(lines: readonly string[]): void {
    for (const line of lines) {
      assert.ok(!this.ended.has(line), `${line} ended twice`);
      this.ended.add(line);
    }
  }

  get repeats(): number {
    return [...this.taken.values()].reduce((sum, copies) => sum + copies - 1, 0);
  }
}

interface Scenario {
  readonly batches: readonly (readonly { readonly length: number; readonly isDropped: boolean }[])[];
  readonly acts: readonly Act[];
  readonly maxInFlight: number;
  readonly maxRequestRecords: number;
  /** After how many requests the agent is stopped; null: never. */
  readonly stopAfter: number | null;
  readonly serverErrorPatienceMs: number;
}

const scenario: fc.Arbitrary<Scenario> = fc.record({
  batches: fc.array(batch, { minLength: 1, maxLength: 12 }),
  acts: fc.array(act, { minLength: 1, maxLength: 40 }),
  maxInFlight: fc.integer({ min: 1, max: 4 }),
  maxRequestRecords: fc.integer({ min: 1, max: 6 }),
  stopAfter: fc.option(fc.nat({ max: 60 })),
  serverErrorPatienceMs: fc.constantFrom(0, 10_000),
});

/** Writes all batches, each a range of one stream, and flushes. The lines that no stage dropped, and what they ended in. */
async function run({ batches, acts, stopAfter, ...limits }: Scenario) {
  const peer = new Peer(acts);
  const deadLetter: DeadLetter = {
    setAside: async (records) => {
      await settled();
      for (const { body } of records) peer.end(linesOf(body));
    },
  };
  const { sink, transport, clock, metrics } = sinkOf({ ...limits, maxRequestBytes: MAX_REQUEST_BYTES, deadLetter });
  const stop = new AbortController();
  transport.answer = (lines) => {
    assert.ok(lines.length <= limits.maxRequestRecords, 'too many records');
    assert.ok(5 + lines.join('\n').length + 1 <= MAX_REQUEST_BYTES, 'too many bytes');
    if (transport.sent.length === stopAfter) stop.abort();
    return peer.answer(lines);
  };

  const live: string[][] = [];
  const tracker = new OffsetTracker<null>({ offset: 0, resume: null }, ({ offset }) => {
    const hasEnded = live.slice(0, offset).every((lines) => lines.every((line) => peer.ended.has(line)));
    assert.ok(hasEnded, 'the mark passed what has not ended');
  });
  let number = 0;
  const time = keepMoving(clock);
  try {
    for (const [index, records] of batches.entries()) {
      const lines = records.map(({ length }) => `${number++} `.padEnd(length, '.'));
      const written = batchOf(lines);
      for (const [record, { isDropped }] of records.entries()) if (isDropped) written.drop(record);
      live.push(lines.filter((_, record) => records[record]?.isDropped === false));
      const lease = tracker.open(index, index + 1, null);
      while (!sink.write(written, lease)) await sink.ready();
    }
    await sink.flush(stop.signal);
  } finally {
    time.stop();
  }
  assert.deepEqual([transport.open.length, clock.sleeping, sink.state.kind === 'held'], [0, 0, false]);
  return { live: live.flat(), peer, tracker, counts: ledger(metrics) };
}

test('ANS-23 RequestSink brings every record to exactly one outcome, whatever the peer does and when it is stopped', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (scenario) => {
      const { live, peer, tracker, counts } = await run(scenario);
      const { delivered = 0, abandoned = 0, resent = 0, ...others } = counts;
      const rejected = Object.values(others).reduce((sum, count) => sum + count, 0);
      assert.equal(delivered + rejected + abandoned, live.length);
      assert.equal(live.filter((line) => !peer.ended.has(line)).length, abandoned);
      if (scenario.stopAfter === null) assert.equal(abandoned, 0);
      // A lease that is never settled would stop the mark for good; one that is settled twice throws.
      assert.equal(tracker.isSettled, abandoned === 0);
      assert.ok(peer.repeats <= resent, `${peer.repeats} repeats, ${resent} counted`);
    }),
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
