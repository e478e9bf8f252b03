import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDouble } from '../../src/bytes/double.ts';

function parsed(text: string): number {
  const bytes = Buffer.from(`7.8${text}1.23`);
  return parseDouble(bytes, 3, 3 + text.length);
}

for (const text of [
  '0.0',
  '-0.0',
  '0.1',
  '1861.557',
  '999999999.',
  '12345678.9',
  '123456789.1',
  '1e5',
  '1E-7',
  '5e-324',
  '-1.5',
  '9007199254740993.0',
  '1.7976931348623157e308',
  '1e400',
]) {
  test(`parseDouble() reads ${text} as JavaScript does`, () =>
    assert.equal(Object.is(parsed(text), Number(text)), true));
}

test('parseDouble() rounds as JavaScript does, short or long', () => {
  const decimal = fc
    .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.integer({ min: 0, max: 20 }))
    .map(([isNegative, digits, point]) => {
      const text = String(digits).padStart(point + 1, '0');
      return `${isNegative ? '-' : ''}${text.slice(0, text.length - point)}.${text.slice(text.length - point) || '0'}`;
    });
  fc.assert(
    fc.property(fc.oneof(decimal, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)), (text) =>
      assert.equal(Object.is(parsed(text), Number(text)), true),
    ),
    { numRuns: 5000 },
  );
});
