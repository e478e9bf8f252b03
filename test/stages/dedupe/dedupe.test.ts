import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dedupeStage } from '../../../src/stages/dedupe/index.ts';
import { attributesOf, plainRecord } from '../../harness/batch.ts';
import {
  assertExample,
  batchOfObjects,
  buildStage,
  optionErrors,
  stageContext,
  type TestContext,
} from '../stage-fixture.ts';

test('the example of dedupe holds', () => assertExample(dedupeStage));

type Pass = (objects: readonly string[], change?: { stream?: string; severities?: readonly number[] }) => string[];

/** A stage that tells what it keeps, each as the body and the number of repeats. */
function dedupe(options: unknown = {}): { context: TestContext; pass: Pass; dropped: () => number } {
  const context = stageContext();
  let dropped = 0;
  const stage = buildStage(dedupeStage, options, context);
  const pass: Pass = (objects, { stream = 'a', severities = [] } = {}) => {
    const batch = batchOfObjects(objects, context.keys);
    batch.stream = { ...batch.stream, id: stream };
    for (const [record, severity] of severities.entries()) batch.severityNumber[record] = severity;
    stage.process(batch);
    dropped += batch.drops.get('dedupe') ?? 0;
    const live = Array.from({ length: batch.count }, (_, record) => record).filter((record) => batch.isLive(record));
    return live.map((record) => {
      const repeats = attributesOf(batch, record)['pillion.repeated'];
      return `${String(plainRecord(batch, record).body)}${repeats === undefined ? '' : ` +${String(repeats)}`}`;
    });
  };
  return { context, pass, dropped: () => dropped };
}

const A = '{"x":"a"}';
const B = '{"x":"b"}';

test('dedupe tells of repeats in the same batch with the record that is kept', () => {
  assert.deepEqual(dedupe().pass([A, A, B, A]), [`${A} +2`, B]);
});

test('dedupe tells of repeats in later batches with the next one that is kept', async () => {
  const { context, pass, dropped } = dedupe({ window: '5s' });
  assert.deepEqual(pass([A, B]), [A, B]);
  await context.clock.advance(2000);
  assert.deepEqual(pass([A, A]), []);
  await context.clock.advance(2999);
  assert.deepEqual(pass([A]), []);
  await context.clock.advance(1);
  assert.deepEqual(pass([A, A, B]), [`${A} +4`, B]);
  await context.clock.advance(5000);
  assert.deepEqual(pass([A]), [A]);
  assert.equal(dropped(), 4);
});

test('dedupe tells streams apart', () => {
  const { pass } = dedupe();
  assert.deepEqual(
    [pass([A], { stream: 'a' }), pass([A], { stream: 'b' }), pass([A], { stream: 'a' })],
    [[A], [A], []],
  );
});

test('dedupe compares the severity, too', () => {
  assert.deepEqual(dedupe().pass([A, A, A], { severities: [9, 17, 9] }), [`${A} +1`, A]);
  assert.deepEqual(dedupe({ fields: 'body' }).pass([A, A, A], { severities: [9, 17, 9] }), [`${A} +2`]);
});

for (const { name, objects, kept } of [
  { name: 'equal', objects: ['{"e":"x","n":1}', '{"e":"x","n":2}'], kept: 1 },
  { name: 'different', objects: ['{"e":"x"}', '{"e":"y"}'], kept: 2 },
  { name: 'missing twice', objects: ['{"n":1}', '{"n":2}'], kept: 1 },
  { name: 'missing once', objects: ['{"n":1}', '{"e":""}'], kept: 2 },
  { name: 'of two types', objects: ['{"e":1}', '{"e":"1"}'], kept: 2 },
]) {
  test(`dedupe compares attributes that are ${name}`, () => {
    assert.equal(dedupe({ fields: ['e'] }).pass(objects).length, kept);
  });
}

test('dedupe forgets what was kept longest ago where there is no room', async () => {
  const { context, pass } = dedupe({ max_entries: 8 });
  const objects = Array.from({ length: 9 }, (_, i) => `{"x":${i}}`);
  for (const object of objects) {
    assert.equal(pass([object]).length, 1);
    await context.clock.advance(1);
  }
  assert.equal(pass([objects[8]!]).length, 0);
  assert.equal(pass([objects[0]!]).length, 1);
});

test('dedupe leaves dropped records alone', () => {
  const context = stageContext();
  const batch = batchOfObjects([A, A], context.keys);
  batch.drop(0);
  buildStage(dedupeStage, {}, context).process(batch);
  assert.equal(batch.isLive(1), true);
});

test('each dropped record is told of by one kept record, but for those behind the last of its kind', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.array(fc.constantFrom('1', '2', '3'), { maxLength: 8 }), fc.integer({ min: 0, max: 4000 }))),
      async (batches) => {
        const { context, pass, dropped } = dedupe();
        let told = 0;
        for (const [values, ms] of batches) {
          for (const line of pass(values.map((value) => `{"x":${value}}`))) told += Number(line.split('+')[1] ?? 0);
          await context.clock.advance(ms);
        }
        await context.clock.advance(5000);
        for (const line of pass(['{"x":1}', '{"x":2}', '{"x":3}'])) told += Number(line.split('+')[1] ?? 0);
        assert.equal(told, dropped());
      },
    ),
  );
});

for (const { name, options, path } of [
  { name: 'no window', options: { window: '0s' }, path: ['window'] },
  { name: 'no fields', options: { fields: [] }, path: ['fields'] },
  { name: 'to compare its own attribute', options: { fields: ['pillion.repeated'] }, path: ['fields'] },
]) {
  test(`dedupe refuses ${name}`, () => {
    assert.deepEqual(
      optionErrors(dedupeStage, options).map((error) => error.path),
      [path],
    );
  });
}
