import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordFlag } from '../../src/core/record-batch.ts';
import { defineStage, type ProcessRecord, type RecordView } from '../../src/sdk/index.ts';
import { attributesOf } from '../harness/batch.ts';
import { batchOfObjects, buildStage, stageContext } from '../stages/stage-fixture.ts';

const LABELS = { stage: 'logs/1', type: 'own' };

/** Runs `processRecord` as a stage over records with the attribute `i`, a batch after another. */
function run(count: number, processRecord: ProcessRecord) {
  const context = stageContext();
  const definition = defineStage({ type: 'own', summary: 'The stage of a test.', build: () => processRecord });
  const stage = buildStage(definition, {}, context);
  const process = () => {
    const batch = batchOfObjects(
      Array.from({ length: count }, (_, i) => `{"i":${i}}`),
      context.keys,
    );
    stage.process(batch);
    return batch;
  };
  return { context, process, batch: process() };
}

test('an own stage sees every record that is not dropped', () => {
  const context = stageContext();
  const seen: (number | undefined)[] = [];
  const definition = defineStage({
    type: 'own',
    summary: '',
    build: () => (record) => void seen.push(record.number('i')),
  });
  const batch = batchOfObjects(['{"i":0}', '{"i":1}', '{"i":2}'], context.keys);
  batch.drop(1);
  buildStage(definition, {}, context).process(batch);
  assert.deepEqual(seen, [0, 2]);
});

test('an own stage that throws fails that record only, and keeps what it had changed', () => {
  const { batch } = run(3, (record) => {
    record.set('seen', true);
    if (record.number('i') === 1) throw new Error('one is too many');
    record.set('done', true);
  });
  assert.deepEqual([...batch.flags.subarray(0, 3)], [0, RecordFlag.ParseFailed, 0]);
  assert.deepEqual(attributesOf(batch, 0), { i: 0, seen: true, done: true });
  assert.deepEqual(attributesOf(batch, 1), { i: 1, seen: true });
  assert.deepEqual(attributesOf(batch, 2), { i: 2, seen: true, done: true });
  assert.deepEqual(batch.failures, [{ record: 1, reason: 'one is too many' }]);
});

test('an own stage that throws is told in the log at once, and then once a minute', async () => {
  const { context, process } = run(2, () => {
    throw new Error('no luck');
  });
  for (let i = 0; i < 5; i++) process();
  assert.equal(context.logged.length, 1);
  await context.clock.advance(60_000);
  process();
  process();
  assert.deepEqual(
    context.logged.map(({ level, stage, type, failed_records, error }) => ({
      level,
      stage,
      type,
      failed_records,
      error,
    })),
    [
      { level: 'warn', ...LABELS, failed_records: 2, error: 'no luck' },
      { level: 'warn', ...LABELS, failed_records: 12, error: 'no luck' },
    ],
  );
  assert.match(String(context.logged[0]!['stack']), /own-stage\.test\.ts/);
});

for (const thrown of [undefined, null, 'text', 7, { code: 1 }]) {
  test(`an own stage may throw ${JSON.stringify(thrown)}`, () => {
    const { batch, context } = run(1, () => {
      throw thrown;
    });
    assert.equal(batch.flags[0], RecordFlag.ParseFailed);
    assert.equal(context.logged[0]!['error'], String(thrown));
  });
}

test('an own stage that returns a promise fails its records, and its rejections hurt nobody', async () => {
  const later = (): unknown => Promise.resolve().then(() => assert.fail('later'));
  const { batch, context } = run(2, later as ProcessRecord);
  assert.deepEqual([...batch.flags.subarray(0, 2)], [RecordFlag.ParseFailed, RecordFlag.ParseFailed]);
  assert.match(String(context.logged[0]!['error']), /synchronous/);
  await new Promise(setImmediate);
});

test('an own stage may return anything else', () => {
  const { batch } = run(1, (record) => record.remove('i'));
  assert.equal(batch.flags[0], 0);
});

test('an own stage drops records, counted by their reasons', () => {
  const { batch, context } = run(6, (record) => {
    const i = record.number('i')!;
    if (i < 3) record.drop('too_small');
    else if (i === 3) record.drop();
  });
  assert.deepEqual(
    Array.from({ length: 6 }, (_, i) => batch.isLive(i)),
    [false, false, false, false, true, true],
  );
  const dropped = (cause: string) =>
    context.metrics.sum('pillion_own_stage_dropped_records_total', { ...LABELS, cause });
  assert.deepEqual([dropped('too_small'), dropped('own')], [3, 1]);
  assert.equal(context.metrics.sum('pillion_own_stage_dropped_records_total'), 4);
});

test('an own stage keeps a record that it dropped before it threw', () => {
  const { batch, context } = run(1, (record) => {
    record.drop();
    throw new Error('changed my mind');
  });
  assert.equal(batch.flags[0], RecordFlag.ParseFailed);
  assert.equal(context.metrics.sum('pillion_own_stage_dropped_records_total'), 0);
});

test('an own stage makes a bounded number of series, whatever reasons it gives', () => {
  const { context } = run(1000, (record) => record.drop(`reason_${record.number('i')}`));
  const series = context.metrics.series().filter(({ name }) => name === 'pillion_own_stage_dropped_records_total');
  assert.equal(series.length, 21);
  assert.equal(context.metrics.sum('pillion_own_stage_dropped_records_total'), 1000);
  assert.equal(context.metrics.sum('pillion_own_stage_dropped_records_total', { cause: 'other' }), 980);
});

test('an own stage cannot use a record after the call', () => {
  let kept: RecordView | undefined;
  run(2, (record) => {
    kept = record;
  });
  assert.throws(() => kept!.string('i'), /only valid during the call/);
});

test('an own stage that takes too long for a batch leaves the rest of it, as not read', async () => {
  const definition = defineStage({
    type: 'own',
    summary: '',
    build: () => (record) => {
      record.set('seen', true);
      void context.clock.advance(100);
    },
  });
  const context = stageContext();
  const batch = batchOfObjects(
    Array.from({ length: 40 }, (_, i) => `{"i":${i}}`),
    context.keys,
  );
  buildStage(definition, {}, context).process(batch);
  assert.deepEqual(batch.failures.length, 24);
  assert.deepEqual(batch.failures[0], { record: 16, reason: 'the stage took too long' });
  assert.deepEqual(attributesOf(batch, 15), { i: 15, seen: true });
  assert.deepEqual(attributesOf(batch, 16), { i: 16 });
  assert.match(String(context.logged[0]?.['error']), /more than 1000 ms/);
});
