import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { StageDefinition } from '../../../src/component/definition.ts';
import { loadConditions } from '../../../src/condition/library.ts';
import { CountedLease } from '../../../src/core/lease.ts';
import type { ExponentialHistogramPoint } from '../../../src/core/metric.ts';
import type { RecordBatch } from '../../../src/core/record-batch.ts';
import { counterStage } from '../../../src/stages/metrics/counter.ts';
import { gaugeStage } from '../../../src/stages/metrics/gauge.ts';
import { histogramStage } from '../../../src/stages/metrics/histogram.ts';
import { registryOf, shown } from '../../harness/registry.ts';
import { assertExample, batchOfObjects, buildStage, optionErrors, stageContext } from '../stage-fixture.ts';

before(loadConditions);

/** What a stage counts of records that are JSON objects, and the batch behind it. */
function counted<Options>(
  definition: StageDefinition<Options>,
  options: unknown,
  objects: readonly string[],
): { readonly shown: Record<string, unknown>; readonly batch: RecordBatch } {
  const { registry } = registryOf({ isVolatile: true });
  const context = { ...stageContext(), instruments: registry };
  const batch = batchOfObjects(objects, context.keys);
  const used = batch.byteLength;
  buildStage(definition, options, context).process(batch);
  assert.equal(batch.byteLength, used, 'it leaves something in the arena');
  const lease = new CountedLease(() => {});
  registry.seal(lease);
  lease.settle('delivered');
  return { shown: shown(registry), batch };
}

describe('counter', () => {
  for (const { name, options, objects, expected } of [
    { name: 'each record', options: { name: 'lines' }, objects: ['{}', '{}'], expected: { 'lines{}': 2 } },
    {
      name: 'by an attribute with its name',
      options: { name: 'lines', labels: { code: 'http.status' } },
      objects: ['{"http.status":200}', '{"http.status":"200"}', '{"http.status":404}', '{}'],
      expected: { 'lines{code="200"}': 2, 'lines{code="404"}': 1, 'lines{}': 1 },
    },
    {
      name: 'by a list of attributes',
      options: { name: 'lines', labels: ['a', 'b.c'] },
      objects: ['{"a":true,"b.c":1.50}', '{"a":null,"b.c":{"d":1}}'],
      expected: { 'lines{a="true",b.c="1.50"}': 1, 'lines{b.c="{"d":1}"}': 1 },
    },
    {
      name: 'by a list of attributes, whatever else their names mean',
      options: { name: 'lines', labels: ['stream', 'severity', 'http-route'] },
      objects: ['{"stream":"stdout","severity":"high","http-route":"/"}', '{}'],
      expected: { 'lines{http-route="/",severity="high",stream="stdout"}': 1, 'lines{}': 1 },
    },
    {
      name: 'by expressions, texts among them',
      options: {
        name: 'lines',
        labels: {
          kind: '"x"',
          class: 'string(attributes.code / 100) + "xx"',
          slow: 'attributes.ms > 100',
          broken: 'attributes.ms + "x"',
          body: 'body',
        },
      },
      objects: ['{"code":404,"ms":500}'],
      expected: { 'lines{body="{"code":404,"ms":500}",class="4xx",kind="x",slow="true"}': 1 },
    },
    {
      name: 'a value, whatever it is written as',
      options: { name: 'bytes', value: 'size' },
      objects: [
        '{"size":10}',
        '{"size":1.5}',
        '{"size":"2.5"}',
        '{"size":"1e2"}',
        '{"size":".5"}',
        '{}',
        '{"size":null}',
      ],
      expected: { 'bytes{}': 114.5 },
    },
    {
      name: 'a value by an expression, scaled',
      options: { name: 'seconds', value: 'attributes.end - attributes.start', scale: 0.001 },
      objects: ['{"start":1000,"end":3500}'],
      expected: { 'seconds{}': 2.5 },
    },
  ]) {
    test(`counts ${name}`, () => assert.deepEqual(counted(counterStage, options, objects).shown, expected));
  }

  test('counts a value that is no number, or below 0, as not read', () => {
    const bad = ['-1', '"x"', '""', '" "', '"0x10"', '"1e999"', 'true', '[1]', '"Infinity"', '"."', '"5."', '"1.2.3"'];
    const { shown, batch } = counted(
      counterStage,
      { name: 'bytes', value: 'size' },
      bad.map((value) => `{"size":${value}}`),
    );
    assert.deepEqual(shown, {});
    assert.deepEqual(
      batch.failures.map(({ record, reason }) => [record, reason]),
      bad.map((_, record) => [record, record === 0 ? 'the value is below 0' : 'the value is no number']),
    );
  });

  test('counts an expression that CEL cannot evaluate as not read', () => {
    const { shown, batch } = counted(counterStage, { name: 'n', value: 'attributes.a + attributes.b' }, [
      '{"a":1,"b":"x"}',
    ]);
    assert.deepEqual([shown, batch.failures.length], [{}, 1]);
  });

  test('does nothing where nobody watches', () => {
    const context = stageContext();
    const batch = batchOfObjects(['{"size":"x"}'], context.keys);
    buildStage(counterStage, { name: 'bytes', value: 'size' }, context).process(batch);
    assert.deepEqual(batch.failures, []);
  });

  test('runs as its example says', () => assertExample(counterStage));
});

describe('gauge', () => {
  test('keeps the last value, also below 0', () => {
    const options = { name: 'depth', value: 'n', labels: ['queue'] };
    const objects = ['{"queue":"a","n":5}', '{"queue":"b","n":1}', '{"queue":"a","n":-2.5}', '{"queue":"b"}'];
    assert.deepEqual(counted(gaugeStage, options, objects).shown, { 'depth{queue="a"}': -2.5, 'depth{queue="b"}': 1 });
  });

  test('runs as its example says', () => assertExample(gaugeStage));
});

describe('histogram', () => {
  test('counts values in buckets', () => {
    const options = { name: 'took', unit: 's', value: 'ms', scale: 0.001, bounds: [0.1, 1] };
    const { shown } = counted(histogramStage, options, ['{"ms":50}', '{"ms":100}', '{"ms":"7000"}']);
    assert.deepEqual(shown, { 'took{}': { counts: [2, 0, 1], count: 3, sum: 7.15, min: 0.05, max: 7 } });
  });

  test('counts values in buckets that it finds', () => {
    const options = { name: 'took', value: 'ms', exponential: true, max_buckets: 140 };
    const { shown } = counted(histogramStage, options, ['{"ms":1}', '{"ms":4}', '{"ms":0}']);
    const { scale, zeroCount, positive, count, sum } = shown['took{}'] as ExponentialHistogramPoint;
    assert.deepEqual({ scale, zeroCount, count, sum }, { scale: 6, zeroCount: 1, count: 3, sum: 5 });
    // 1 is 2^0 and 4 is 2^2: bounds, which belong to the bucket below, 64 buckets to a power of two.
    const filled = Array.from(positive.counts, (n, i) => (n > 0 ? positive.offset + i : undefined));
    assert.deepEqual(
      filled.filter((bucket) => bucket !== undefined),
      [-1, 127],
    );
    const [error] = optionErrors(histogramStage, { ...options, bounds: [1] });
    assert.match(error?.message ?? '', /exponential/);
  });

  test('runs as its example says', () => assertExample(histogramStage));
});

describe('options of metrics that are wrong', () => {
  for (const { name, options, message, hint } of [
    {
      name: 'a name that no system takes',
      options: { name: '9 lives' },
      message: 'Cannot use "9 lives" as the name of a metric',
      hint: 'Use at most 255 letters, digits, "_", ".", "-" and "/", and begin with a letter',
    },
    {
      name: 'a label that histograms have',
      options: { name: 'x', labels: { le: 'a' } },
      message: 'Cannot use "le" as the name of a label',
      hint: 'It has a meaning of its own: choose another one',
    },
    {
      name: 'an expression that is none',
      options: { name: 'x', labels: { code: 'attributes[' } },
      message: /^Cannot use expression "attributes\[": /,
      hint: 'Something is missing at its end',
    },
    {
      name: 'a variable that is not there',
      options: { name: 'x', value: 'size * 2' },
      message: 'Cannot use expression "size * 2": there is no "size" (character 1)',
      hint: /^An attribute is written as attributes\["size"\]/,
    },
    {
      name: 'an expression that gives a list',
      options: { name: 'x', labels: { a: '[1, 2]' } },
      message: /^Cannot use expression "\[1, 2\]": it gives list<.*>$/,
      hint: 'Expected text, a number, true or false',
    },
  ]) {
    test(name, () => {
      const [error, ...others] = optionErrors(counterStage, options);
      assert.deepEqual(others, []);
      for (const [actual, expected] of [
        [error?.message, message],
        [error?.hint, hint],
      ] as const) {
        if (expected instanceof RegExp) assert.match(String(actual), expected);
        else assert.equal(actual, expected);
      }
    });
  }

  for (const bounds of [[], [1, 1], [2, 1], ['x'], [Number.POSITIVE_INFINITY]]) {
    test(`the bounds ${JSON.stringify(bounds)}`, () => {
      assert.equal(optionErrors(histogramStage, { name: 'x', value: 'y', bounds }).length, 1);
    });
  }
});
