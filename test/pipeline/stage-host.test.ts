import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict, verdictOf } from '../../src/condition/verdict.ts';
import type { Stage } from '../../src/core/contracts.ts';
import { RecordFlag } from '../../src/core/record-batch.ts';
import { StageHost, type StageHostOptions } from '../../src/pipeline/stage-host.ts';
import { Counter } from '../../src/telemetry/metrics.ts';
import { batchOf } from '../harness/batch.ts';

const BODIES = ['a', 'bad', 'c', 'bad', 'e'];

/** Runs a stage that fails the bodies `bad`; what it saw, and what is left. */
function run(options: Partial<StageHostOptions> = {}, dropped: readonly number[] = []) {
  const batch = batchOf(BODIES);
  for (const record of dropped) batch.drop(record);
  const seen: number[] = [];
  let runs = 0;
  const stage: Stage = {
    process(batch) {
      runs++;
      for (let record = 0; record < batch.count; record++) {
        if (!batch.isLive(record)) continue;
        seen.push(record);
        if (BODIES[record] === 'bad') batch.fail(record, 'it is bad');
      }
    },
  };
  const failedRecords = new Counter();
  const counters = new Map<string, Counter>();
  const droppedRecords = (reason: string): Counter => {
    counters.set(reason, counters.get(reason) ?? new Counter());
    return counters.get(reason)!;
  };
  new StageHost(stage, { onError: 'forward', failedRecords, droppedRecords, ...options }).process(batch);
  const drops = Array.from(counters, ([reason, { value }]) => [reason, value]);
  return { seen, runs, drops, failed: failedRecords.value, batch, flags: [...batch.flags.subarray(0, batch.count)] };
}

const { Dropped, ParseFailed } = RecordFlag;

test('StageHost counts what a stage could not read, and forwards it marked', () => {
  const { seen, failed, flags, batch } = run();
  assert.deepEqual(seen, [0, 1, 2, 3, 4]);
  assert.equal(failed, 2);
  assert.deepEqual(flags, [0, ParseFailed, 0, ParseFailed, 0]);
  assert.deepEqual(batch.failures, []);
});

test('StageHost drops what a stage could not read, as on_error, where it is told to', () => {
  const { flags, drops, failed } = run({ onError: 'drop' }, [0]);
  assert.equal(failed, 2);
  assert.deepEqual(flags, [Dropped, ParseFailed | Dropped, 0, ParseFailed | Dropped, 0]);
  assert.deepEqual(drops, [['on_error', 2]]);
});

test('StageHost neither marks nor counts what a stage could not read, where that is no error', () => {
  const { flags, failed, batch } = run({ onError: 'ignore' });
  assert.equal(failed, 0);
  assert.deepEqual(flags, [0, 0, 0, 0, 0]);
  assert.deepEqual(batch.failures, []);
});

test('StageHost leaves the mark of an earlier stage, where what this one cannot read is no error', () => {
  const failed = new Counter();
  const batch = batchOf(BODIES);
  const failing = (records: readonly number[]): Stage => ({
    process: (batch) => {
      for (const record of records) batch.fail(record, 'it is bad');
    },
  });
  const options = { failedRecords: failed, droppedRecords: () => new Counter() };
  new StageHost(failing([1]), { ...options, onError: 'forward' }).process(batch);
  new StageHost(failing([1, 2, 2]), { ...options, onError: 'ignore' }).process(batch);
  assert.deepEqual([...batch.flags.subarray(0, batch.count)], [0, ParseFailed, 0, 0, 0]);
  assert.equal(failed.value, 1);
});

test('StageHost shows a stage only the records for which its condition holds', () => {
  const { seen, flags, failed } = run({ when: (_, record) => verdictOf(record > 2) }, [4]);
  assert.deepEqual(seen, [3]);
  assert.deepEqual(flags, [0, 0, 0, ParseFailed, Dropped]);
  assert.equal(failed, 1);
});

test('StageHost does not run a stage whose condition holds for no record', () => {
  const asked: number[] = [];
  const { runs, flags } = run(
    { when: (_, record) => (asked.push(record) === 0 ? Verdict.True : Verdict.Undecided) },
    [0],
  );
  assert.equal(runs, 0);
  assert.deepEqual(asked, [1, 2, 3, 4]);
  assert.deepEqual(flags, [Dropped, 0, 0, 0, 0]);
});
