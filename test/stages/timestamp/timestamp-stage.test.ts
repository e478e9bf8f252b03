import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecordFlag } from '../../../src/core/record-batch.ts';
import { timestampStage } from '../../../src/stages/timestamp/index.ts';
import { plainRecord } from '../../harness/batch.ts';
import {
  assertExample,
  batchOfObjects,
  buildStage,
  optionErrors,
  processObjects,
  stageContext,
} from '../stage-fixture.ts';

const NOON = 1_767_355_200_000_000_000n;

test('the example of timestamp holds', () => assertExample(timestampStage));

for (const { name, options, object, time } of [
  { name: 'reads RFC 3339 by default', options: {}, object: '{"time":"2026-01-02T12:00:00Z"}', time: NOON },
  { name: 'reads a number of ms by default', options: {}, object: '{"time":1767355200000}', time: NOON },
  { name: 'reads digits in quotes by default', options: {}, object: '{"time":"1767355200000"}', time: NOON },
  { name: 'reads a number with a fraction', options: {}, object: '{"time":1767355200.000000001}', time: NOON + 1n },
  { name: 'reads a short text', options: { format: 'epoch_s' }, object: '{"time":"1"}', time: 1_000_000_000n },
  { name: 'reads another attribute', options: { field: 'ts' }, object: '{"ts":"2026-01-02T12:00:00Z"}', time: NOON },
  { name: 'reads ISO only', options: { format: 'iso8601' }, object: '{"time":"2026-01-02 12:00:00"}', time: NOON },
  { name: 'reads epoch seconds', options: { format: 'epoch_s' }, object: '{"time":1767355200}', time: NOON },
  { name: 'reads epoch ms', options: { format: 'epoch_ms' }, object: '{"time":1767355200000}', time: NOON },
  { name: 'reads epoch µs', options: { format: 'epoch_us' }, object: '{"time":1767355200000000}', time: NOON },
  { name: 'reads epoch ns', options: { format: 'epoch_ns' }, object: '{"time":1767355200000000001}', time: NOON + 1n },
  { name: 'reads a format', options: { format: '%d.%m.%Y %T' }, object: '{"time":"02.01.2026 12:00:00"}', time: NOON },
  {
    name: 'reads the second of two formats',
    options: { format: ['%d.%m.%Y %T', '%d %b %Y %T.%f'] },
    object: '{"time":"2 Jan 2026 12:00:00.000"}',
    time: NOON,
  },
  {
    name: 'reads the first of two formats that fit',
    options: { format: ['%d/%m/%Y %T', '%m/%d/%Y %T'] },
    object: '{"time":"02/01/2026 12:00:00"}',
    time: NOON,
  },
  {
    name: 'applies the time zone',
    options: { timezone: 'Asia/Tokyo' },
    object: '{"time":"2026-01-02T21:00:00"}',
    time: NOON,
  },
  {
    name: 'keeps an offset that is named',
    options: { timezone: 'Asia/Tokyo' },
    object: '{"time":"2026-01-02T12:00:00Z"}',
    time: NOON,
  },
  {
    name: 'adds nanoseconds that stand apart',
    options: { nanos: 'n' },
    object: '{"time":1767355200,"n":123456789}',
    time: NOON + 123_456_789n,
  },
  {
    name: 'takes nanoseconds of the second for milliseconds, whatever the order',
    options: { nanos: 'n' },
    object: '{"n":123456789,"time":1767355200123}',
    time: NOON + 123_456_789n,
  },
  { name: 'needs no nanoseconds', options: { nanos: 'n' }, object: '{"time":1767355200001}', time: NOON + 1_000_000n },
]) {
  test(`timestamp ${name}`, () => {
    const record = plainRecord(processObjects(timestampStage, options, [object]), 0);
    assert.equal(record.timeUnixNano, time);
    assert.deepEqual(record.attributes, {});
    assert.equal(record.flags, 0);
  });
}

for (const { name, options, object } of [
  { name: 'text that is no time', options: {}, object: '{"time":"yesterday"}' },
  { name: 'empty text', options: {}, object: '{"time":""}' },
  { name: 'a date alone', options: {}, object: '{"time":"2026-01-02"}' },
  { name: 'a number of no unit', options: {}, object: '{"time":12.5}' },
  { name: 'a negative number', options: { format: 'epoch_s' }, object: '{"time":-1}' },
  { name: '0, which means unknown', options: { format: 'epoch_s' }, object: '{"time":0}' },
  { name: 'a time before 1970', options: {}, object: '{"time":"0001-01-01T00:00:00Z"}' },
  { name: 'a time after 2554', options: {}, object: '{"time":"2555-01-01T00:00:00Z"}' },
  {
    name: 'a time after 2554 in a zone',
    options: { timezone: 'Asia/Tokyo' },
    object: '{"time":"9999-12-31T23:59:59"}',
  },
  { name: 'an object', options: {}, object: '{"time":{"$date":1767355200000}}' },
  { name: 'true', options: {}, object: '{"time":true}' },
  { name: 'a number in a format of text', options: { format: 'iso8601' }, object: '{"time":1767355200000}' },
]) {
  test(`timestamp fails a record with ${name}, and keeps the attribute`, () => {
    const context = stageContext();
    const batch = batchOfObjects([object], context.keys);
    const before = plainRecord(batch, 0);
    buildStage(timestampStage, options, context).process(batch);
    const { flags, ...record } = plainRecord(batch, 0);
    assert.equal(flags, RecordFlag.ParseFailed);
    assert.deepEqual({ ...record, flags: 0 }, before);
    assert.equal(batch.failures.length, 1);
  });
}

for (const { name, object } of [
  { name: 'without the attribute', object: '{"msg":"x"}' },
  { name: 'whose attribute is null', object: '{"time":null}' },
]) {
  test(`timestamp leaves a record alone ${name}`, () => {
    const context = stageContext();
    const batch = batchOfObjects([object], context.keys);
    const before = plainRecord(batch, 0);
    buildStage(timestampStage, {}, context).process(batch);
    assert.deepEqual(plainRecord(batch, 0), before);
    assert.equal(batch.failures.length, 0);
  });
}

test('timestamp keeps the attribute when it is told to', () => {
  const batch = processObjects(timestampStage, { keep: true }, ['{"time":"2026-01-02T12:00:00Z","a":1}']);
  assert.deepEqual(plainRecord(batch, 0).attributes, { time: '2026-01-02T12:00:00Z', a: 1 });
});

test('timestamp leaves dropped records alone', () => {
  const context = stageContext();
  const batch = batchOfObjects(['{"time":"x"}', '{"time":"2026-01-02T12:00:00Z"}'], context.keys);
  batch.drop(0);
  buildStage(timestampStage, {}, context).process(batch);
  assert.deepEqual([plainRecord(batch, 0).flags, plainRecord(batch, 1).timeUnixNano], [RecordFlag.Dropped, NOON]);
  assert.equal(batch.failures.length, 0);
});

test('timestamp never throws, and sets a time or fails the record, whatever the text', () => {
  const stages = ['auto', 'iso8601', 'epoch_ms', '%d/%b/%Y:%H:%M:%S %z', '%b %e %T', '%s.%f'].map((format) => {
    const context = stageContext();
    return { context, stage: buildStage(timestampStage, { format, timezone: 'Europe/Berlin' }, context) };
  });
  const near = fc
    .tuple(
      fc.constantFrom('2026-03-29T02:30:00.5Z', '1767355200000', '02/Jan/2026:12:00:00 +0100', 'Feb 29 12:00:00'),
      fc.nat(26),
    )
    .chain(([time, at]) => fc.string({ maxLength: 2 }).map((text) => time.slice(0, at) + text + time.slice(at + 1)));
  const texts = fc.array(fc.oneof(near, fc.string({ unit: 'binary' })), { minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(texts, fc.constantFrom(...stages), (texts, { context, stage }) => {
      const batch = batchOfObjects(
        texts.map((time) => JSON.stringify({ time })),
        context.keys,
      );
      stage.process(batch);
      for (let i = 0; i < texts.length; i++) {
        const { flags, timeUnixNano, attributes } = plainRecord(batch, i);
        const isRead = timeUnixNano !== 0n;
        assert.equal(flags, isRead ? 0 : RecordFlag.ParseFailed);
        assert.equal('time' in attributes, !isRead);
      }
    }),
    { numRuns: 50 },
  );
});

for (const { name, options, code, path, hint } of [
  {
    name: 'a name that is nearly known',
    options: { format: 'iso8610' },
    code: 'ERR_CONFIG_VALUE',
    path: 'format',
    hint: /"iso8601"/,
  },
  {
    name: 'a name that is not known',
    options: { format: 'unixtime' },
    code: 'ERR_CONFIG_VALUE',
    path: 'format',
    hint: /epoch_s/,
  },
  {
    name: 'the name of a member of all objects',
    options: { format: 'constructor' },
    code: 'ERR_CONFIG_VALUE',
    path: 'format',
    hint: /auto/,
  },
  {
    name: 'an unknown directive',
    options: { format: '%F %Q' },
    code: 'ERR_CONFIG_PATTERN',
    path: 'format',
    hint: /%F/,
  },
  {
    name: 'an unknown time zone',
    options: { timezone: 'Europe/Berlln' },
    code: 'ERR_CONFIG_VALUE',
    path: 'timezone',
    hint: /"Europe\/Berlin"/,
  },
  {
    name: 'an abbreviated time zone',
    options: { timezone: 'MESZ' },
    code: 'ERR_CONFIG_VALUE',
    path: 'timezone',
    hint: /IANA|Did you mean/,
  },
]) {
  test(`timestamp refuses ${name}`, () => {
    const [error, ...others] = optionErrors(timestampStage, options);
    assert.equal(others.length, 0);
    assert.equal(error?.code, code);
    assert.deepEqual(error?.path, [path]);
    assert.match(error?.hint ?? '', hint);
  });
}

test('timestamp reports a wrong format and a wrong zone together', () => {
  const errors = optionErrors(timestampStage, { format: '%Q', timezone: 'X' });
  assert.deepEqual(
    errors.map(({ path }) => path[0]),
    ['format', 'timezone'],
  );
});

test('timestamp keeps its own fraction when the nanoseconds are none', () => {
  for (const nanos of ['"1"', '-1', '1000000000', '1.5', 'null', '[1]']) {
    const record = plainRecord(
      processObjects(timestampStage, { nanos: 'n' }, [`{"time":1767355200.5,"n":${nanos}}`]),
      0,
    );
    assert.equal(record.timeUnixNano, NOON + 500_000_000n);
    assert.equal(record.flags, 0);
  }
});
