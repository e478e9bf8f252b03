import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marksOf } from '../../../src/codec/otlp/marks.ts';
import { RecordFlag } from '../../../src/core/record-batch.ts';

test('marksOf() names each flag but Dropped, in a fixed order', () => {
  const all = Object.values(RecordFlag).reduce((flags, flag) => flags | flag, 0);
  assert.deepEqual(marksOf(all), ['parse_failed', 'truncated', 'unterminated', 'continuation', 'invalid_utf8']);
  assert.deepEqual(marksOf(RecordFlag.InvalidUtf8 | RecordFlag.Truncated), ['truncated', 'invalid_utf8']);
});

test('marksOf() gives nothing for a record without marks, dropped or not', () => {
  assert.deepEqual(marksOf(0), []);
  assert.deepEqual(marksOf(RecordFlag.Dropped), []);
});
