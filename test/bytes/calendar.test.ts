import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daysSince1970, isDate } from '../../src/bytes/calendar.ts';

const DAY_MS = 86_400_000;

test('daysSince1970() and isDate() agree with the calendar of the runtime on every day of the years 1 to 3000', () => {
  const date = new Date(0);
  for (let year = 1; year <= 3000; year++) {
    for (let month = 1; month <= 12; month++) {
      date.setUTCFullYear(year, month, 0);
      const days = date.getUTCDate();
      date.setUTCFullYear(year, month - 1, 1);
      const first = date.getTime() / DAY_MS;
      for (let day = 1; day <= days; day++) {
        if (daysSince1970(year, month, day) !== first + day - 1) assert.fail(`${year}-${month}-${day}`);
      }
      if (!isDate(year, month, days) || isDate(year, month, days + 1)) assert.fail(`end of ${year}-${month}`);
    }
  }
});

for (const [year, month, day] of [
  [2026, 0, 1],
  [2026, 13, 1],
  [2026, 1, 0],
  [2026, -1, 1],
  [2026, 1, -1],
  [2025, 2, 29],
  [1900, 2, 29],
  [2026, 1, 99],
] as const) {
  test(`isDate() refuses ${year}-${month}-${day}`, () => assert.equal(isDate(year, month, day), false));
}
