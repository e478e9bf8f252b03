import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readPartialSuccess, readStatusMessage } from '../../../src/sinks/otlp/response.ts';
import { protobufStatus, protobufSuccess } from './messages.ts';

test('readPartialSuccess() reads what a peer wrote, in both encodings', () => {
  const int64 = fc.integer({ min: -(2 ** 53), max: 2 ** 53 });
  const text = fc.string({ unit: 'grapheme', maxLength: 10 });
  fc.assert(
    fc.property(int64, text, (rejectedRecords, message) => {
      const expected = { rejectedRecords, message };
      const json = { partialSuccess: { rejectedLogRecords: String(rejectedRecords), errorMessage: message } };
      assert.deepEqual(readPartialSuccess(Buffer.from(JSON.stringify(json)), 'json'), expected);
      assert.deepEqual(readPartialSuccess(protobufSuccess(rejectedRecords, message), 'protobuf'), expected);
    }),
  );
});

test('readStatusMessage() reads the message, and an empty one where there is none', () => {
  assert.equal(readStatusMessage(protobufStatus('no'), 'protobuf'), 'no');
  assert.equal(readStatusMessage(Buffer.from('{"message":"no"}'), 'json'), 'no');
  assert.deepEqual(
    [readStatusMessage(Buffer.alloc(0), 'protobuf'), readStatusMessage(Buffer.from('{}'), 'json')],
    ['', ''],
  );
});

test('readPartialSuccess() and readStatusMessage() never throw, whatever the bytes', () => {
  const junk = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.json({ maxDepth: 3 }).map((json) => Buffer.from(json)),
    fc.json({ maxDepth: 1 }).map((json) => Buffer.from(`{"partialSuccess":${json},"message":${json}}`)),
  );
  fc.assert(
    fc.property(junk, fc.constantFrom('protobuf' as const, 'json' as const), (body, encoding) => {
      const success = readPartialSuccess(body, encoding);
      assert.ok(success === undefined || Number.isFinite(success.rejectedRecords));
      assert.ok(['string', 'undefined'].includes(typeof readStatusMessage(body, encoding)));
    }),
    { numRuns: 2000 },
  );
});
