import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_RETRY_AFTER_MS, parseRetryAfter } from '../../src/delivery/retry-after.ts';

const NOW = Date.UTC(2026, 7, 30, 12, 0, 0);
const DATE = 'Sun, 30 Aug 2026 12:00:00 GMT';
/** The clock of a peer that is a day behind. */
const DAY_BEHIND = 'Sat, 29 Aug 2026 12:00:00 GMT';

for (const { name, value, date, expected } of [
  { name: 'reads seconds', value: '120', expected: 120_000 },
  { name: 'reads no seconds at all', value: '0', expected: 0 },
  { name: 'passes over spaces around', value: ' 7 ', expected: 7000 },
  {
    name: 'reads a date against the own clock, without the answer to one',
    value: 'Sun, 30 Aug 2026 12:00:30 GMT',
    expected: 30_000,
  },
  {
    name: "reads a date against the answer's own",
    value: 'Sat, 29 Aug 2026 12:00:05 GMT',
    date: DAY_BEHIND,
    expected: 5000,
  },
  { name: 'reads a date of RFC 850', value: 'Sunday, 30-Aug-26 12:01:00 GMT', date: DATE, expected: 60_000 },
  { name: 'reads a date of asctime()', value: 'Sun Aug 30 12:00:09 2026', date: DATE, expected: 9000 },
  {
    name: 'takes a year of two digits far ahead for one of the last century',
    value: 'Sunday, 06-Nov-94 08:49:37 GMT',
    date: DATE,
    expected: undefined,
  },
  { name: 'finds nothing in a missing header', value: undefined, expected: undefined },
  { name: 'finds nothing in an empty one', value: '', expected: undefined },
  { name: 'finds nothing in words', value: 'soon', expected: undefined },
  { name: 'finds nothing in a negative number', value: '-1', expected: undefined },
  { name: 'finds nothing in a broken number', value: '1.5', expected: undefined },
  { name: 'finds nothing in a number with a sign', value: '+5', expected: undefined },
  { name: 'finds nothing in a date of another form', value: '2026-08-30T12:01:00Z', expected: undefined },
  { name: 'finds nothing in a month that is none', value: 'Sun, 30 Foo 2026 12:01:00 GMT', expected: undefined },
  { name: 'finds nothing in an hour that is none', value: 'Sun, 30 Aug 2026 25:01:00 GMT', expected: undefined },
  { name: 'finds nothing in the past', value: 'Sun, 30 Aug 2026 11:59:59 GMT', date: DATE, expected: undefined },
]) {
  test(`ANS-06 ANS-07 parseRetryAfter() ${name}`, () => {
    const parsed = parseRetryAfter(value, date, NOW);
    assert.deepEqual(parsed, expected === undefined ? undefined : { delayMs: expected, isCapped: false });
  });
}

for (const value of ['315360000', `9${'0'.repeat(400)}`, 'Fri, 30 Aug 2036 12:00:00 GMT']) {
  test(`ANS-06 ANS-07 parseRetryAfter() caps ten years and more, and says so: ${value.slice(0, 30)}`, () => {
    assert.deepEqual(parseRetryAfter(value, DATE, NOW), { delayMs: MAX_RETRY_AFTER_MS, isCapped: true });
  });
}
