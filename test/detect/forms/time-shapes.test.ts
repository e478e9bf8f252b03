import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { timeAt } from '../../../src/detect/forms/time-shapes.ts';

for (const { time, format, expression } of [
  { time: '2026-01-02T03:04:05Z', format: undefined, expression: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ' },
  {
    time: '2026-01-02 03:04:05,678',
    format: undefined,
    expression: '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(?:,\\d+)?',
  },
  {
    time: '2026-01-02T03:04:05.678+02:00',
    format: undefined,
    expression: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?[+-]\\d\\d:\\d\\d',
  },
  { time: '1700000000', format: undefined, expression: '\\d{10}' },
  { time: '1700000000.123', format: undefined, expression: '\\d{10}(?:\\.\\d+)?' },
  { time: '1700000000123', format: undefined, expression: '\\d{13}' },
  { time: '2026/01/02 03:04:05', format: '%Y/%m/%d %H:%M:%S', expression: '\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d' },
  { time: '02/Jan/2026:03:04:05 +0000', format: '%d/%b/%Y:%H:%M:%S %z' },
  { time: 'Jan  2 03:04:05', format: '%b %d %H:%M:%S', expression: '[A-Z][a-z]+  \\d \\d\\d:\\d\\d:\\d\\d' },
  { time: 'Fri Jan 02 03:04:05 2026', format: '%a %b %d %H:%M:%S %Y' },
  { time: 'Fri Jan 02 03:04:05.678901 2026', format: '%a %b %d %H:%M:%S.%f %Y' },
  { time: 'Jan 2, 2026 3:04:05 PM', format: '%b %d, %Y %I:%M:%S %p' },
  { time: '02 Jan 2026 03:04:05.678', format: '%d %b %Y %H:%M:%S.%f' },
  { time: '20260102-3:4:5:67', format: '%Y%m%d-%H:%M:%S:%f' },
  { time: '260102 030405', format: '%y%m%d %H%M%S' },
  { time: '01-02 03:04:05.678', format: '%m-%d %H:%M:%S.%f' },
  { time: '02.01.2026 03:04:05', format: '%d.%m.%Y %H:%M:%S' },
]) {
  test(`timeAt() knows ${time}`, () => {
    const found = timeAt(`at ${time} INFO`, 3);
    assert.deepEqual([found?.format, found?.end], [format, 3 + time.length]);
    for (const one of [found!.expression, found!.looseExpression]) assert.match(time, new RegExp(`^${one}$`));
    if (expression !== undefined) assert.equal(found?.expression, expression);
  });
}

for (const text of ['03:04:05', '2026', '127.0.0.1', '2026-01-02', 'Jan 2', '12345678901', 'INFO', '', '9700000000']) {
  test(`timeAt() sees no time in ${JSON.stringify(text)}`, () => assert.equal(timeAt(text, 0), undefined));
}

test('timeAt() names what the numbers of a date could be, too', () => {
  assert.deepEqual(timeAt('01/02/2026 03:04:05', 0)?.others, ['%m/%d/%Y %H:%M:%S']);
  assert.deepEqual(timeAt('17/06/09 20:10:40', 0)?.others, ['%d/%m/%y %H:%M:%S', '%m/%d/%y %H:%M:%S']);
});

test('timeAt() finds what fits its own expressions, wherever it finds something', () => {
  const piece = fc.constantFrom(
    '2026',
    '01',
    '1',
    '-',
    '/',
    ':',
    ' ',
    'T',
    'Jan',
    'Fri',
    '.',
    ',',
    'Z',
    '+0100',
    '123',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const text = pieces.join('');
      const found = timeAt(text, 0);
      if (found === undefined) return;
      const time = text.slice(found.start, found.end);
      assert.match(time, new RegExp(`^(?:${found.expression})$`));
      assert.match(time, new RegExp(`^(?:${found.looseExpression})$`));
    }),
    { numRuns: 2000 },
  );
});
