import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatSummary, type LeftFile, summarize } from '../../src/agent/summary.ts';
import type { MetricName } from '../../src/telemetry/metric-names.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';

const SUMS = {
  readRecords: 1234,
  readBytes: 1_234_567,
  unreadBytes: 0,
  droppedRecords: 1,
  deliveredRecords: 1200,
  rejectedRecords: 33,
  abandonedRecords: 0,
  resentRecords: 0,
  deliveredPoints: 0,
  droppedPoints: 0,
  rejectedPoints: 0,
  abandonedPoints: 0,
  answeredScrapes: 0,
};
/** Of an agent that has read nothing. */
const NOTHING = { ...SUMS, readRecords: 0, readBytes: 0, droppedRecords: 0, deliveredRecords: 0, rejectedRecords: 0 };
const RECORDS = '1,234 records read (1,234,567 bytes), 1,200 delivered, 1 dropped, 33 rejected';
const SENTENCE = `Stopped after draining for 1.5 s: ${RECORDS}.`;

test('formatSummary() leaves out what is zero, and files that nothing is left of', () => {
  assert.equal(formatSummary(SUMS, [], { seconds: 1.5, maxBytes: 100 }), SENTENCE);
});

for (const { what, sums, expected } of [
  {
    what: 'metrics alone, where nothing is read',
    sums: { ...NOTHING, deliveredPoints: 5000 },
    expected: '5,000 values of metrics delivered',
  },
  {
    what: 'what became of metrics that were not delivered',
    sums: { ...NOTHING, droppedPoints: 7, rejectedPoints: 8, abandonedPoints: 9 },
    expected: '0 values of metrics delivered, 7 dropped, 8 rejected, 9 without an answer',
  },
  { what: 'one scrape', sums: { ...NOTHING, answeredScrapes: 1 }, expected: 'metrics asked for once' },
  {
    what: 'records, metrics and scrapes',
    sums: { ...SUMS, deliveredPoints: 12, answeredScrapes: 1000 },
    expected: `${RECORDS}; 12 values of metrics delivered; metrics asked for 1,000 times`,
  },
  {
    what: 'records where there was nothing at all',
    sums: NOTHING,
    expected: '0 records read (0 bytes), 0 delivered, 0 dropped, 0 rejected',
  },
]) {
  test(`formatSummary() speaks of ${what}`, () => {
    assert.equal(
      formatSummary(sums, [], { seconds: 1.5, maxBytes: 4096 }),
      `Stopped after draining for 1.5 s: ${expected}.`,
    );
  });
}

test('summarize() counts what is read once, however many readers a source has, and what is delivered at each sink', () => {
  const metrics = new Metrics();
  const count = (name: MetricName, labels: Record<string, string>, amount: number): void =>
    metrics.counter(name, labels).add(amount);
  for (const [source, records] of Object.entries({ 'app/near': 100, 'app/far': 60, other: 7 })) {
    count('pillion_source_records_total', { source }, records);
    metrics.gauge('pillion_source_unread_bytes', { source }, () => 100 - records);
  }
  count('pillion_sink_delivered_records_total', { sink: 'near' }, 107);
  count('pillion_sink_delivered_records_total', { sink: 'far' }, 60);
  const { readRecords, unreadBytes, deliveredRecords } = summarize(metrics);
  assert.deepEqual(
    { readRecords, unreadBytes, deliveredRecords },
    { readRecords: 107, unreadBytes: 133, deliveredRecords: 167 },
  );
});

test('formatSummary() says for which sink something is left', () => {
  const left = [{ path: '/a', sink: 'far', unreadBytes: 1, unansweredBytes: 0 }];
  assert.equal(
    formatSummary(SUMS, left, { seconds: 1.5, maxBytes: 4096 }),
    `${SENTENCE} Left: "/a" (for far: 1 byte unread).`,
  );
});

test('formatSummary() escapes paths', () => {
  const left = [{ path: '/a\n\u001b[2J', unreadBytes: 1, unansweredBytes: 2 }];
  assert.equal(
    formatSummary(SUMS, left, { seconds: 1.5, maxBytes: 4096 }),
    `${SENTENCE} Left: "/a\\n\\u001b[2J" (1 byte unread, 2 bytes unanswered).`,
  );
});

test('DRN-09 formatSummary() keeps to its limit, and its numbers add up whatever is left out', () => {
  const file = fc.record({
    path: fc.string({ unit: 'binary', maxLength: 300 }).map((name) => `/${name.replaceAll(/\d/g, '')}`),
    unreadBytes: fc.nat({ max: 1e9 }),
    unansweredBytes: fc.integer({ min: 1, max: 1e9 }),
  });
  fc.assert(
    fc.property(fc.array(file, { maxLength: 60 }), fc.integer({ min: 400, max: 4096 }), (left, maxBytes) => {
      const text = formatSummary(SUMS, left, { seconds: 1.5, maxBytes });
      assert.ok(Buffer.byteLength(text) <= maxBytes);
      for (const [what, of] of [
        ['unread', (file: LeftFile) => file.unreadBytes],
        ['unanswered', (file: LeftFile) => file.unansweredBytes],
      ] as const) {
        const found = [...text.matchAll(new RegExp(`([\\d,]+) bytes? ${what}`, 'g'))].map(([, digits = '']) => digits);
        const sum = found.reduce((sum, digits) => sum + Number(digits.replaceAll(',', '')), 0);
        assert.equal(
          sum,
          left.reduce((sum, file) => sum + of(file), 0),
        );
      }
    }),
    { numRuns: 200 },
  );
});
