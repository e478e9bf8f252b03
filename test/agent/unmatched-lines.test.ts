import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnmatchedLines } from '../../src/agent/unmatched-lines.ts';
import { batchOf } from '../harness/batch.ts';

/** A batch in which every record failed. */
function failed(lines: readonly string[]) {
  const batch = batchOf(lines);
  for (let record = 0; record < batch.count; record++) batch.fail(record, 'no pattern fits');
  return batch;
}

test('UnmatchedLines groups the lines that a stage could not read, and says what would read them', () => {
  const unmatched = new UnmatchedLines();
  const lines = Array.from({ length: 5 }, (_, i) => `WARN [${i}] pool db${i} exhausted`);
  unmatched.add('logs/2', 'pattern', failed([...lines, 'bye']));
  unmatched.add('logs/2', 'pattern', failed(['WARN [9] pool db9 exhausted']));
  const [report, ...others] = unmatched.report();
  assert.deepEqual(others, []);
  assert.deepEqual([report?.stage, report?.label, report?.records, report?.sampled], ['logs/2', 'pattern', 7, 7]);
  assert.deepEqual(report?.kinds, [
    {
      lines: 6,
      template: 'WARN <*> pool <*> exhausted',
      example: 'WARN [0] pool db0 exhausted',
      pattern: 'WARN [<value>] pool <value_2> exhausted',
    },
    { lines: 1, template: 'bye', example: 'bye' },
  ]);
});

test('UnmatchedLines looks at some lines of a batch, and counts all', () => {
  const unmatched = new UnmatchedLines();
  unmatched.add('logs/1', 'json', failed(Array.from({ length: 1000 }, () => 'x'.repeat(5000))));
  const [report] = unmatched.report();
  assert.deepEqual([report?.records, report?.sampled, report?.kinds.length], [1000, 20, 1]);
  assert.ok(report!.kinds[0]!.example.length <= 1000);
});
