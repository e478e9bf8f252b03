import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { traceContextStage } from '../../../src/stages/trace-context/index.ts';
import { attributesOf, plainRecord } from '../../harness/batch.ts';
import {
  assertExample,
  batchOfObjects,
  buildStage,
  optionErrors,
  processObjects,
  stageContext,
} from '../stage-fixture.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const REASON = 'no trace context of that form';

test('the example of trace_context holds', () => assertExample(traceContextStage));

function run(object: object, options: object = {}): unknown[] {
  const batch = processObjects(traceContextStage, options, [JSON.stringify(object)]);
  const { traceId, spanId, attributes } = plainRecord(batch, 0);
  return [traceId, spanId, batch.traceFlags[0], attributes, batch.failures.length];
}

for (const { name, object, options, expected } of [
  {
    name: 'traceparent',
    object: { traceparent: `00-${TRACE}-${SPAN}-01`, a: 1 },
    expected: [TRACE, SPAN, 1, { a: 1 }],
  },
  {
    name: 'traceparent of a later version',
    object: { traceparent: `cc-${TRACE}-${SPAN}-03-what-ever` },
    expected: [TRACE, SPAN, 3, {}],
  },
  {
    name: 'three fields',
    object: { trace_id: TRACE, span_id: SPAN, trace_flags: '01' },
    expected: [TRACE, SPAN, 1, {}],
  },
  {
    name: 'flags that are a number',
    object: { traceId: TRACE, spanId: SPAN, traceFlags: 1 },
    expected: [TRACE, SPAN, 1, {}],
  },
  { name: 'capitals', object: { TraceId: TRACE.toUpperCase(), SpanId: SPAN }, expected: [TRACE, SPAN, 0, {}] },
  { name: 'a trace id alone', object: { trace_id: TRACE }, expected: [TRACE, '', 0, {}] },
  {
    name: 'a trace id of 64 bits',
    object: { 'X-B3-TraceId': SPAN, 'X-B3-SpanId': SPAN, 'X-B3-Sampled': '1' },
    expected: [`0000000000000000${SPAN}`, SPAN, 1, {}],
  },
  {
    name: 'what the instrumentation of Python writes',
    object: { otelTraceID: TRACE, otelSpanID: SPAN, otelTraceSampled: true },
    expected: [TRACE, SPAN, 1, {}],
  },
  { name: 'b3', object: { b3: `${TRACE}-${SPAN}-1-05e3ac9a4f6e3b90` }, expected: [TRACE, SPAN, 1, {}] },
  {
    name: 'b3 without a decision',
    object: { b3: `${SPAN}-${SPAN}` },
    expected: [`0000000000000000${SPAN}`, SPAN, 0, {}],
  },
  { name: 'b3 of a debug trace', object: { b3: `${TRACE}-${SPAN}-d` }, expected: [TRACE, SPAN, 1, {}] },
  {
    name: 'ids of Datadog as text',
    object: { 'dd.trace_id': '18446744073709551615', 'dd.span_id': '4611686018427387904' },
    expected: ['0000000000000000ffffffffffffffff', '4000000000000000', 0, {}],
  },
  {
    name: 'ids of Datadog as numbers, and with 128 bits',
    object: { 'dd.trace_id': TRACE, 'dd.span_id': 255 },
    expected: [TRACE, '00000000000000ff', 0, {}],
  },
  {
    name: 'attributes of its own before known ones',
    object: { trace_id: 'x', my: TRACE, at: SPAN },
    options: { fields: { my: 'trace_id', at: 'span_id' } },
    expected: [TRACE, SPAN, 0, { trace_id: 'x' }],
  },
  {
    name: 'a known name as another form',
    object: { trace_id: '255' },
    options: { fields: { trace_id: 'datadog_trace_id' } },
    expected: ['000000000000000000000000000000ff', '', 0, {}],
  },
  {
    name: 'what it keeps',
    object: { trace_id: TRACE, span_id: SPAN },
    options: { keep: true },
    expected: [TRACE, SPAN, 0, { trace_id: TRACE, span_id: SPAN }],
  },
  {
    name: 'the best of several',
    object: { 'dd.trace_id': '1', trace_id: SPAN, traceparent: `00-${TRACE}-${SPAN}-00` },
    expected: [TRACE, SPAN, 0, { 'dd.trace_id': '1', trace_id: SPAN }],
  },
  { name: 'nothing', object: { a: 1 }, expected: ['', '', 0, { a: 1 }] },
]) {
  test(`trace_context reads ${name}`, () => assert.deepEqual(run(object, options), [...expected, 0]));
}

for (const object of [
  { trace_id: '', span_id: '' },
  { trace_id: '0'.repeat(32), span_id: '0'.repeat(16) },
  { otelTraceID: '0', otelSpanID: '0', otelTraceSampled: false },
  { traceparent: `00-${'0'.repeat(32)}-${'0'.repeat(16)}-00` },
  { 'dd.trace_id': 0, 'dd.span_id': '0' },
  { trace_id: null },
  { b3: '0' },
  { b3: '-' },
  { span_id: SPAN },
]) {
  test(`trace_context takes ${JSON.stringify(object)} for no context`, () =>
    assert.deepEqual(run(object), ['', '', 0, object, 0]));
}

for (const object of [
  { trace_id: 'abc' },
  { trace_id: `${TRACE}0` },
  { trace_id: `${TRACE}00` },
  { trace_id: TRACE.replace('4', 'g') },
  { trace_id: 17 },
  { trace_id: { id: TRACE } },
  { traceparent: `ff-${TRACE}-${SPAN}-01` },
  { traceparent: `00-${TRACE}-${SPAN}-01-x` },
  { traceparent: `00-${TRACE}-${SPAN}-0x` },
  { traceparent: `00-${TRACE}-${'0'.repeat(16)}-01` },
  { traceparent: `00_${TRACE}-${SPAN}-01` },
  { b3: `${TRACE}-${SPAN}-x` },
  { b3: '1' },
  { b3: `${TRACE}-${SPAN}x` },
  { 'dd.trace_id': '18446744073709551616' },
  { 'dd.trace_id': '-1' },
  { 'dd.trace_id': 1.5 },
]) {
  test(`trace_context leaves ${JSON.stringify(object)} as it is, and says so`, () => {
    assert.deepEqual(run(object), ['', '', 0, object, 1]);
  });
}

test('trace_context takes what it can read beside what it cannot', () => {
  assert.deepEqual(run({ trace_id: TRACE, span_id: 'x', trace_flags: 'zz' }), [
    TRACE,
    '',
    0,
    { span_id: 'x', trace_flags: 'zz' },
    1,
  ]);
  assert.deepEqual(run({ traceparent: 'x', trace_id: TRACE }), [TRACE, '', 0, { traceparent: 'x' }, 1]);
});

test('trace_context reads any ids, wherever the record stands', () => {
  const hex = (length: number) =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes).toString('hex'));
  const record = fc.record({ trace: hex(16), span: hex(8), dd: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }) });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 20 }), (records) => {
      const lines = records.map(({ trace, span, dd }, i) =>
        JSON.stringify(i % 2 === 0 ? { trace_id: trace, span_id: span } : { 'dd.trace_id': String(dd) }),
      );
      const batch = processObjects(traceContextStage, {}, lines);
      for (const [i, { trace, span, dd }] of records.entries()) {
        const expected = i % 2 === 0 ? [trace, span] : [dd.toString(16).padStart(32, '0'), ''];
        const { traceId, spanId } = plainRecord(batch, i);
        if (!/^0+$/.test(trace) && !/^0+$/.test(span)) assert.deepEqual([traceId, spanId], expected);
      }
    }),
  );
});

test('trace_context leaves dropped records alone, and says why of the others', () => {
  const batch = batchOfObjects(['{"trace_id":"x"}', '{"trace_id":"x"}']);
  batch.drop(0);
  buildStage(traceContextStage, {}, stageContext(batch.keys)).process(batch);
  assert.deepEqual(batch.failures, [{ record: 1, reason: REASON }]);
  assert.deepEqual(attributesOf(batch, 0), { trace_id: 'x' });
});

for (const { name, options, path } of [
  { name: 'a form that is unknown', options: { fields: { a: 'hex' } }, path: ['fields', 'a'] },
  { name: 'a list of fields', options: { fields: ['a'] }, path: ['fields'] },
]) {
  test(`trace_context refuses ${name}`, () => {
    assert.deepEqual(
      optionErrors(traceContextStage, options).map((error) => error.path),
      [path],
    );
  });
}
