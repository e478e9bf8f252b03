import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordBatch } from '../../../src/core/record-batch.ts';
import { sampleStage } from '../../../src/stages/sample/index.ts';
import { attributesOf, batchOf } from '../../harness/batch.ts';
import { assertExample, batchOfObjects, buildStage, optionErrors, stageContext } from '../stage-fixture.ts';

test('the example of sample holds', () => assertExample(sampleStage));

/** Which records are left. */
function kept(batch: RecordBatch, options: unknown): number[] {
  buildStage(sampleStage, options, stageContext(batch.keys)).process(batch);
  return Array.from({ length: batch.count }, (_, record) => record).filter((record) => batch.isLive(record));
}

const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `{"user":"u${i % 500}","n":${i}}`);

/** One record a trace id, in hexadecimal. */
function batchOfTraces(ids: readonly string[]): RecordBatch {
  const batch = batchOf(ids.map(() => 'x'));
  for (const [record, id] of ids.entries()) {
    const bytes = Buffer.from(id, 'hex');
    batch.traceId[record] = batch.appendBytes(bytes, 0, bytes.length);
  }
  return batch;
}

for (const { rate, id, isKept } of [
  // The threshold of 0.5 is 80000000000000, that of 0.25 is c0000000000000.
  { rate: 0.5, id: 'ffffffffffffffffff7fffffffffffff', isKept: false },
  { rate: 0.5, id: '00000000000000000080000000000000', isKept: true },
  { rate: 0.25, id: 'ffffffffffffffffffbfffffffffffff', isKept: false },
  { rate: 0.25, id: '000000000000000000c0000000000000', isKept: true },
  { rate: 0.75, id: '00000000000000000040000000000000', isKept: true },
  { rate: 0.75, id: '0000000000000000003fffffffffffff', isKept: false },
  { rate: 1, id: '00000000000000000000000000000001', isKept: true },
  { rate: 0, id: 'ffffffffffffffffffffffffffffffff', isKept: false },
]) {
  test(`sample at ${rate} ${isKept ? 'keeps' : 'drops'} trace ${id}`, () => {
    assert.equal(kept(batchOfTraces([id]), { rate }).length, isKept ? 1 : 0);
    assert.equal(kept(batchOfTraces([id]), { rate, seed: 9 }).length, isKept ? 1 : 0);
  });
}

for (const rate of [0, 0.01, 0.1, 0.5, 0.9, 1]) {
  test(`sample keeps about ${rate} of the records, and the same ones each time`, () => {
    const objects = numbered(10_000);
    const first = kept(batchOfObjects(objects), { rate });
    const expected = 10_000 * rate;
    assert.ok(Math.abs(first.length - expected) <= 5 * Math.sqrt(expected * (1 - rate)), `${first.length}`);
    assert.deepEqual(kept(batchOfObjects(objects), { rate }), first);
    if (rate > 0 && rate < 1) assert.notDeepEqual(kept(batchOfObjects(objects), { rate, seed: 1 }), first);
  });
}

test('sample keeps a part of what a higher rate keeps', () => {
  const objects = numbered(2000);
  const many = new Set(kept(batchOfObjects(objects), { rate: 0.5 }));
  for (const record of kept(batchOfObjects(objects), { rate: 0.1 })) assert.ok(many.has(record));
});

test('sample decides by the place in the stream, not in the batch, and tells equal texts apart', () => {
  const bodies = Array.from({ length: 4000 }, () => 'the same');
  const whole = kept(batchOf(bodies), { rate: 0.25 });
  assert.ok(whole.length > 800 && whole.length < 1200);
  const rest = batchOf(bodies.slice(1000));
  rest.inputOffset = 1000 * 'the same'.length;
  assert.deepEqual(
    kept(rest, { rate: 0.25 }).map((record) => record + 1000),
    whole.filter((record) => record >= 1000),
  );
});

test('sample keeps all or none of the records with one value', () => {
  const objects = [...numbered(5000), '{"n":1}', '{"n":2}'];
  const batch = batchOfObjects(objects);
  kept(batch, { rate: 0.3, by: 'user' });
  const keptOf = new Map<unknown, Set<boolean>>();
  for (let record = 0; record < 5000; record++) {
    const { user } = JSON.parse(objects[record]!) as { user: string };
    keptOf.set(user, (keptOf.get(user) ?? new Set()).add(batch.isLive(record)));
  }
  assert.ok([...keptOf.values()].every((decisions) => decisions.size === 1));
  const keptUsers = [...keptOf.values()].filter((decisions) => decisions.has(true)).length;
  assert.ok(keptUsers > 100 && keptUsers < 200, `${keptUsers}`);
});

test('sample notes the rate, says why it drops, and leaves dropped records alone', () => {
  const context = stageContext();
  const batch = batchOfObjects(numbered(100), context.keys);
  batch.drop(0, 'filter');
  buildStage(sampleStage, { rate: 0.5, attribute: 'rate' }, context).process(batch);
  let live = 0;
  for (let record = 0; record < 100; record++) {
    if (!batch.isLive(record)) continue;
    live++;
    assert.equal(attributesOf(batch, record)['rate'], 0.5);
  }
  assert.deepEqual(Object.fromEntries(batch.drops), { filter: 1, sample: 99 - live });
});

for (const { name, options, path } of [
  { name: 'no rate', options: {}, path: ['rate'] },
  { name: 'a rate beyond 1', options: { rate: 10 }, path: ['rate'] },
  { name: 'a rate below 0', options: { rate: -1 }, path: ['rate'] },
  { name: 'a rate that is text', options: { rate: '10%' }, path: ['rate'] },
]) {
  test(`sample refuses ${name}`, () => {
    assert.deepEqual(
      optionErrors(sampleStage, options).map((error) => error.path),
      [path],
    );
  });
}
