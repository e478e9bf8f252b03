import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exceptionStage } from '../../../src/stages/exception/index.ts';
import { attributesOf, batchOf, plainRecord } from '../../harness/batch.ts';
import { assertExample, buildStage, optionErrors, processObjects, stageContext } from '../stage-fixture.ts';

const TRACE = 'TypeError: x is not a function\n    at pay (/app/pay.js:3:9)\n    at main (/app/main.js:1:1)';
const EXCEPTION = {
  'exception.type': 'TypeError',
  'exception.message': 'x is not a function',
  'exception.stacktrace': TRACE,
};

test('the example of exception holds', () => assertExample(exceptionStage));

for (const { name, options, body, expected } of [
  { name: 'keeps the body', options: {}, body: `failed\n${TRACE}\n`, expected: `failed\n${TRACE}\n` },
  {
    name: 'leaves what stands before the trace',
    options: { shorten_body: true },
    body: `failed\nbadly\n\n${TRACE}\n`,
    expected: 'failed\nbadly',
  },
  {
    name: 'leaves the line of the exception where nothing stands before it',
    options: { shorten_body: true },
    body: `\n${TRACE}`,
    expected: 'TypeError: x is not a function',
  },
  {
    name: 'leaves the words before an exception on the same line',
    options: { shorten_body: true },
    body: `failed: ${TRACE}`,
    expected: 'failed:',
  },
]) {
  test(`exception ${name}`, () => {
    const batch = batchOf(['one line', body]);
    buildStage(exceptionStage, options, stageContext(batch.keys)).process(batch);
    assert.deepEqual(batch.failures, []);
    assert.deepEqual(plainRecord(batch, 0).attributes, {});
    assert.equal(plainRecord(batch, 1).body, expected);
    assert.deepEqual(attributesOf(batch, 1), EXCEPTION);
  });
}

for (const { name, options, object, expected } of [
  {
    name: 'takes the first attribute that holds a trace',
    options: { fields: ['err.stack', 'stack', 'exception'] },
    object: { msg: 'a', stack: 'no trace\nhere', exception: TRACE },
    expected: { msg: 'a', stack: 'no trace\nhere', ...EXCEPTION },
  },
  {
    name: 'keeps the attribute',
    options: { fields: 'stack', keep: true },
    object: { stack: TRACE, a: 1 },
    expected: { stack: TRACE, a: 1, ...EXCEPTION },
  },
  {
    name: 'replaces what the record has already',
    options: { fields: 'exception.stacktrace' },
    object: { 'exception.type': 'old', 'exception.stacktrace': TRACE },
    expected: EXCEPTION,
  },
  {
    name: 'leaves numbers and objects alone',
    options: { fields: ['a', 'b'] },
    object: { a: 1, b: { stack: TRACE } },
    expected: { a: 1, b: { stack: TRACE } },
  },
]) {
  test(`exception ${name}`, () => {
    const batch = processObjects(exceptionStage, options, [JSON.stringify(object)]);
    assert.deepEqual(attributesOf(batch), expected);
    assert.deepEqual(batch.failures, []);
  });
}

test('exception leaves the message of Ruby in the body, which stands before the type', () => {
  const batch = batchOf(["main.rb:1:in `pay': no stock (OutOfStock)\n\tfrom main.rb:2:in `<main>'"]);
  buildStage(exceptionStage, { shorten_body: true }, stageContext(batch.keys)).process(batch);
  assert.equal(plainRecord(batch, 0).body, 'no stock (OutOfStock)');
  assert.equal(attributesOf(batch)['exception.message'], 'no stock');
});

test('exception gives a class of Laravel its name without the escapes of JSON', () => {
  const batch = batchOf([
    '[2026-01-02 03:04:05] production.ERROR: bad {"exception":"[object] (App\\\\Jobs\\\\Failed(code: 0): bad at /app/a.php:1)\n[stacktrace]\n#0 {main}\n"}',
  ]);
  buildStage(exceptionStage, {}, stageContext(batch.keys)).process(batch);
  assert.equal(attributesOf(batch)['exception.type'], 'App\\Jobs\\Failed');
});

test('exception leaves dropped records alone', () => {
  const batch = batchOf([TRACE, TRACE]);
  batch.drop(0);
  buildStage(exceptionStage, {}, stageContext(batch.keys)).process(batch);
  assert.deepEqual([attributesOf(batch, 0), attributesOf(batch, 1)], [{}, EXCEPTION]);
});

test('exception refuses options that it does not have', () => {
  assert.equal(optionErrors(exceptionStage, { field: 'stack' }).length, 1);
});
