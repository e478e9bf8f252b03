import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnmatchedLines } from '../../src/agent/unmatched-lines.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { batchOf } from '../harness/batch.ts';

/** A batch in which every record failed. */
function failed(lines: readonly string[]) {
  const batch = batchOf(lines);
  for (let record = 0; record < batch.count; record++) batch.fail(record, 'no pattern fits');
  return batch;
}

test('UnmatchedLines groups the lines that a stage could not read, and says what would read them', () => {
  const unmatched = new UnmatchedLines(new Metrics());
  const lines = Array.from({ length: 5 }, (_, i) => `WARN [${i}] pool db${i} exhausted`);
  unmatched.add('logs/2', 'pattern', failed([...lines, 'bye']));
  unmatched.add('logs/2', 'pattern', failed(['WARN [9] pool db9 exhausted']));
  const [report, ...others] = unmatched.report();
  assert.deepEqual(others, []);
  assert.deepEqual([report?.stage, report?.label, report?.records, report?.sampled], ['logs/2', 'pattern', 7, 7]);
  assert.deepEqual(report?.kinds, [
    {
      kind: '1',
      lines: 6,
      template: 'WARN <*> pool <*> exhausted',
      example: 'WARN [0] pool db0 exhausted',
      pattern: 'WARN [<value>] pool <value_2> exhausted',
    },
    { kind: '2', lines: 1, template: 'bye', example: 'bye' },
  ]);
});

test('UnmatchedLines looks at some lines of a batch, and counts all', () => {
  const unmatched = new UnmatchedLines(new Metrics());
  unmatched.add('logs/1', 'json', failed(Array.from({ length: 1000 }, () => 'x'.repeat(5000))));
  const [report] = unmatched.report();
  assert.deepEqual([report?.records, report?.sampled, report?.kinds.length], [1000, 20, 1]);
  assert.ok(report!.kinds[0]!.example.length <= 1000);
});

test('UnmatchedLines counts each kind by its number, and the kinds beyond the first 20 together', () => {
  const metrics = new Metrics();
  const unmatched = new UnmatchedLines(metrics);
  const kind = (i: number): string => `${'abcdefghijklmnopqrstuvwxyz'[i]!.repeat(5)} fails`;
  for (let i = 0; i < 25; i++) unmatched.add('logs/1', 'pattern', failed([kind(i), kind(i)]));
  unmatched.add('logs/1', 'pattern', failed([kind(0)]));
  const counts = metrics.sumBy('pillion_unmatched_lines_total', 'kind', { stage: 'logs/1' });
  assert.equal(Object.keys(counts).length, 21);
  assert.deepEqual([counts['1'], counts['2'], counts['20'], counts['other']], [3, 2, 2, 10]);
  const [report] = unmatched.report();
  assert.equal(report!.kinds.find(({ kind }) => kind === '1')?.template, kind(0));
});
